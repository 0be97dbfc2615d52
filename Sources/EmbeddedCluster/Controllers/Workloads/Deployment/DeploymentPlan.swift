import JSON
import KubernetesModel

/// The annotations by which a deployment, its replica sets and `kubectl rollout` know revisions (deployment util).
enum DeploymentAnnotation {
    static let revision = "deployment.kubernetes.io/revision"
    static let revisionHistory = "deployment.kubernetes.io/revision-history"
    static let desiredReplicas = "deployment.kubernetes.io/desired-replicas"
    static let maxReplicas = "deployment.kubernetes.io/max-replicas"
    static let hashLabel = "pod-template-hash"

    /// Those of a deployment that its replica sets do not take over.
    static let own: Set<String> = [
        "kubectl.kubernetes.io/last-applied-configuration", revision, revisionHistory, desiredReplicas,
        maxReplicas, "deprecated.deployment.rollback.to",
    ]
}

/// What a deployment asks for, in numbers.
struct DeploymentPlan {
    let deployment: KubernetesObject

    var replicas: Int64 { deployment.spec.integer("replicas", default: 1) }
    var isPaused: Bool { deployment.spec["paused"]?.boolValue == true }
    var isRolling: Bool { deployment.spec["strategy"]?["type"] == "RollingUpdate" }
    var minReadySeconds: Int64 { deployment.spec.integer("minReadySeconds") }
    var template: JSONValue { deployment.spec["template"] ?? .null }

    /// The deadline for progress, seconds; nil for none.
    var progressDeadline: Int64? {
        deployment.spec["progressDeadlineSeconds"]?.integerValue.flatMap { $0 == Int64(Int32.max) ? nil : $0 }
    }

    /// How many pods more than asked for there may be, and how many fewer may be available. Not both are 0 (ResolveFenceposts).
    private var fenceposts: (surge: Int64, unavailable: Int64) {
        guard isRolling else { return (0, 0) }
        let rolling = deployment.spec["strategy"]?["rollingUpdate"]
        let surge = rolling?["maxSurge"]?.scaled(replicas, roundingUp: true) ?? 0
        let unavailable = rolling?["maxUnavailable"]?.scaled(replicas, roundingUp: false) ?? 0
        return surge == 0 && unavailable == 0 ? (0, 1) : (surge, unavailable)
    }

    var maxSurge: Int64 { fenceposts.surge }
    var maxUnavailable: Int64 { replicas == 0 ? 0 : min(fenceposts.unavailable, replicas) }

    func matches(_ set: KubernetesObject) -> Bool {
        TemplateDigest.areEqual(set.spec["template"] ?? .null, template)
    }
}

/// The replica sets of one deployment.
struct DeploymentSets {
    /// The one with the deployment's present template, once there is one.
    var new: KubernetesObject?
    /// The others.
    var old: [KubernetesObject]

    init(_ sets: [KubernetesObject], _ plan: DeploymentPlan) {
        let sorted = sets.sorted(by: Self.isOlder)
        new = sorted.first(where: plan.matches)
        let uid = new?.uid
        old = sorted.filter { $0.uid != uid }
    }

    var all: [KubernetesObject] { old + (new.map { [$0] } ?? []) }

    /// The order of creation.
    static func isOlder(_ left: KubernetesObject, _ right: KubernetesObject) -> Bool {
        guard let first = left.creationTimestamp, let second = right.creationTimestamp, first != second else {
            return left.name < right.name
        }
        return first < second
    }
}

extension KubernetesObject {
    /// The pods that a replica set asks for.
    var desiredReplicas: Int64 { spec.integer("replicas", default: 1) }
    /// The revision of a deployment or of its replica set; 0 when it has none.
    var deploymentRevision: Int64 { annotation(DeploymentAnnotation.revision).flatMap(Int64.init) ?? 0 }
}

extension Sequence<KubernetesObject> {
    /// The pods that replica sets ask for, altogether.
    var desiredReplicas: Int64 { reduce(0) { $0 + $1.desiredReplicas } }

    /// The sum of an integer in the status.
    func total(_ field: String) -> Int64 { reduce(0) { $0 + $1.status.integer(field) } }
}
