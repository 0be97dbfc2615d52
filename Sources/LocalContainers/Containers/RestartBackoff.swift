internal import JSON

/// How long to wait before a container that ended is started again: 10 s, doubled with each restart up to 5 min, and from the
/// start again once a container has run for 10 min. These are the kubelet's figures (`pkg/kubelet/kubelet.go`:
/// `backOffPeriod`, `MaxContainerBackOff`; the reset is twice the maximum in `client-go`'s `flowcontrol.Backoff`).
public struct RestartBackoff: Sendable, Hashable {
    /// The wait after the first end.
    public let initial: Duration
    /// The longest wait.
    public let maximum: Duration
    /// A container that ran this long starts the sequence anew.
    public let reset: Duration
    /// The wait that was given last; nil when the next one is the first.
    public private(set) var current: Duration?

    /// A sequence that has not begun.
    public init(
        initial: Duration = .seconds(10),
        maximum: Duration = .seconds(300),
        reset: Duration = .seconds(600)
    ) {
        self.initial = initial
        self.maximum = maximum
        self.reset = reset
    }

    /// The wait from the container's end to its next start.
    public mutating func delay(after exit: ContainerExit) -> Duration {
        delay(afterRunning: .seconds(exit.finishedAt.seconds(since: exit.startedAt)))
    }

    /// The wait after a container that ran this long; zero for one that did not start.
    public mutating func delay(afterRunning ran: Duration) -> Duration {
        let delay: Duration
        if let current, ran < reset {
            delay = min(current * 2, maximum)
        } else {
            delay = initial
        }
        current = delay
        return delay
    }
}
