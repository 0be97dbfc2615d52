/// One search as far as it has come: the models that were accepted, and where the Hub's next page is. It belongs to a
/// `ModelSearch`, which alone touches it.
final class SearchScan {
    /// When it began.
    let start: ContinuousClock.Instant
    /// The models that were accepted, in the Hub's order.
    private(set) var models: [HubModel] = []
    /// Where it goes on.
    private(set) var position = Position.first
    /// The request for the next page, while it is under way.
    var step: SharedWork<ModelPage>?
    /// About how many bytes it takes.
    private(set) var byteCount = 256
    /// When it was last used, by a count of uses.
    var lastUse = 0

    /// Where a search goes on.
    enum Position: Equatable {
        case first
        case next(ModelPage.Cursor)
        /// There is no more.
        case end
        /// There is more, but the search has looked through enough.
        case cut
    }

    private var pages = 0
    private var seenModels: Set<RepositoryID> = []
    private var seenCursors: Set<ModelPage.Cursor> = []

    init(start: ContinuousClock.Instant) {
        self.start = start
    }

    /// Whether all has been looked through.
    var hasEnded: Bool { position == .end || position == .cut }

    /// Takes a page of the Hub's in.
    func add(_ page: ModelPage, mostPages: Int, accepts: (HubModel) -> Bool) {
        pages += 1
        // A model whose rank changes between two requests may be on two pages.
        for model in page.models where accepts(model) && seenModels.insert(model.id).inserted {
            models.append(model)
            byteCount += 2 * model.id.text.utf8.count + model.approximateSize
        }
        if let next = page.next {
            byteCount += next.query.utf8.count
            // A Hub whose pages lead in a circle has no more to say.
            let isNew = seenCursors.insert(next).inserted
            position = !isNew ? .end : pages < mostPages ? .next(next) : .cut
        } else {
            position = .end
        }
    }
}
