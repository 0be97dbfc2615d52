import Capacity
import JSON
import KubernetesModel
import Testing

@testable import Runtimes

private func reading(_ changes: (inout DeploymentReading) -> Void = { _ in }) -> DeploymentReading {
    var reading = DeploymentReading(
        name: "qwen",
        namespace: "models",
        uid: "1",
        runtime: .vllm,
        spec: nil,
        isManaged: true
    )
    changes(&reading)
    return reading
}

private func pending(_ name: String = "qwen-1") -> ServingPod { ServingPod(name: name) }

private func bound(_ name: String = "qwen-1") -> ServingPod {
    var pod = ServingPod(name: name)
    pod.node = "node-1"
    return pod
}

private let now = Timestamp(secondsSinceEpoch: 1_772_447_400)

private func scheduling(_ message: String, pod: String = "qwen-1", secondsAgo: Int64 = 10) -> ClusterEvent {
    ClusterEvent(
        "FailedScheduling",
        message,
        name: pod,
        last: Timestamp(secondsSinceEpoch: now.secondsSinceEpoch - secondsAgo)
    )
}

@Test func whatAnEngineSaysExplainsThatItCrashes() throws {
    var pod = bound()
    var container = ServingPod.Container(name: "server")
    container.waitingReason = "CrashLoopBackOff"
    container.restarts = 3
    pod.containers = [container]
    var facts = DiagnosisFacts(reading(), [pod], now: now)
    #expect(Diagnosis.all(facts).map(\.code) == [.crashLoop])
    facts.logs = [ContainerLog(pod: "qwen-1", container: "server", lines: ["Loading", "Killed by nobody"])]
    let silent = try #require(Diagnosis.all(facts).first)
    #expect(silent.code == .crashLoop && silent.evidence.contains { $0.text.hasSuffix("Killed by nobody") })
    facts.logs[0].lines += ["torch.OutOfMemoryError: CUDA Out Of Memory. Tried to allocate 2 GiB"]
    let found = Diagnosis.all(facts)
    #expect(found.map(\.code) == [.cudaOutOfMemory, .crashLoop])
    #expect(found.first?.evidence.first?.source == .log)
}

@Test func theLogOfAPodThatServesSaysNothing() {
    var good = bound("qwen-1")
    good.isReady = true
    var facts = DiagnosisFacts(reading(), [good, bound("qwen-2")], now: now)
    facts.logs = [
        ContainerLog(pod: "qwen-1", container: "server", isPrevious: true, lines: ["CUDA out of memory"])
    ]
    #expect(Diagnosis.all(facts).map(\.code) == [.startingSlowly])
}

@Test func whatWasSeenComesBeforeWhatIsConcluded() {
    var facts = DiagnosisFacts(reading(), [pending()], now: now)
    facts.events = [
        scheduling(
            "0/3 nodes are available: 1 node(s) had untolerated taint {dedicated: research}, 2 Insufficient "
                + "nvidia.com/gpu. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
        )
    ]
    facts.runtime = RuntimePresence(isDefined: true, isOperatorRunning: false)
    #expect(
        Diagnosis.all(facts).map(\.code) == [.insufficientGPU, .untoleratedTaint, .operatorMissing]
    )
}

@Test func aLackOfGPUsIsToldWithWhatThereIs() throws {
    var facts = DiagnosisFacts(
        reading {
            var spec = DeploymentSpec(
                name: "qwen",
                namespace: "models",
                runtime: .vllm,
                model: ServedModel(id: "o/m"),
                engine: .vllm
            )
            spec.workers.gpus = 4
            $0.spec = spec
        },
        [pending()],
        now: now
    )
    facts.events = [scheduling("0/2 nodes are available: 2 Insufficient nvidia.com/gpu.")]
    func summary(_ gpus: GPUAvailability) -> String {
        facts.gpus = gpus
        return Diagnosis.all(facts).first?.summary ?? ""
    }
    #expect(
        summary(GPUAvailability(total: 0, free: [:], largestFreeBlock: 0, largestNode: 0)).contains("no GPUs")
    )
    #expect(
        summary(GPUAvailability(total: 4, free: ["L4": 4], largestFreeBlock: 2, largestNode: 2))
            .contains("no node has more than 2")
    )
    #expect(
        summary(GPUAvailability(total: 8, free: ["L4": 4], largestFreeBlock: 2, largestNode: 4))
            .contains("4 are free, but at most 2 on one node")
    )
    let first = try #require(Diagnosis.all(facts).first)
    #expect(first.resource == .gpu && first.canAutoscalerHelp)
    #expect(first.evidence.contains { $0.source == .capacity })
}

@Test func oldNewsOfAPodThatHasANodeIsNoReason() {
    var facts = DiagnosisFacts(reading(), [bound()], now: now)
    facts.events = [scheduling("0/2 nodes are available: 2 Insufficient nvidia.com/gpu.")]
    #expect(Diagnosis.all(facts).map(\.code) == [.startingSlowly])
}

@Test(
    arguments: [
        ("0/3 nodes are available: 3 Insufficient nvidia.com/gpu.", .gpu, true, true),
        ("0/3 nodes are available: 3 Insufficient cpu.", .cpu, true, true),
        ("0/3 nodes are available: 3 Insufficient memory.", .memory, true, true),
        ("0/3 nodes are available: 1 Insufficient memory, 2 Insufficient nvidia.com/gpu.", .gpu, true, true),
        (
            "0/3 nodes are available: 1 node(s) had untolerated taint {a: b}, 2 Insufficient nvidia.com/gpu.",
            .gpu, true, false
        ),
        ("0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.", nil, true, false),
    ] as [(String, ConstrainedResource?, Bool, Bool)]
)
func aPendingReasonIsReadFromItsEvent(
    message: String,
    resource: ConstrainedResource?,
    isConstraint: Bool,
    canHelp: Bool
) {
    let reason = PendingReason(scheduling(message))
    #expect(reason.reason == "FailedScheduling" && reason.message == message)
    #expect(reason.resourceType == resource && reason.isResourceConstraint == isConstraint)
    #expect(reason.canAutoscalerHelp == canHelp)
}

@Test func pendingReasonsAreThoseOfPodsThatWaitEachOnceTheNewestFirst() {
    var running = bound("qwen-2")
    running.phase = "Running"
    let events = [
        scheduling("older", secondsAgo: 60), scheduling("newer", secondsAgo: 5),
        scheduling("older", secondsAgo: 30),
        scheduling("of another pod", pod: "qwen-2"),
        ClusterEvent("Scheduled", "no warning", isWarning: false, name: "qwen-1"),
    ]
    #expect(PendingReason.all(events, of: [pending(), running]).map(\.message) == ["newer", "older"])
}

@Test func eventsOfBothKindsAreRead() {
    let core = ClusterEvent(
        KubernetesObject([
            "reason": "BackOff", "message": "m", "type": "Warning", "count": 7,
            "lastTimestamp": "2026-03-02T10:30:00Z", "involvedObject": ["kind": "Pod", "name": "p"],
        ])
    )
    let newer = ClusterEvent(
        KubernetesObject([
            "reason": "BackOff", "note": "m", "type": "Warning",
            "series": ["count": 7, "lastObservedTime": "2026-03-02T10:30:00.000000Z"],
            "eventTime": "2026-03-02T10:00:00.000000Z", "regarding": ["kind": "Pod", "name": "p"],
        ])
    )
    #expect(core == newer)
    #expect(core.count == 7 && core.isWarning && core.name == "p" && core.last == now)
}
