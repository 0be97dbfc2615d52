import Capacity
import JSON
import KubernetesModel

/// A plain Deployment of engine servers with a Service in front: what runtimes without an operator make.
enum PlainDeployment {
    /// Both objects, and the config map of an engine that has one.
    static func manifests(_ pod: EnginePod) -> [Manifest] {
        let spec = pod.spec
        let selector = OwnMarks.identity(spec)
        let deployment = ManifestType.deployment.manifest(
            metadata: OwnMarks.metadata(spec),
            [
                "spec": [
                    "replicas": .integer(Int64(spec.workers.replicas.count)),
                    "selector": ["matchLabels": selector],
                    "strategy": strategy(pod.group),
                    "progressDeadlineSeconds": .integer(EnginePod.startupSeconds),
                    "template": pod.template,
                ]
            ]
        )
        let service = ManifestType.service.manifest(
            metadata: OwnMarks.metadata(spec),
            [
                "spec": [
                    "type": "ClusterIP", "selector": selector,
                    "ports": [
                        [
                            "name": "http", "port": .integer(Int64(pod.port)), "targetPort": "http",
                            "protocol": "TCP",
                        ]
                    ],
                ]
            ]
        )
        return [deployment, service] + (pod.configMap.map { [$0] } ?? [])
    }

    /// GPUs are seldom there twice: an update ends a pod before it starts the next one.
    static func strategy(_ group: WorkerGroup) -> JSONValue {
        group.gpus > 0
            ? ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": 0, "maxUnavailable": 1]]
            : ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": 1, "maxUnavailable": 0]]
    }

    /// What of a specification no runtime can do whose pods one server each has, without a router or an autoscaler of its own.
    static func problems(of spec: DeploymentSpec, _ runtime: RuntimeID) -> [JSONFieldProblem] {
        var problems: [JSONFieldProblem] = []
        func report(_ field: String, _ problem: String) {
            problems.append(JSONFieldProblem(field, "\(problem) with the provider \(runtime.rawValue)"))
        }
        if spec.router != .none { report("routerMode", "must be none") }
        if runtime != .kserve {
            for (field, bound) in [
                ("minReplicas", spec.workers.replicas.minimum),
                ("maxReplicas", spec.workers.replicas.maximum),
            ] where bound != nil && bound != spec.workers.replicas.count {
                report(field, "must be left out: nothing scales a deployment by itself")
            }
        }
        if spec.engine != .llamaCpp {
            if spec.model.file != nil { report("ggufFile", "must be left out") }
            if spec.workers.gpus == 0, spec.image == nil {
                report("resources.gpu", "must be at least 1 unless an image for processors is named,")
            }
        }
        return problems
    }

    /// What a Deployment says; nil when none of its containers is the server of one of these engines, or when it belongs to another
    /// object, as those of operators do.
    static func read(
        _ object: KubernetesObject,
        _ runtime: RuntimeID,
        serving engines: [InferenceEngine]
    ) -> DeploymentReading? {
        guard object.controller == nil else { return nil }
        var reading = DeploymentReading(object, runtime)
        if reading.isManaged, object.label(OwnMarks.runtime) != runtime.rawValue { return nil }
        if reading.spec == nil {
            let containers = object.spec["template"]?["spec"]?["containers"]?.arrayValue ?? []
            let server = containers.lazy.compactMap(EngineServer.init).first
            if let server, engines.contains(server.engine) {
                server.describe(&reading)
            } else if !reading.isManaged {
                return nil
            }
        }
        if reading.pods.isEmpty { reading.pods = [.deployment(object.name)] }
        readStatus(object, &reading)
        return reading
    }

    /// Reads how it stands (apps/v1 DeploymentStatus).
    private static func readStatus(_ object: KubernetesObject, _ reading: inout DeploymentReading) {
        let status = object.status
        func count(_ key: String) -> Int { Int(clamping: status[key]?.integerValue ?? 0) }
        reading.replicas = ReplicaCounts(
            desired: Int(clamping: object.spec["replicas"]?.integerValue ?? 1),
            ready: count("readyReplicas"),
            available: count("availableReplicas")
        )
        let isObserved = (status["observedGeneration"]?.integerValue ?? 0) >= object.generation
        let counts = reading.replicas
        let hasFailed = reading.condition("ReplicaFailure")?.isTrue == true
        let isStuck = reading.condition("Progressing")?.reason == "ProgressDeadlineExceeded"
        if !isObserved {
            reading.phase = counts.ready > 0 ? .deploying : .pending
        } else if counts.ready >= counts.desired, count("updatedReplicas") >= counts.desired {
            reading.phase = .running
        } else if hasFailed, count("replicas") < counts.desired {
            reading.phase = .failed
            reading.message = reading.condition("ReplicaFailure")?.message ?? ""
        } else {
            reading.phase = .deploying
            if isStuck { reading.message = reading.condition("Progressing")?.message ?? "" }
        }
    }
}
