import JSON
import KubernetesModel
import Testing

@testable import EmbeddedCluster

@Suite(.timeLimit(.minutes(10)))
struct KServeOperatorTests {
    private static let service: JSONValue = [
        "metadata": ["labels": ["app.kubernetes.io/instance": "qwen"]],
        "spec": [
            "predictor": [
                "minReplicas": 2, "maxReplicas": 3,
                "model": [
                    "modelFormat": ["name": "huggingface"], "args": ["--model_id=Qwen/Qwen2.5-0.5B"],
                    "storageUri": "hf://Qwen/Qwen2.5-0.5B",
                    "resources": [
                        "limits": ["cpu": "6", "memory": "24Gi", "nvidia.com/gpu": "1"],
                        "requests": ["cpu": "6", "memory": "24Gi", "nvidia.com/gpu": "1"],
                    ],
                ],
                "tolerations": [["key": "nvidia.com/gpu", "operator": "Exists"]],
            ]
        ],
    ]

    private static func isLoaded(_ service: KubernetesObject) -> Bool {
        service.isTrue("Ready") && service.status["modelStatus"]?["states"]?["activeModelState"] == "Loaded"
    }

    private static func state(_ service: KubernetesObject) -> JSONValue? {
        service.status["modelStatus"]?["states"]?["targetModelState"]
    }

    private func loaded(_ cluster: OperatorCluster) async throws -> KubernetesObject {
        try await cluster.install("kserve")
        try await cluster.running.create(KServeOperator.services, "qwen", Self.service)
        return try await cluster.eventually("it is loaded", KServeOperator.services, "qwen", Self.isLoaded)
    }

    @Test(
        "a service gets a deployment of the runtime that suits its model, a service, and a URL once it is ready"
    )
    func serves() async throws {
        let cluster = try await OperatorCluster()
        let service = try await loaded(cluster)
        for type in ["PredictorReady", "IngressReady"] { #expect(service.isTrue(type)) }
        let types = service.status["conditions"]?.arrayValue?.compactMap { $0["type"]?.stringValue }
        #expect(types == ["IngressReady", "PredictorReady", "Ready"])
        let status = service.status
        #expect(status["url"] == "http://qwen-default.example.com")
        #expect(status["address"]?["url"] == "http://qwen-predictor.default.svc.cluster.local")
        #expect(status["components"]?["predictor"]?["url"] == "http://qwen-predictor-default.example.com")
        #expect(status["modelStatus"]?["transitionStatus"] == "UpToDate")
        #expect(status["deploymentMode"] == "RawDeployment")
        #expect(service.finalizers == ["inferenceservice.finalizers"])
        let pods = cluster.pods("serving.kserve.io/inferenceservice", "qwen")
        #expect(pods.count == 2)
        #expect(
            pods.allSatisfy {
                $0.label("app") == "isvc.qwen-predictor" && $0.label("component") == "predictor"
            }
        )
        let pod = try #require(pods.first)
        let container = pod.spec["containers"]?[0]
        #expect(container?["name"] == "kserve-container")
        #expect(container?["image"] == "kserve/huggingfaceserver:v0.15.2")
        #expect(container?["args"] == ["--model_name=qwen", "--model_id=Qwen/Qwen2.5-0.5B"])
        #expect(container?["resources"]?["limits"] == ["cpu": "6", "memory": "24Gi", "nvidia.com/gpu": "1"])
        #expect(pod.spec["initContainers"]?[0]?["args"] == ["hf://Qwen/Qwen2.5-0.5B", "/mnt/models"])
        #expect(pod.label("app.kubernetes.io/instance") == "qwen")
        let port = cluster.running.get(.services, "qwen-predictor")?.spec["ports"]?[0]
        #expect(port?["port"] == 80 && port?["targetPort"] == 8080)
        try await cluster.eventually("it leads to the pods", .endpoints, "qwen-predictor") {
            $0.json["subsets"]?[0]?["addresses"]?.arrayValue?.count == 2
        }
        try await cluster.running.eventually("an event tells so") { state in
            state.objects(.events, in: "default").contains {
                $0.json["reason"] == "InferenceServiceReady"
                    && $0.json["message"] == "InferenceService [qwen] is Ready"
            }
        }
    }

    @Test("a container of the user's own is served as it is")
    func servesOwnContainers() async throws {
        let cluster = try await OperatorCluster()
        try await cluster.install("kserve")
        try await cluster.running.create(
            KServeOperator.services,
            "own",
            [
                "spec": [
                    "predictor": [
                        "containers": [
                            [
                                "name": "kserve-container", "image": "ghcr.io/ggml-org/llama.cpp:server",
                                "ports": [["containerPort": 9000, "protocol": "TCP"]],
                            ]
                        ]
                    ]
                ]
            ]
        )
        try await cluster.eventually("it is loaded", KServeOperator.services, "own", Self.isLoaded)
        let container = cluster.pods("serving.kserve.io/inferenceservice", "own").first?.spec["containers"]?[
            0
        ]
        #expect(container?["readinessProbe"]?["tcpSocket"]?["port"] == 9000)
        #expect(cluster.running.get(.services, "own-predictor")?.spec["ports"]?[0]?["targetPort"] == 9000)
    }

    @Test("the deployment is scaled by its bounds, and by others within them")
    func scales() async throws {
        let cluster = try await OperatorCluster()
        _ = try await loaded(cluster)
        func count(_ number: Int) async throws {
            try await cluster.eventually("it has \(number) pods", .deployments, "qwen-predictor") {
                $0.status["readyReplicas"]?.integerValue == Int64(number)
                    && $0.spec["replicas"]?.integerValue == Int64(number)
            }
        }
        try await cluster.running.update(.deployments, "qwen-predictor") {
            $0.json[at: "spec", "replicas"] = 3
        }
        try await count(3)
        try await cluster.running.update(.deployments, "qwen-predictor") {
            $0.json[at: "spec", "replicas"] = 9
        }
        try await count(3)
        try await cluster.running.update(KServeOperator.services, "qwen") {
            $0.json[at: "spec", "predictor", "minReplicas"] = 1
            $0.json[at: "spec", "predictor", "maxReplicas"] = 1
        }
        try await count(1)
    }

    @Test(
        "while pods cannot start the service is not ready; containers that crash have failed to load the model"
    )
    func showsFailures() async throws {
        let cluster = try await OperatorCluster(clock: ManualClock(), pace: .brisk)
        try await cluster.install("kserve", passing: .seconds(60))
        var broken = Self.service
        broken[at: "metadata", "annotations"] = ["ingot.dev/simulate": "CrashLoopBackOff"]
        try await cluster.running.create(KServeOperator.services, "qwen", broken)
        let failed = try await cluster.eventually(
            "it fails",
            KServeOperator.services,
            "qwen",
            passing: .seconds(60)
        ) {
            Self.state($0) == "FailedToLoad" && $0.condition("PredictorReady")?["status"] == "False"
        }
        #expect(failed.condition("Ready")?["status"] == "False")
        #expect(failed.condition("Ready")?["reason"] == "MinimumReplicasUnavailable")
        #expect(failed.status["modelStatus"]?["transitionStatus"] == "BlockedByFailedLoad")
        #expect(failed.status["modelStatus"]?["lastFailureInfo"]?["reason"] == "ModelLoadFailed")
        #expect(failed.status["modelStatus"]?["lastFailureInfo"]?["exitCode"] == 1)
        try await cluster.running.update(KServeOperator.services, "qwen") {
            $0.json[at: "metadata", "annotations", "ingot.dev/simulate"] = nil
        }
        try await cluster.eventually(
            "it is loaded",
            KServeOperator.services,
            "qwen",
            passing: .seconds(60),
            Self.isLoaded
        )
    }

    @Test("a model without a runtime is invalid until there is one")
    func waitsForRuntimes() async throws {
        let cluster = try await OperatorCluster()
        try await cluster.install("kserve")
        var other = Self.service
        other[at: "spec", "predictor", "model", "modelFormat"] = ["name": "gguf"]
        try await cluster.running.create(KServeOperator.services, "qwen", other)
        let invalid = try await cluster.eventually("it is invalid", KServeOperator.services, "qwen") {
            $0.status["modelStatus"]?["transitionStatus"] == "InvalidSpec"
        }
        #expect(Self.state(invalid) == "FailedToLoad")
        #expect(invalid.status["modelStatus"]?["lastFailureInfo"]?["reason"] == "NoSupportingRuntime")
        try await cluster.running.create(
            KServeOperator.runtimes,
            "llama-cpp",
            [
                "spec": [
                    "supportedModelFormats": [["name": "gguf", "autoSelect": true]],
                    "containers": [
                        ["name": "kserve-container", "image": "ghcr.io/ggml-org/llama.cpp:server"]
                    ],
                ]
            ]
        )
        try await cluster.eventually("it is loaded", KServeOperator.services, "qwen", Self.isLoaded)
        try await cluster.running.update(KServeOperator.services, "qwen") {
            $0.json[at: "spec", "predictor", "model", "runtime"] = "absent"
        }
        try await cluster.eventually("its runtime is not known", KServeOperator.services, "qwen") {
            $0.status["modelStatus"]?["lastFailureInfo"]?["reason"] == "RuntimeNotRecognized"
        }
    }

    @Test("a service that is deleted takes everything with it")
    func deletes() async throws {
        let cluster = try await OperatorCluster()
        _ = try await loaded(cluster)
        try await cluster.running.delete(KServeOperator.services, "qwen")
        try await cluster.eventuallyNone([KServeOperator.services, .deployments, .pods, .services])
    }
}
