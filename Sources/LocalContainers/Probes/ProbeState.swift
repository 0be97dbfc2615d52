/// What the attempts of a probe so far say about the container, by the kubelet's rules (`pkg/kubelet/prober/worker.go`).
public struct ProbeState: Sendable, Hashable {
    /// What the probe is for.
    public let kind: ProbeKind
    /// Whether the container has started, works or is ready, depending on the kind. A container works until the contrary is
    /// shown; it has neither started nor is it ready before that is shown.
    public private(set) var isPassing: Bool
    /// Whether there is nothing more to try: the container has started, or it is to be restarted.
    public private(set) var isDecided = false

    private let successThreshold: Int
    private let failureThreshold: Int
    private var last: Bool?
    private var run = 0

    /// The state before the first attempt.
    public init(_ kind: ProbeKind, _ probe: Probe) {
        self.kind = kind
        isPassing = kind == .liveness
        successThreshold = probe.successThreshold
        failureThreshold = probe.failureThreshold
    }

    /// Takes the outcome of an attempt, and says whether it changed or decided anything.
    @discardableResult public mutating func take(_ outcome: ProbeOutcome) -> Bool {
        guard !isDecided else { return false }
        let succeeded: Bool
        switch outcome {
        case .success: succeeded = true
        case .failure: succeeded = false
        // What could not be tried does not count, and does not interrupt a run either.
        case .error: return false
        }
        run = succeeded == last ? run + 1 : 1
        last = succeeded
        guard run >= (succeeded ? successThreshold : failureThreshold) else { return false }
        switch kind {
        case .startup: isDecided = true
        case .liveness: isDecided = !succeeded
        case .readiness: break
        }
        defer { isPassing = succeeded }
        return isPassing != succeeded || isDecided
    }
}
