/// A part of what a search found.
public struct SearchResults: Sendable, Hashable {
    /// The models from `offset` on, the most downloaded ones first.
    public var models: [HubModel]
    /// How many models there are, as far as the search has looked: all of them when `isComplete`, else at least one more than the
    /// models up to the end of this part. So a client that asks for one part after the other until it has `total` models gets all
    /// of them, and ends.
    public var total: Int
    /// The place of the first model among all.
    public var offset: Int
    /// The most models that were asked for.
    public var limit: Int
    /// Whether there are models behind these.
    public var hasMore: Bool
    /// Whether the search has seen everything that the Hub has, so that `total` is exact and stays so.
    public var isComplete: Bool
    /// Whether the search ended at its bound on pages, so that there may be models on the Hub that it will not find.
    public var isCut: Bool
}
