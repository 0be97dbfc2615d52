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

@Test func howTheSelectedNodesStandSaysWhichOfTheSchedulersReasonsAreTheirs() {
    var facts = DiagnosisFacts(reading(), [pending()], now: now)
    facts.events = [
        scheduling(
            "0/19 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }, 16 node(s) didn't "
                + "match Pod's node affinity/selector, 2 node(s) were unschedulable."
        )
    ]
    func codes(_ nodes: SelectedNodes?) -> [DiagnosisCode] {
        facts.selectedNodes = nodes
        return Diagnosis.all(facts).map(\.code)
    }
    let both: [DiagnosisCode] = [.nodeLost, .untoleratedTaint, .nodeSelectorMismatch]
    #expect(codes(nil) == both)
    #expect(codes(.init(count: 2, notReady: 0, cordoned: 2)) == [.untoleratedTaint, .nodeSelectorMismatch])
    #expect(codes(.init(count: 1, notReady: 1, cordoned: 0)) == [.nodeLost, .nodeSelectorMismatch])
    #expect(codes(.init(count: 3, notReady: 1, cordoned: 2)) == both)
    #expect(codes(.init(count: 2, notReady: 0, cordoned: 0)) == both)
    #expect(codes(.init(count: 0, notReady: 0, cordoned: 0)) == [.nodeSelectorMismatch])
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

// MARK: Pods in the place of others

private func at(_ seconds: Int64) -> Timestamp {
    Timestamp(secondsSinceEpoch: now.secondsSinceEpoch + seconds)
}

/// An evicted pod, and the one that its controller has made in its place.
private func replaced(_ change: (inout ServingPod) -> Void = { _ in }) -> [ServingPod] {
    var old = bound("qwen-1")
    old.phase = "Failed"
    old.reason = "Evicted"
    old.message = "The node was low on resource: memory."
    old.maker = "qwen-7d9c8b6f5d"
    old.created = at(-90)
    old.ended = at(-61)
    var heir = pending("qwen-2")
    heir.maker = old.maker
    heir.created = at(-60)
    change(&heir)
    return [old, heir]
}

@Test func whatEndedAPodExplainsUntilTheOneInItsPlaceServesOrFails() {
    func codes(_ change: (inout ServingPod) -> Void) -> [DiagnosisCode] {
        Diagnosis.all(DiagnosisFacts(reading(), replaced(change), now: now)).map(\.code)
    }
    #expect(codes { _ in } == [.evicted])
    #expect(codes { $0.node = "node-1" } == [.evicted])
    #expect(
        codes { heir in
            heir.node = "node-1"
            var container = ServingPod.Container(name: "server")
            container.waitingReason = "CrashLoopBackOff"
            heir.containers = [container]
        } == [.crashLoop]
    )
    // Of another revision, of another time, or ready in between: another try.
    #expect(codes { $0.maker = "qwen-5c9f8b7d66" } == [.unknown])
    #expect(codes { $0.created = at(600) } == [.unknown])
    #expect(
        codes { heir in
            heir.node = "node-1"
            heir.wasReady = true
        } == [.startingSlowly]
    )
}

@Test func whatKeepsThePodInItsPlaceFromANodeGoesBeforeWhatEndedTheOneBefore() {
    var facts = DiagnosisFacts(reading(), replaced(), now: now)
    facts.events = [scheduling("0/1 nodes are available: 1 Insufficient nvidia.com/gpu.", pod: "qwen-2")]
    #expect(Diagnosis.all(facts).map(\.code) == [.insufficientGPU])
}

@Test func aPodThatIsBeingLoadedInThePlaceOfAnEvictedOneTellsBoth() {
    var facts = DiagnosisFacts(reading(), replaced { $0.node = "node-1" }, now: now)
    facts.events = [
        ClusterEvent("Pulling", "Pulling image \"vllm\"", isWarning: false, name: "qwen-2", last: now)
    ]
    #expect(Diagnosis.all(facts).map(\.code) == [.evicted, .imagePulling])
}

// MARK: Fit

private func tooLarge(_ changes: [FitChange], asked: Int? = nil, own: Int? = 40_960) -> ModelFit {
    ModelFit(
        .fitsWithChanges,
        gpus: "1 × NVIDIA-L4",
        obstacles: ["One request of 32768 tokens does not fit the cache"],
        changes: changes,
        longestContext: own,
        askedContext: asked
    )
}

private func crashed(_ line: String) -> DiagnosisFacts {
    var pod = bound()
    var container = ServingPod.Container(name: "server")
    container.waitingReason = "CrashLoopBackOff"
    container.restarts = 2
    pod.containers = [container]
    var facts = DiagnosisFacts(reading(), [pod], now: now)
    facts.logs = [ContainerLog(pod: "qwen-1", container: "server", lines: [line])]
    return facts
}

@Test(
    arguments: [
        (
            "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB",
            DiagnosisCode.cudaOutOfMemory
        ),
        (
            "ValueError: To serve at least one request with the models's max seq len (32768), (4.50 GiB KV cache is needed",
            .contextTooLong
        ),
    ]
)
func memoryThatIsTooSmallIsToldWithWhatWouldFit(line: String, code: DiagnosisCode) throws {
    var facts = crashed(line)
    let before = try #require(Diagnosis.all(facts).first)
    #expect(before.code == code)
    facts.fit = tooLarge([.keyValueDtype("fp8"), .contextLength(16_384), .gpus(2), .quantization("fp8")])
    let first = try #require(Diagnosis.all(facts).first)
    #expect(first.code == code)
    #expect(
        first.evidence.last
            == .init(
                .model,
                "by reckoning the model does not fit 1 × NVIDIA-L4: One request of 32768 tokens does not fit the cache"
            )
    )
    #expect(
        first.nextSteps == [
            "Keep keys and values as fp8 (kv-cache-dtype in engineArgs).",
            "Set contextLength to 16384 or less: that is the longest context for which 1 × NVIDIA-L4 has memory.",
            "Give each worker 2 GPUs: the model fits then.", "Serve the model quantized (fp8).",
        ] + before.nextSteps
    )
    // What fits is not the model's size.
    facts.fit?.verdict = .fits
    #expect(Diagnosis.all(facts).first == before)
}

@Test func aContextBeyondTheModelsOwnIsToldWhateverTheMemory() throws {
    var facts = crashed(
        "ValueError: User-specified max_model_len (100000) is greater than the derived max_model_len (max_position_embeddings=40960)"
    )
    facts.fit = tooLarge([], asked: 100_000)
    facts.fit?.verdict = .fits
    let told = try #require(Diagnosis.all(facts).first)
    #expect(told.code == .contextTooLong && !told.evidence.contains { $0.source == .model })
    #expect(
        told.nextSteps.first == "Set contextLength to 40960 or less: the model allows no longer one."
    )
    facts.fit = tooLarge([.contextLength(60_000)], asked: 100_000)
    let both = try #require(Diagnosis.all(facts).first)
    #expect(both.nextSteps.count { $0.hasPrefix("Set contextLength to ") && $0.contains("or less") } == 1)
    #expect(!both.nextSteps.contains { $0.contains("60000") })
}

@Test func whatDoesNotFitIsSaidOfTheFirstCauseAndOfNothingThatIsMeantToBeSo() throws {
    var facts = DiagnosisFacts(reading(), [bound()], now: now)
    facts.fit = tooLarge([.gpus(2)])
    let slow = try #require(Diagnosis.all(facts).first)
    #expect(slow.code == .startingSlowly && slow.evidence.last?.source == .model)
    #expect(slow.nextSteps.last == "Give each worker 2 GPUs: the model fits then.")
    facts.fit?.verdict = .unknown
    #expect(Diagnosis.all(facts).first?.evidence.contains { $0.source == .model } == false)
    var none = DiagnosisFacts(reading { $0.replicas.desired = 0 }, [], now: now)
    none.fit = tooLarge([.gpus(2)])
    #expect(Diagnosis.all(none).first?.evidence.contains { $0.source == .model } == false)
}
