public import JSON

/// Which part of a log is wanted, and in which form: the options of Kubernetes' `pods/log` (`PodLogOptions`).
public struct ContainerLogOptions: Sendable, Hashable {
    /// Whether to wait for more until the container ends.
    public var follow: Bool
    /// Only so many of the last lines; nil for all.
    public var tailLines: Int?
    /// Only lines written at this time or later. `sinceSeconds` is that long before now.
    public var since: Timestamp?
    /// No more than this many bytes, cut within a line if need be.
    public var limitBytes: Int?
    /// Whether each line begins with the time at which it was written, in RFC 3339 form, and a space.
    public var timestamps: Bool

    /// By default the whole log as it is now, without times.
    public init(
        follow: Bool = false,
        tailLines: Int? = nil,
        since: Timestamp? = nil,
        limitBytes: Int? = nil,
        timestamps: Bool = false
    ) {
        self.follow = follow
        self.tailLines = tailLines
        self.since = since
        self.limitBytes = limitBytes
        self.timestamps = timestamps
    }
}
