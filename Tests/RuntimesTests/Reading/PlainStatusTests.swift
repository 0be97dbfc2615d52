import Capacity
import JSON
import KubernetesModel
import Testing

@testable import Runtimes

/// A Deployment of Ingot's own with the status that the deployment controller writes.
private func read(
    _ status: JSONValue,
    generation: Int64 = 1,
    replicas: Int64 = 2,
    isBeingDeleted: Bool = false
) throws -> DeploymentReading {
    let json: JSONValue = ["name": "d", "modelId": "a/b", "replicas": .integer(replicas)]
    let spec = try DeploymentRequest(json: json).spec(on: .vllm, engine: .vllm, namespace: "ml")
    var object = try #require(try VLLMRuntime.render(spec).first).object
    object[at: "metadata", "generation"] = .integer(generation)
    if isBeingDeleted { object[at: "metadata", "deletionTimestamp"] = "2026-01-01T00:00:00Z" }
    object["status"] = status
    return try #require(VLLMRuntime.read(KubernetesObject(object)))
}

private let available: JSONValue = [
    "type": "Available", "status": "True", "reason": "MinimumReplicasAvailable",
    "message": "Deployment has minimum availability.",
]
private let complete: JSONValue = [
    "type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable",
    "message": #"ReplicaSet "d-5d4f" has successfully progressed."#,
]

@Test func aDeploymentWhosePodsAreAllReadyRuns() throws {
    let reading = try read([
        "observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 2,
        "availableReplicas": 2,
        "conditions": [available, complete],
    ])
    #expect(reading.phase == .running && reading.message.isEmpty)
    #expect(reading.replicas == ReplicaCounts(desired: 2, ready: 2, available: 2))
    #expect(reading.endpoint?.description == "d:8000")
    #expect(reading.isManaged && reading.modelID == "a/b" && reading.gpus == 1)
    #expect(reading.condition("Available")?.isTrue == true)
}

@Test func aStatusOfAnOlderGenerationDoesNotSayThatAllRun() throws {
    let status: JSONValue = [
        "observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 2,
        "availableReplicas": 2,
    ]
    #expect(try read(status, generation: 1).phase == .running)
    #expect(try read(status, generation: 2).phase == .deploying)
    #expect(try read([:]).phase == .pending)
}

@Test func anUpdateWhosePodsAreNotAllNewIsDeploying() throws {
    let reading = try read(
        [
            "observedGeneration": 2, "replicas": 2, "updatedReplicas": 1, "readyReplicas": 2,
            "availableReplicas": 2,
            "conditions": [available],
        ],
        generation: 2
    )
    #expect(reading.phase == .deploying && reading.replicas.ready == 2)
}

@Test func aDeploymentScaledToNothingRunsAsAskedFor() throws {
    let reading = try read(["observedGeneration": 1, "conditions": [available, complete]], replicas: 0)
    #expect(reading.phase == .running && reading.replicas == ReplicaCounts(desired: 0))
    #expect(DeploymentStanding(reading, []).phase == .running)
}

@Test func aDeploymentThatMayMakeNoPodsHasFailed() throws {
    let quota =
        #"pods "d-5d4f-x2" is forbidden: exceeded quota: gpus, requested: requests.nvidia.com/gpu=1, used: 4, limited: 4"#
    let reading = try read([
        "observedGeneration": 1, "unavailableReplicas": 2,
        "conditions": [
            [
                "type": "Available", "status": "False", "reason": "MinimumReplicasUnavailable",
                "message": "Deployment does not have minimum availability.",
            ],
            [
                "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate",
                "message": .string(quota),
            ],
        ],
    ])
    #expect(reading.phase == .failed && reading.message == quota)
}

@Test func aDeploymentThatMakesNoProgressSaysSo() throws {
    let text = #"ReplicaSet "d-5d4f" has timed out progressing."#
    let reading = try read([
        "observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "unavailableReplicas": 2,
        "conditions": [
            [
                "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
                "message": .string(text), "lastTransitionTime": "2026-01-01T00:10:00Z",
            ]
        ],
    ])
    #expect(reading.phase == .deploying && reading.message == text)
    #expect(reading.conditions.first?.since != nil)
}

@Test func aDeploymentThatIsBeingDeletedIsTerminatingWhateverItSays() throws {
    let reading = try read(
        [
            "observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 2,
            "availableReplicas": 2,
        ],
        isBeingDeleted: true
    )
    var pod = ServingPod(name: "d-1", phase: "Running")
    pod.isReady = true
    #expect(DeploymentStanding(reading, [pod, pod]).phase == .terminating)
}
