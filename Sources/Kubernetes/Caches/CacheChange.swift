/// How one object is known otherwise than before.
public struct CacheChange<Object: Sendable>: Sendable {
    /// What it was; nil when it was not known.
    public let old: Object?
    /// What it is; nil when it is gone.
    public let new: Object?

    /// A change.
    public init(old: Object?, new: Object?) {
        self.old = old
        self.new = new
    }
}

/// What is told of changes, in order and one call after the other. Until it returns no further ones are taken in.
public typealias CacheObserver<Object: Sendable> = @Sendable ([CacheChange<Object>]) -> Void
