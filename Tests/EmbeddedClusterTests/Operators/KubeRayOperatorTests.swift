import JSON
import KubernetesModel
import Testing

@testable import EmbeddedCluster

@Suite(.timeLimit(.minutes(10)))
struct KubeRayOperatorTests {
    private static let configuration = """
        applications:
          - name: "llm_app"
            import_path: "ray.serve.llm:build_openai_app"
            route_prefix: "/"
            args:
              llm_configs:
                - model_loading_config: {model_id: "Qwen/Qwen2.5-0.5B", model_source: "Qwen/Qwen2.5-0.5B"}
        """

    private static let image: JSONValue = "rayproject/ray-llm:2.52.0-py311-cu128"

    private static let clusterSpec: JSONValue = [
        "headGroupSpec": [
            "rayStartParams": ["num-gpus": "0"],
            "template": [
                "spec": [
                    "containers": [
                        [
                            "name": "ray-head", "image": image,
                            "resources": [
                                "limits": ["cpu": "4", "memory": "32Gi"],
                                "requests": ["cpu": "4", "memory": "32Gi"],
                            ],
                            "ports": [
                                ["name": "gcs-server", "containerPort": 6379],
                                ["name": "dashboard", "containerPort": 8265],
                                ["name": "serve", "containerPort": 8000],
                            ],
                        ]
                    ]
                ]
            ],
        ],
        "workerGroupSpecs": [
            [
                "groupName": "gpu-group", "replicas": 2, "minReplicas": 1, "maxReplicas": 4,
                "rayStartParams": [:],
                "template": [
                    "spec": [
                        "containers": [
                            [
                                "name": "ray-worker", "image": image,
                                "resources": [
                                    "limits": ["cpu": "8", "memory": "64Gi", "nvidia.com/gpu": "2"],
                                    "requests": ["cpu": "8", "memory": "64Gi", "nvidia.com/gpu": "2"],
                                ],
                            ]
                        ],
                        "tolerations": [
                            ["key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"]
                        ],
                    ]
                ],
            ]
        ],
    ]

    private static let service: JSONValue = [
        "spec": ["serveConfigV2": .string(configuration), "rayClusterConfig": clusterSpec]
    ]

    /// The specification with other annotations on the workers' pods.
    private static func workers(_ simulate: String?, _ spec: JSONValue = clusterSpec) -> JSONValue {
        var spec = spec
        var group = spec["workerGroupSpecs"]?[0] ?? [:]
        group[at: "template", "metadata"] = simulate.map {
            ["annotations": ["ingot.dev/simulate": .string($0)]]
        }
        spec["workerGroupSpecs"] = [group]
        return spec
    }

    private static func scaled(_ spec: JSONValue, to replicas: Int64) -> JSONValue {
        var spec = spec
        var group = spec["workerGroupSpecs"]?[0] ?? [:]
        group["replicas"] = .integer(replicas)
        spec["workerGroupSpecs"] = [group]
        return spec
    }

    private static func isRunning(_ service: KubernetesObject) -> Bool {
        service.status["serviceStatus"] == "Running"
    }

    private static func activeName(_ service: KubernetesObject) -> String? {
        service.status["activeServiceStatus"]?["rayClusterName"]?.stringValue
    }

    private func runningService(_ cluster: OperatorCluster) async throws -> KubernetesObject {
        try await cluster.install("kuberay")
        try await cluster.running.create(KubeRayOperator.services, "llm", Self.service)
        return try await cluster.eventually("it runs on all pods", KubeRayOperator.services, "llm") {
            Self.isRunning($0) && $0.status["numServeEndpoints"] == 3
        }
    }

    @Test(
        "a service gets a cluster, its pods, and services that lead to them, and runs once its applications do"
    )
    func serves() async throws {
        let cluster = try await OperatorCluster()
        let service = try await runningService(cluster)
        #expect(service.isTrue("Ready"))
        #expect(service.condition("Ready")?["reason"] == "NonZeroServeEndpoints")
        #expect(service.condition("UpgradeInProgress")?["reason"] == "NoPendingCluster")
        let active = service.status["activeServiceStatus"]
        let name = try #require(Self.activeName(service))
        #expect(name.hasPrefix("llm-") && name.utf8.count == 9)
        let application = active?["applicationStatuses"]?["llm_app"]
        #expect(application?["status"] == "RUNNING")
        let deployments = application?["serveDeploymentStatuses"]
        #expect(deployments?["LLMServer:Qwen--Qwen2_5-0_5B"]?["status"] == "HEALTHY")
        #expect(deployments?["OpenAiIngress"]?["status"] == "HEALTHY")
        let pods = cluster.pods("ray.io/cluster", name)
        #expect(pods.count == 3)
        let head = try #require(pods.first { $0.label("ray.io/node-type") == "head" })
        #expect(head.name.hasPrefix("\(name)-head-"))
        #expect(head.label("ray.io/group") == "headgroup" && head.label("ray.io/serve") == "true")
        let command = head.spec["containers"]?[0]?["args"]?[0]?.stringValue ?? ""
        #expect(command.contains("ray start --head") && command.contains("--num-gpus=0"))
        #expect(command.contains("--memory=34359738368"))
        let worker = try #require(pods.first { $0.label("ray.io/node-type") == "worker" })
        #expect(worker.name.hasPrefix("\(name)-gpu-group-worker-"))
        #expect(worker.spec["initContainers"]?[0]?["name"] == "wait-gcs-ready")
        #expect(
            worker.spec["containers"]?[0]?["args"]?[0]?.stringValue?
                .contains("--address=\(name)-head-svc.default.svc.cluster.local:6379") == true
        )
        let serve = try #require(cluster.running.get(.services, "llm-serve-svc"))
        #expect(serve.spec["ports"]?[0]?["port"] == 8000)
        #expect(serve.spec["selector"] == ["ray.io/cluster": .string(name), "ray.io/serve": "true"])
        #expect(cluster.running.get(.services, "llm-head-svc")?.spec["clusterIP"] == "None")
        #expect(cluster.running.get(.services, "\(name)-head-svc")?.controller?.kind == "RayCluster")
    }

    @Test("the status of a cluster counts its workers and sums up what they ask for")
    func describesCluster() async throws {
        let cluster = try await OperatorCluster()
        try await cluster.install("kuberay")
        try await cluster.running.create(KubeRayOperator.clusters, "ray", ["spec": Self.clusterSpec])
        let ray = try await cluster.eventually("it is ready", KubeRayOperator.clusters, "ray") {
            $0.status["state"] == "ready" && $0.isTrue("RayClusterProvisioned")
        }
        #expect(ray.isTrue("HeadPodReady"))
        #expect(ray.condition("RayClusterProvisioned")?["reason"] == "AllPodRunningAndReadyFirstTime")
        let status = ray.status
        #expect(status["desiredWorkerReplicas"] == 2 && status["availableWorkerReplicas"] == 2)
        #expect(status["minWorkerReplicas"] == 1 && status["maxWorkerReplicas"] == 4)
        #expect(status["desiredCPU"] == "20" && status["desiredMemory"] == "160Gi")
        #expect(status["desiredGPU"] == "4" && status["desiredTPU"] == "0")
        #expect(status["endpoints"]?["serve"] == "8000")
        #expect(status["head"]?["serviceName"] == "ray-head-svc")
        #expect(status["head"]?["podIP"] == status["head"]?["serviceIP"])
    }

    @Test("a cluster has as many workers as its group asks for, within the group's bounds")
    func scales() async throws {
        let cluster = try await OperatorCluster()
        let service = try await runningService(cluster)
        let name = try #require(Self.activeName(service))
        try await cluster.running.update(KubeRayOperator.clusters, name) {
            $0.spec = Self.scaled($0.spec, to: 9)
        }
        let grown = try await cluster.eventually("it has grown", KubeRayOperator.services, "llm") {
            $0.status["activeServiceStatus"]?["rayClusterStatus"]?["availableWorkerReplicas"] == 4
                && $0.status["numServeEndpoints"] == 5
        }
        #expect(Self.isRunning(grown) && Self.activeName(grown) == name)
        try await cluster.running.update(KubeRayOperator.clusters, name) {
            $0.spec = Self.scaled($0.spec, to: 0)
        }
        try await cluster.eventually("it has shrunk", KubeRayOperator.services, "llm") {
            $0.status["activeServiceStatus"]?["rayClusterStatus"]?["availableWorkerReplicas"] == 1
                && $0.status["numServeEndpoints"] == 2
        }
        #expect(cluster.pods("ray.io/cluster", name).count == 2)
    }

    @Test("other numbers of replicas in a service alone change nothing, as upstream")
    func keepsReplicas() async throws {
        let cluster = try await OperatorCluster()
        let service = try await runningService(cluster)
        let name = try #require(Self.activeName(service))
        try await cluster.running.update(KubeRayOperator.services, "llm") {
            $0.json[at: "spec", "rayClusterConfig"] = Self.scaled(Self.clusterSpec, to: 4)
        }
        let seen = try await cluster.eventually("it is seen", KubeRayOperator.services, "llm") {
            $0.status["observedGeneration"] == 2
        }
        #expect(Self.activeName(seen) == name)
        let replicas = cluster.running.get(KubeRayOperator.clusters, name)?.spec["workerGroupSpecs"]?[0]?[
            "replicas"
        ]
        #expect(replicas == 2)
    }

    @Test("while workers cannot start the service is not ready and its applications are being deployed")
    func showsWaitingWorkers() async throws {
        let cluster = try await OperatorCluster()
        try await cluster.install("kuberay")
        var broken = Self.service
        broken[at: "spec", "rayClusterConfig"] = Self.workers("ImagePullBackOff")
        try await cluster.running.create(KubeRayOperator.services, "llm", broken)
        let service = try await cluster.eventually("it deploys", KubeRayOperator.services, "llm") {
            $0.status["pendingServiceStatus"]?["applicationStatuses"]?["llm_app"]?["status"] == "DEPLOYING"
        }
        #expect(service.status["serviceStatus"] == nil)
        #expect(service.condition("Ready")?["reason"] == "Initializing")
        #expect(service.condition("UpgradeInProgress")?["status"] == "False")
        #expect(cluster.running.get(.services, "llm-serve-svc") == nil)
    }

    @Test(
        "workers that crash make applications fail; the reason why a head is not ready is told of its cluster"
    )
    func showsCrashes() async throws {
        let cluster = try await OperatorCluster(clock: ManualClock(), pace: .brisk)
        try await cluster.install("kuberay", passing: .seconds(60))
        var broken = Self.service
        broken[at: "spec", "rayClusterConfig"] = Self.workers("CrashLoopBackOff")
        try await cluster.running.create(KubeRayOperator.services, "llm", broken)
        let service = try await cluster.eventually(
            "it fails",
            KubeRayOperator.services,
            "llm",
            passing: .seconds(60)
        ) {
            $0.status["pendingServiceStatus"]?["applicationStatuses"]?["llm_app"]?["status"]
                == "DEPLOY_FAILED"
        }
        let message = service.status["pendingServiceStatus"]?["applicationStatuses"]?["llm_app"]?["message"]
        #expect(message?.stringValue?.contains("'LLMServer:Qwen--Qwen2_5-0_5B'") == true)
        var headless = Self.clusterSpec
        headless[at: "headGroupSpec", "template", "metadata"] = [
            "annotations": ["ingot.dev/simulate": "ImagePullBackOff"]
        ]
        try await cluster.running.create(KubeRayOperator.clusters, "ray", ["spec": headless])
        let ray = try await cluster.eventually(
            "the head cannot start",
            KubeRayOperator.clusters,
            "ray",
            passing: .seconds(60)
        ) {
            ["ImagePullBackOff", "ErrImagePull"].contains(
                $0.condition("HeadPodReady")?["reason"]?.stringValue
            )
        }
        #expect(ray.condition("RayClusterProvisioned")?["status"] == "False")
        #expect(ray.status["state"] == nil)
    }

    @Test("another pod template brings a new cluster that takes over once it serves; the old one then goes")
    func upgrades() async throws {
        let cluster = try await OperatorCluster()
        let first = try #require(Self.activeName(try await runningService(cluster)))
        try await cluster.running.update(KubeRayOperator.services, "llm") {
            $0.json[at: "spec", "rayClusterDeletionDelaySeconds"] = 0
            $0.json[at: "spec", "rayClusterConfig", "rayVersion"] = "2.53.0"
        }
        let upgraded = try await cluster.eventually("another is active", KubeRayOperator.services, "llm") {
            Self.activeName($0) != first && Self.isRunning($0)
                && $0.condition("UpgradeInProgress")?["status"] == "False"
        }
        let second = try #require(Self.activeName(upgraded))
        #expect(
            cluster.running.get(.services, "llm-serve-svc")?.spec["selector"]?["ray.io/cluster"]
                == .string(second)
        )
        try await cluster.running.eventually("the first is gone") { state in
            state.object(KubeRayOperator.clusters, "default", first) == nil
                && state.objects(.pods, in: "default").allSatisfy { $0.label("ray.io/cluster") == second }
        }
    }

    @Test("a cluster that is suspended loses its pods, and gets them back")
    func suspends() async throws {
        let cluster = try await OperatorCluster()
        try await cluster.install("kuberay")
        try await cluster.running.create(KubeRayOperator.clusters, "ray", ["spec": Self.clusterSpec])
        try await cluster.eventually("it is ready", KubeRayOperator.clusters, "ray") {
            $0.status["state"] == "ready"
        }
        try await cluster.running.update(KubeRayOperator.clusters, "ray") {
            $0.json[at: "spec", "suspend"] = true
        }
        try await cluster.eventually("it is suspended", KubeRayOperator.clusters, "ray") {
            $0.status["state"] == "suspended" && $0.isTrue("RayClusterSuspended")
        }
        #expect(cluster.pods("ray.io/cluster", "ray").isEmpty)
        try await cluster.running.update(KubeRayOperator.clusters, "ray") {
            $0.json[at: "spec", "suspend"] = false
        }
        try await cluster.eventually("it is back", KubeRayOperator.clusters, "ray") {
            $0.status["state"] == "ready" && $0.status["availableWorkerReplicas"] == 2
        }
    }

    @Test("a service that is deleted takes everything with it; a specification without containers is refused")
    func deletes() async throws {
        let cluster = try await OperatorCluster()
        _ = try await runningService(cluster)
        try await cluster.running.delete(KubeRayOperator.services, "llm")
        try await cluster.eventuallyNone([
            KubeRayOperator.services, KubeRayOperator.clusters, .pods, .services,
        ])
        var empty = Self.service
        empty[at: "spec", "rayClusterConfig", "headGroupSpec", "template", "spec", "containers"] = []
        try await cluster.running.create(KubeRayOperator.services, "empty", empty)
        let service = try await cluster.eventually("it is refused", KubeRayOperator.services, "empty") {
            $0.condition("Ready")?["reason"] == "ValidationFailed"
        }
        #expect(service.condition("Ready")?["message"] == "headGroupSpec should have at least one container")
    }
}
