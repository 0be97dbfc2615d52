/// What a revision is, as the Hub last said.
struct BranchState: Sendable {
    var model: HubModel
    var commit: Revision
    var entityTag: String?
    /// When the Hub last said so.
    var confirmed: ContinuousClock.Instant

    func metadata(isStale: Bool) -> ModelMetadata {
        ModelMetadata(model: model, commit: commit, isStale: isStale)
    }

    /// About how many bytes of memory it takes.
    var approximateSize: Int { 128 + model.approximateSize + (entityTag?.utf8.count ?? 0) }
}
