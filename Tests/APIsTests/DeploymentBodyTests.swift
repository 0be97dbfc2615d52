import Capacity
import ControlPlane
import JSON
import KubernetesModel
import Testing

@testable import APIs
@testable import ControlPlane
@testable import Runtimes

/// A deployment as the API tells of it, as far as no cluster is needed to see it.
@Suite struct DeploymentBodyTests {
    private static func body(
        pods: [ServingPod] = [],
        _ change: (inout DeploymentReading) -> Void = { _ in }
    ) throws -> JSONValue {
        var reading = DeploymentReading(
            name: "qwen-deployment",
            namespace: "kubefoundry",
            uid: "1",
            runtime: .dynamo,
            spec: nil,
            isManaged: true
        )
        reading.modelID = "Qwen/Qwen3-0.6B"
        reading.engine = .vllm
        reading.phase = .running
        reading.replicas = ReplicaCounts(desired: 1, ready: 1, available: 1)
        reading.created = Timestamp(rfc3339: "2024-01-15T10:30:00Z")
        change(&reading)
        let record = DeploymentRecord(reading, pods, revision: 1)
        return try JSONValue(parsing: DeploymentBody(record: record).encoded())
    }

    private static func pod(_ change: (inout ServingPod) -> Void = { _ in }) -> ServingPod {
        var pod = ServingPod(name: "qwen-deployment-worker-0", phase: "Running")
        pod.isReady = true
        pod.node = "node-1"
        change(&pod)
        return pod
    }

    @Test func whatTheDocumentShowsIsToldAsItShowsIt() throws {
        let told = try Self.body(pods: [Self.pod()])
        let shown: JSONValue = [
            "name": "qwen-deployment", "namespace": "kubefoundry", "modelId": "Qwen/Qwen3-0.6B",
            "engine": "vllm", "phase": "Running",
            "replicas": ["desired": 1, "ready": 1, "available": 1], "createdAt": "2024-01-15T10:30:00Z",
        ]
        for member in shown.objectValue ?? JSONMembers() { #expect(told[member.key] == member.value) }
        let pod = told["pods"]?[0]
        let shownPod: JSONValue = [
            "name": "qwen-deployment-worker-0", "phase": "Running", "ready": true, "restarts": 0,
        ]
        for member in shownPod.objectValue ?? JSONMembers() { #expect(pod?[member.key] == member.value) }
        #expect(pod?["node"] == "node-1" && pod?["reason"] == nil && pod?["message"] == nil)
        #expect(told["provider"] == "dynamo" && told["mode"] == "aggregated" && told["managed"] == true)
    }

    @Test func whatIsNotKnownIsLeftOut() throws {
        let told = try Self.body { reading in
            reading.engine = nil
            reading.created = nil
        }
        #expect(told["engine"] == "unknown")
        for key in ["createdAt", "frontendService", "prefillReplicas", "decodeReplicas"] {
            #expect(told[key] == nil, "\(key)")
        }
        #expect(told["conditions"] == [] && told["pods"] == [])
    }

    @Test func workersOfPromptsAndAnswersAreCountedApart() throws {
        let told = try Self.body(pods: [Self.pod { $0.role = "decode" }]) { reading in
            reading.mode = .disaggregated
            reading.prefill = ReplicaCounts(desired: 2, ready: 1)
            reading.decode = ReplicaCounts(desired: 3, ready: 3)
            reading.endpoint = ServiceEndpoint("qwen-deployment-frontend", port: 8000)
        }
        #expect(told["mode"] == "disaggregated")
        #expect(told["prefillReplicas"] == ["desired": 2, "ready": 1])
        #expect(told["decodeReplicas"] == ["desired": 3, "ready": 3])
        #expect(told["frontendService"] == "qwen-deployment-frontend:8000")
        #expect(told["pods"]?[0]?["role"] == "decode")
    }

    @Test(arguments: DeploymentPhase.allCases)
    func thePhaseIsOneOfTheFiveThatClientsKnow(phase: DeploymentPhase) throws {
        let words = ["Pending", "Deploying", "Running", "Failed", "Terminating"]
        #expect(words.contains(phase.rawValue) && DeploymentPhase.allCases.count == words.count)
        let pods = phase == .running ? [Self.pod()] : []
        let told = try Self.body(pods: pods) { $0.phase = phase }
        #expect(words.contains(told["phase"]?.stringValue ?? ""))
    }

    @Test func aConditionHasNoMoreThanItsOperatorSays() throws {
        let told = try Self.body { reading in
            reading.conditions = [
                .init(["type": "Ready", "status": "True"]),
                .init([
                    "type": "Progressing", "status": "False", "reason": "Stuck", "message": "It is stuck.",
                    "lastTransitionTime": "2024-01-15T10:31:00Z",
                ]),
            ]
            .compactMap(\.self)
        }
        #expect(
            told["conditions"] == [
                ["type": "Ready", "status": "True"],
                [
                    "type": "Progressing", "status": "False", "reason": "Stuck", "message": "It is stuck.",
                    "lastTransitionTime": "2024-01-15T10:31:00Z",
                ],
            ]
        )
    }
}
