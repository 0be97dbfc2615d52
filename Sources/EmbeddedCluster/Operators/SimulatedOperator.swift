import JSON
import KubernetesModel

/// An operator for model inference that the cluster plays: what its installation leaves in the API, and what it then does.
///
/// Its pod is a simulated one that does nothing; its controllers run in this process, and work only while that pod is ready, so
/// that an operator that is scaled down or cannot start does nothing here either.
struct SimulatedOperator: Sendable {
    /// The name by which it is installed, such as `dynamo`.
    let id: String
    /// Its namespace.
    let namespace: String
    /// The name of its deployment.
    let deployment: String
    /// The labels of its deployment and pods, which select the latter.
    let labels: JSONValue
    /// The container that the real operator runs.
    let container: JSONValue
    /// The definitions that come with it.
    let definitions: [CustomDefinition]
    /// Objects of those definitions that come with it, without a namespace.
    var customObjects: [(GroupResource, JSONValue)] = []

    /// The annotation that tells people what the label means.
    static let notice = "ingot.dev/simulated-operator"

    /// The annotation of a definition that its operator's removal takes along.
    static let release = "ingot.dev/removed-with-operator"

    /// Whether its definitions and its deployment are there.
    func isInstalled(_ state: ClusterState) -> Bool {
        state.object(.deployments, namespace, deployment).map { !$0.isBeingDeleted } == true
            && definitions.allSatisfy { isServed($0.resource, state) }
    }

    /// Whether the collection is defined and stays so.
    func isServed(_ resource: GroupResource, _ state: ClusterState) -> Bool {
        guard
            let definition = state.object(
                .customResourceDefinitions,
                ObjectKey(name: resource.description)
            )
        else { return false }
        return !definition.isBeingDeleted
            && definition.condition("Established")?["status"]?.stringValue == "True"
    }

    /// Whether the definition goes by the operator's own removal, after which nobody else would let its objects go.
    func isReleasing(_ resource: GroupResource, _ state: ClusterState) -> Bool {
        let key = ObjectKey(name: resource.description)
        guard let definition = state.object(.customResourceDefinitions, key) else { return false }
        return definition.isBeingDeleted && definition.annotation(Self.release) != nil
    }

    /// Whether a pod of the operator is ready.
    func isRunning(_ state: ClusterState) -> Bool {
        state.objects(.pods, in: namespace).contains { pod in
            isOwn(pod) && !pod.isBeingDeleted && PodState.isReady(pod)
        }
    }

    /// Whether the pod is one of the operator's.
    func isOwn(_ pod: KubernetesObject) -> Bool {
        pod.namespace == namespace
            && (labels.objectValue ?? JSONMembers()).allSatisfy { pod.label($0.key) == $0.value.stringValue }
    }

    /// Marks an object as simulated.
    func mark(_ object: inout KubernetesObject) {
        object.setLabel(NodeLabels.simulated, "true")
        object.setAnnotation(
            Self.notice,
            "\(id): played by ingot's embedded cluster; no software of that operator runs here"
        )
    }

    /// What its installation makes besides the definitions, in order.
    var objects: [(GroupResource, KubernetesObject)] {
        let account = deployment
        let template: JSONValue = [
            "metadata": [
                "labels": labels.with(NodeLabels.simulated, "true"),
                "annotations": ["kubectl.kubernetes.io/default-container": container["name"] ?? "manager"],
            ],
            "spec": [
                "serviceAccountName": .string(account), "containers": [container],
                "terminationGracePeriodSeconds": 10,
            ],
        ]
        let parts: [(GroupResource, JSONValue)] = [
            (.namespaces, ["metadata": ["name": .string(namespace)]]),
            (
                .serviceAccounts,
                ["metadata": ["name": .string(account), "namespace": .string(namespace), "labels": labels]]
            ),
            (
                .deployments,
                [
                    "metadata": [
                        "name": .string(deployment), "namespace": .string(namespace), "labels": labels,
                    ],
                    "spec": [
                        "replicas": 1, "selector": ["matchLabels": labels], "template": template,
                    ],
                ]
            ),
        ]
        return (parts + customObjects).map { resource, json in
            var object = KubernetesObject(json)
            mark(&object)
            return (resource, object)
        }
    }
}

extension JSONValue {
    /// The object with one more member, or another value for it.
    func with(_ key: String, _ value: JSONValue?) -> JSONValue {
        var copy = self
        copy[key] = value
        return copy
    }
}
