import JSON
import KubernetesModel

/// A plain Deployment of engine servers with a Service in front: what runtimes without an operator make.
enum PlainDeployment {
    /// Both objects.
    static func manifests(_ pod: EnginePod) -> [Manifest] {
        let spec = pod.spec
        let selector = OwnMarks.identity(spec)
        let deployment = ManifestType.deployment.manifest(
            metadata: OwnMarks.metadata(spec),
            [
                "spec": [
                    "replicas": .integer(Int64(spec.workers.replicas.count)),
                    "selector": ["matchLabels": selector],
                    "strategy": strategy(pod),
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
        return [deployment, service]
    }

    /// GPUs are seldom there twice: an update ends a pod before it starts the next one.
    private static func strategy(_ pod: EnginePod) -> JSONValue {
        pod.group.gpus > 0
            ? ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": 0, "maxUnavailable": 1]]
            : ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": 1, "maxUnavailable": 0]]
    }

    /// What a Deployment says; the engine and the model of one that Ingot has not made are for the caller to tell.
    static func read(_ object: KubernetesObject, _ runtime: RuntimeID) -> DeploymentReading {
        var reading = DeploymentReading(object, runtime)
        if reading.pods.isEmpty { reading.pods = [.deployment(object.name)] }
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
            reading.phase = .pending
        } else if counts.ready >= counts.desired, count("updatedReplicas") >= counts.desired {
            reading.phase = .running
        } else if hasFailed, count("replicas") < counts.desired {
            reading.phase = .failed
            reading.message = reading.condition("ReplicaFailure")?.message ?? ""
        } else {
            reading.phase = .deploying
            if isStuck { reading.message = reading.condition("Progressing")?.message ?? "" }
        }
        return reading
    }
}
