import Capacity
import JSON
import KubernetesModel
import Testing

@testable import Runtimes

/// Graphs as Dynamo's operator (1.0 to 1.3) leaves them, with and without Grove.
@Suite struct DynamoReadingTests {
    private static func ready(_ status: String, _ reason: String, _ message: String) -> JSONValue {
        [
            "type": "Ready", "status": .string(status), "reason": .string(reason),
            "message": .string(message), "lastTransitionTime": "2026-07-01T10:00:00Z",
        ]
    }

    /// A graph of somebody else's, as upstream's examples are written.
    private static func graph(_ services: JSONValue, _ status: JSONValue = [:], framework: String? = nil)
        -> KubernetesObject
    {
        var json: JSONValue = [
            "apiVersion": "nvidia.com/v1alpha1", "kind": "DynamoGraphDeployment",
            "metadata": ["name": "llama", "namespace": "team", "uid": "u", "generation": 3],
            "spec": ["services": services], "status": status,
        ]
        json[at: "spec", "backendFramework"] = framework.map(JSONValue.string)
        return KubernetesObject(json)
    }

    private static let frontend: JSONValue = [
        "componentType": "frontend", "replicas": 1,
        "extraPodSpec": ["mainContainer": ["image": "nvcr.io/nvidia/ai-dynamo/sglang-runtime:1.3.1"]],
    ]

    private static func worker(_ arguments: JSONValue, _ more: JSONValue = [:]) -> JSONValue {
        var worker: JSONValue = [
            "componentType": "worker",
            "extraPodSpec": [
                "mainContainer": ["command": ["python3", "-m", "dynamo.sglang"], "args": arguments]
            ],
        ]
        for member in more.objectValue ?? JSONMembers() { worker[member.key] = member.value }
        return worker
    }

    private static func reading(_ object: KubernetesObject) throws -> DeploymentReading {
        try #require(DynamoRuntime.read(object))
    }

    private static let aggregated: JSONValue = [
        "Frontend": frontend,
        "decode": worker(
            ["--model-path", "Qwen/Qwen3-0.6B"],
            ["replicas": 2, "resources": ["limits": ["gpu": "2"]]]
        ),
    ]

    @Test func aGraphOfAnArrayOfWordsIsRead() throws {
        let reading = try Self.reading(Self.graph(Self.aggregated))
        #expect(!reading.isManaged && reading.spec == nil)
        #expect(reading.modelID == "Qwen/Qwen3-0.6B" && reading.servedName == "Qwen/Qwen3-0.6B")
        #expect(reading.engine == .sglang && reading.mode == .aggregated)
        #expect(reading.replicas == ReplicaCounts(desired: 2) && reading.gpus == 2)
        #expect(reading.endpoint == ServiceEndpoint("llama-frontend", port: 8000))
        #expect(reading.pods == [.label("nvidia.com/dynamo-graph-deployment-name", "llama")])
        #expect(reading.phase == .pending)
    }

    @Test func aGraphOfAShellScriptIsRead() throws {
        let script =
            "python3 -m dynamo.vllm --model 'org/my model' --served-model-name=\"x y\" --enforce-eager"
        let object = Self.graph([
            "Frontend": Self.frontend,
            "VllmPrefillWorker": [
                "componentType": "worker", "subComponentType": "prefill", "replicas": 2,
                "extraPodSpec": [
                    "mainContainer": ["command": ["/bin/sh", "-c"], "args": [.string(script)]]
                ],
            ],
            "VllmDecodeWorker": [
                "replicas": 1,
                "extraPodSpec": [
                    "mainContainer": ["command": ["/bin/sh", "-c"], "args": [.string(script)]]
                ],
            ],
            "Planner": ["componentType": "planner", "replicas": 1],
        ])
        let reading = try Self.reading(object)
        #expect(reading.modelID == "org/my model" && reading.servedName == "x y")
        #expect(reading.engine == .vllm && reading.mode == .disaggregated)
        #expect(reading.prefill?.desired == 2 && reading.decode?.desired == 1)
        #expect(reading.replicas.desired == 3)
    }

    @Test func theFrameworkThatTheGraphNamesIsTheEngine() throws {
        let services: JSONValue = ["worker": ["componentType": "worker"]]
        #expect(try Self.reading(Self.graph(services, framework: "trtllm")).engine == .tensorRTLLM)
        #expect(try Self.reading(Self.graph(services)).engine == nil)
        let named: JSONValue = ["TrtllmWorker": [:]]
        #expect(try Self.reading(Self.graph(named)).engine == .tensorRTLLM)
        #expect(try Self.reading(Self.graph(services)).endpoint == nil)
    }

    @Test(
        arguments: [
            ("initializing", DeploymentPhase.deploying), ("pending", .pending), ("failed", .failed),
            ("deploying", .deploying), ("", .pending),
        ]
    )
    func aStateThatIsNotSuccessfulIsToldWithItsReason(state: String, phase: DeploymentPhase) throws {
        let message = "Resources not ready: llama-decode: Component deployment not ready"
        let reading = try Self.reading(
            Self.graph(
                Self.aggregated,
                [
                    "state": .string(state), "observedGeneration": 3,
                    "conditions": [Self.ready("False", "some_resources_are_not_ready", message)],
                ]
            )
        )
        #expect(reading.phase == phase && reading.message == message)
        #expect(reading.condition("Ready")?.reason == "some_resources_are_not_ready")
    }

    private static func successful(_ counts: JSONValue, observed: Int64 = 3) -> KubernetesObject {
        graph(
            aggregated,
            [
                "state": "successful", "observedGeneration": .integer(observed),
                "conditions": [ready("True", "all_resources_are_ready", "All resources are ready")],
                "services": [
                    "Frontend": [
                        "componentKind": "Deployment", "componentName": "llama-frontend", "replicas": 1,
                        "readyReplicas": 1, "updatedReplicas": 1, "availableReplicas": 1,
                    ], "decode": counts,
                ],
            ]
        )
    }

    @Test func aDeploymentsReplicasAreCountedAndTheFrontendIsNone() throws {
        let reading = try Self.reading(
            Self.successful([
                "componentKind": "Deployment", "componentName": "llama-decode-1f3a9c2b", "replicas": 2,
                "readyReplicas": 2, "updatedReplicas": 2, "availableReplicas": 1,
            ])
        )
        #expect(reading.replicas == ReplicaCounts(desired: 2, ready: 2, available: 1))
        #expect(reading.phase == .running && reading.message.isEmpty)
    }

    @Test func aScalingGroupTellsAvailableReplicasOnlyAndACliqueReadyOnes() throws {
        for (key, kind) in [
            ("availableReplicas", "PodCliqueScalingGroup"), ("readyReplicas", "PodClique"),
        ] {
            let reading = try Self.reading(
                Self.successful([
                    "componentKind": .string(kind), "componentName": "llama-0-decode", "replicas": 2,
                    "updatedReplicas": 2, key: 2,
                ])
            )
            #expect(reading.replicas == ReplicaCounts(desired: 2, ready: 2, available: 2))
            #expect(reading.phase == .running)
        }
    }

    @Test func successOfAnotherGenerationOrOfFewerReplicasIsNotRunning() throws {
        let counts: JSONValue = ["replicas": 2, "readyReplicas": 2, "availableReplicas": 2]
        #expect(try Self.reading(Self.successful(counts, observed: 2)).phase == .deploying)
        let fewer: JSONValue = ["replicas": 2, "readyReplicas": 1, "availableReplicas": 1]
        #expect(try Self.reading(Self.successful(fewer)).phase == .deploying)
    }

    @Test func aGraphThatIsBeingDeletedTerminatesWhateverItsState() throws {
        var object = Self.successful(["replicas": 2, "readyReplicas": 2])
        object.json[at: "metadata", "deletionTimestamp"] = "2026-07-01T10:00:00Z"
        let standing = DeploymentStanding(try Self.reading(object), [])
        #expect(standing.phase == .terminating)
    }
}
