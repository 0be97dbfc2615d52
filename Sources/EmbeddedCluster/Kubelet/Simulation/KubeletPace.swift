/// How fast simulated pods go through their phases.
public struct KubeletPace: Sendable, Hashable {
    /// How long a pull of an image takes that the node does not have.
    public var pull: Duration
    /// From the image to the started container.
    public var start: Duration
    /// From the start of a container to the first check that its probes pass.
    public var ready: Duration
    /// How long a program runs that comes to an end by itself, when its command does not say.
    public var work: Duration
    /// Whether the first checks wait for the `initialDelaySeconds` of their probes too.
    public var keepsInitialDelays: Bool
    /// At most so long after a liveness probe that failed the next is made; nil for the probe's own period.
    public var recheck: Duration?

    /// A pace.
    public init(
        pull: Duration,
        start: Duration,
        ready: Duration,
        work: Duration,
        keepsInitialDelays: Bool = false,
        recheck: Duration? = nil
    ) {
        self.pull = pull
        self.start = start
        self.ready = ready
        self.work = work
        self.keepsInitialDelays = keepsInitialDelays
        self.recheck = recheck
    }

    /// So fast that nobody waits and slow enough to be seen.
    public static let brisk = KubeletPace(
        pull: .milliseconds(1500),
        start: .milliseconds(300),
        ready: .seconds(2),
        work: .seconds(3)
    )

    /// As a cluster with warm caches is.
    public static let realistic = KubeletPace(
        pull: .seconds(25),
        start: .seconds(1),
        ready: .seconds(45),
        work: .seconds(20),
        keepsInitialDelays: true
    )

    /// Everything at once.
    public static let immediate = KubeletPace(
        pull: .zero,
        start: .zero,
        ready: .zero,
        work: .zero,
        recheck: .milliseconds(10)
    )
}
