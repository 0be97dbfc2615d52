/// What bounds a search.
public struct ModelSearchLimits: Sendable {
    /// How long the results of a search are used again, from its first page on.
    public var lifetime: Duration = .seconds(60)
    /// Models that the Hub is asked for at once.
    public var pageSize = 100
    /// The most pages of the Hub's that one search looks through. Behind them it ends, though the Hub may have more.
    public var pages = 100
    /// The most searches whose results are kept.
    public var searches = 256
    /// About how many bytes the results of all searches may take.
    public var bytes = 64 << 20
    /// How long one call may take, whatever the number of pages that it needs. What was found by then is kept, so that the next call
    /// gets further.
    public var deadline: Duration = .seconds(30)

    /// The defaults.
    public init() {}
}
