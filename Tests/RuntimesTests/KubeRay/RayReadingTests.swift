import Capacity
import JSON
import KubernetesModel
import Testing

@testable import Runtimes

/// Services as KubeRay's operator (1.3 to 1.7) leaves them.
@Suite struct RayReadingTests {
    /// As KubeRay's own sample has it.
    private static let sample = """
        applications:
        - name: llms
          import_path: ray.serve.llm:build_openai_app
          route_prefix: "/"
          args:
            llm_configs:
            - model_loading_config:
                model_id: qwen2.5-7b-instruct
                model_source: Qwen/Qwen2.5-7B-Instruct
              engine_kwargs: {dtype: bfloat16, max_model_len: 1024}
              deployment_config:
                autoscaling_config: {min_replicas: 1, max_replicas: 4, target_ongoing_requests: 64}
        """

    private static let apart = """
        applications:
          - name: "pd-disaggregation"
            import_path: "ray.serve.llm:build_pd_openai_app"
            args:
              prefill_config:
                model_loading_config: {model_id: "m", model_source: "org/m"}
              decode_config:
                model_loading_config: {model_id: "m", model_source: "org/m"}
        """

    private static func service(
        _ configuration: String,
        groups: JSONValue = [["groupName": "gpu-group", "replicas": 2, "minReplicas": 1, "maxReplicas": 4]],
        autoscales: Bool = false,
        _ status: JSONValue = [:]
    ) -> KubernetesObject {
        var cluster: JSONValue = ["workerGroupSpecs": groups]
        if autoscales { cluster["enableInTreeAutoscaling"] = true }
        return KubernetesObject([
            "apiVersion": "ray.io/v1", "kind": "RayService",
            "metadata": ["name": "llm", "namespace": "team", "uid": "u", "generation": 1],
            "spec": ["serveConfigV2": .string(configuration), "rayClusterConfig": cluster],
            "status": status,
        ])
    }

    private static func reading(_ object: KubernetesObject) throws -> DeploymentReading {
        try #require(KubeRayRuntime.read(object))
    }

    /// A cluster with an application, as `activeServiceStatus` and `pendingServiceStatus` have it.
    private static func cluster(
        _ name: String,
        _ application: JSONValue,
        workers: Int64 = 2
    ) -> JSONValue {
        [
            "rayClusterName": .string(name), "applicationStatuses": ["llms": application],
            "rayClusterStatus": [
                "state": "ready", "desiredWorkerReplicas": 2, "readyWorkerReplicas": .integer(workers),
                "availableWorkerReplicas": .integer(workers),
            ],
        ]
    }

    private static let running: JSONValue = [
        "status": "RUNNING", "serveDeploymentStatuses": ["LLMServer:m": ["status": "HEALTHY"]],
    ]

    private static func ready(_ status: String, _ reason: String, _ message: String) -> JSONValue {
        ["type": "Ready", "status": .string(status), "reason": .string(reason), "message": .string(message)]
    }

    private static func status(
        active: JSONValue = [:],
        pending: JSONValue = [:],
        ready: JSONValue = ready(
            "True",
            "NonZeroServeEndpoints",
            "Number of serve endpoints is greater than 0"
        )
    ) -> JSONValue {
        [
            "activeServiceStatus": active, "pendingServiceStatus": pending, "conditions": [ready],
            "observedGeneration": 1,
        ]
    }

    @Test func theModelIsInServesConfiguration() throws {
        let reading = try Self.reading(Self.service(Self.sample))
        #expect(reading.modelID == "Qwen/Qwen2.5-7B-Instruct" && reading.servedName == "qwen2.5-7b-instruct")
        #expect(reading.engine == .vllm && reading.mode == .aggregated && !reading.isManaged)
        #expect(reading.replicas == ReplicaCounts(desired: 2))
        #expect(reading.endpoint == ServiceEndpoint("llm-serve-svc", port: 8000))
        #expect(reading.phase == .pending && reading.pods.isEmpty)
    }

    @Test func prefillAndDecodeHaveGroupsOfTheirOwn() throws {
        let groups: JSONValue = [
            ["groupName": "prefill-group", "replicas": 2], ["groupName": "decode-group", "replicas": 1],
        ]
        let reading = try Self.reading(Self.service(Self.apart, groups: groups))
        #expect(reading.mode == .disaggregated && reading.modelID == "org/m" && reading.servedName == "m")
        #expect(reading.prefill == ReplicaCounts(desired: 2) && reading.decode == ReplicaCounts(desired: 1))
        #expect(reading.replicas.desired == 3)
    }

    @Test func anApplicationOfOnesOwnTellsItsModelByAVariable() throws {
        let own = """
            applications:
              - name: llm
                import_path: serve_vllm:model
                runtime_env: {env_vars: {MODEL_ID: org/m, TENSOR_PARALLELISM: "1"}}
            """
        let reading = try Self.reading(Self.service(own))
        #expect(reading.modelID == "org/m" && reading.servedName == "org/m")
    }

    @Test(arguments: [
        "", "applications: []", "applications: [{name: a, import_path: \"fruit:app\"}]", "a: [", "- 1",
    ])
    func aServiceWithoutALanguageModelIsNoDeployment(configuration: String) {
        #expect(KubeRayRuntime.read(Self.service(configuration)) == nil)
    }

    @Test func aServiceWhoseApplicationsRunOnAllWorkersRuns() throws {
        let reading = try Self.reading(
            Self.service(Self.sample, Self.status(active: Self.cluster("llm-abcde", Self.running)))
        )
        #expect(reading.phase == .running && reading.message.isEmpty)
        #expect(reading.replicas == ReplicaCounts(desired: 2, ready: 2))
        #expect(reading.pods == [.label("ray.io/cluster", "llm-abcde")])
    }

    @Test func aServiceThatWaitsForWorkersIsDeployed() throws {
        let deploying: JSONValue = [
            "status": "DEPLOYING",
            "serveDeploymentStatuses": [
                "LLMServer:m": [
                    "status": "UPDATING",
                    "message":
                        "Deployment 'LLMServer:m' in application 'llms' has 1 replicas that have taken more than 30s to be scheduled.",
                ], "OpenAiIngress": ["status": "HEALTHY"],
            ],
        ]
        let reading = try Self.reading(
            Self.service(
                Self.sample,
                Self.status(
                    pending: Self.cluster("llm-abcde", deploying, workers: 0),
                    ready: Self.ready("False", "Initializing", "RayService is initializing")
                )
            )
        )
        #expect(reading.phase == .deploying && reading.replicas.ready == 0)
        #expect(reading.message.hasPrefix("LLMServer:m: Deployment 'LLMServer:m'"))
        #expect(reading.pods == [.label("ray.io/cluster", "llm-abcde")])
    }

    @Test(arguments: ["DEPLOY_FAILED", "UNHEALTHY"])
    func anApplicationThatFailedHasTheLastWord(status: String) throws {
        let failed: JSONValue = [
            "status": .string(status), "message": "Deploying app 'llms' failed with exception: OSError",
        ]
        for isActive in [true, false] {
            let cluster = Self.cluster("llm-abcde", failed)
            let status = isActive ? Self.status(active: cluster) : Self.status(pending: cluster)
            let reading = try Self.reading(Self.service(Self.sample, status))
            #expect(reading.phase == .failed)
            #expect(reading.message == "Deploying app 'llms' failed with exception: OSError")
        }
    }

    @Test func anUpgradeThatFailsLeavesWhatServesAndSaysWhy() throws {
        let status = Self.status(
            active: Self.cluster("llm-aaaaa", Self.running),
            pending: Self.cluster("llm-bbbbb", ["status": "DEPLOY_FAILED", "message": "no such model"])
        )
        let reading = try Self.reading(Self.service(Self.sample, status))
        #expect(reading.phase == .deploying && reading.message == "no such model")
        #expect(
            reading.pods == [
                .label("ray.io/cluster", "llm-aaaaa"), .label("ray.io/cluster", "llm-bbbbb"),
            ]
        )
    }

    @Test(arguments: ["ValidationFailed", "InitializingTimeout"])
    func whatNoWaitingCuresIsAFailure(reason: String) throws {
        let status = Self.status(ready: Self.ready("False", reason, "why"))
        let reading = try Self.reading(Self.service(Self.sample, status))
        #expect(reading.phase == .failed && reading.message == "why")
    }

    @Test func aServiceWithoutEndpointsOrOfAnotherGenerationDoesNotRun() throws {
        var status = Self.status(
            active: Self.cluster("llm-abcde", Self.running),
            ready: Self.ready("False", "ZeroServeEndpoints", "Number of serve endpoints dropped to 0")
        )
        let reading = try Self.reading(Self.service(Self.sample, status))
        #expect(reading.phase == .deploying && reading.message == "Number of serve endpoints dropped to 0")
        status = Self.status(active: Self.cluster("llm-abcde", Self.running))
        var object = Self.service(Self.sample, status)
        object.json[at: "metadata", "generation"] = 2
        #expect(try Self.reading(object).phase == .deploying)
    }

    @Test func whyPodsCannotBeMadeIsTold() throws {
        var cluster = Self.cluster("llm-abcde", Self.running, workers: 0)
        cluster["applicationStatuses"] = nil
        cluster[at: "rayClusterStatus", "conditions"] = [
            [
                "type": "ReplicaFailure", "status": "True", "reason": "FailedCreateWorkerPod",
                "message": "pods is forbidden: exceeded quota",
            ]
        ]
        let reading = try Self.reading(Self.service(Self.sample, Self.status(pending: cluster)))
        #expect(reading.phase == .deploying && reading.message == "pods is forbidden: exceeded quota")
    }

    @Test func theAutoscalersNumberCountsWhereThereIsOne() throws {
        var cluster = Self.cluster("llm-abcde", Self.running, workers: 3)
        cluster[at: "rayClusterStatus", "desiredWorkerReplicas"] = 3
        let scaled = try Self.reading(
            Self.service(Self.sample, autoscales: true, Self.status(active: cluster))
        )
        #expect(scaled.replicas == ReplicaCounts(desired: 3, ready: 3) && scaled.phase == .running)
        let fixed = try Self.reading(Self.service(Self.sample, Self.status(active: cluster)))
        #expect(fixed.replicas == ReplicaCounts(desired: 2, ready: 2))
    }

    @Test func aSideThatServeCallsHealthyIsReadyBeforeTheOther() throws {
        let groups: JSONValue = [
            ["groupName": "prefill-group", "replicas": 1], ["groupName": "decode-group", "replicas": 1],
        ]
        let half: JSONValue = [
            "status": "DEPLOYING",
            "serveDeploymentStatuses": [
                "Prefill:m": ["status": "HEALTHY"], "Decode:m": ["status": "UPDATING"],
            ],
        ]
        let status = Self.status(active: Self.cluster("llm-abcde", half, workers: 1))
        let reading = try Self.reading(Self.service(Self.apart, groups: groups, status))
        #expect(reading.prefill?.ready == 1 && reading.decode?.ready == 0)
        #expect(reading.phase == .deploying)
    }
}
