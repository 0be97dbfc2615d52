/// Searches the Hub for models for text generation, of which only those count that a closure accepts.
///
/// The Hub knows nothing of that closure, and pages by cursors. So a search keeps what it has accepted so far and the cursor, and
/// goes on through the Hub's pages until it has the models that are asked for and one more, which tells whether there are more.
/// Results are kept for a short time, for each token by itself, since what a user may see is the user's own affair. Equal
/// searches at the same time share their requests.
public actor ModelSearch {
    /// What bounds the searches.
    public let limits: ModelSearchLimits
    private let client: HubClient
    private let clock: @Sendable () -> ContinuousClock.Instant
    private let accepts: @Sendable (HubModel) -> Bool
    private var scans: [Key: SearchScan] = [:]
    private var uses = 0

    private struct Key: Hashable {
        var text: String
        var token: TokenIdentity?
    }

    /// The range that `limit` must be in.
    public static let allowedLimits = 1...100
    /// What the models are for.
    private static let pipelineTag = "text-generation"
    /// The longest text to search for, in bytes.
    public static let longestText = 256

    /// Searches with a client.
    ///
    /// - Parameters:
    ///   - client: asks the Hub.
    ///   - limits: what bounds the searches.
    ///   - clock: the time, by which results grow old.
    ///   - accepts: whether a model is to be among the results: by its architectures, for example.
    public init(
        client: HubClient,
        limits: ModelSearchLimits = ModelSearchLimits(),
        clock: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock().now },
        accepts: @escaping @Sendable (HubModel) -> Bool
    ) {
        self.client = client
        self.limits = limits
        self.clock = clock
        self.accepts = accepts
    }

    /// The models whose names have certain words, from `offset` on.
    ///
    /// - Parameters:
    ///   - text: the words; spaces around them do not count, nor does the case of letters.
    ///   - offset: the place of the first model, from 0.
    ///   - limit: the most models, 1 to 100.
    ///   - token: as whom the Hub is asked.
    /// - Throws: `HubError`; what was found before is kept and counts for the next call.
    public func models(
        matching text: String,
        offset: Int = 0,
        limit: Int = 20,
        token: HubToken? = nil
    ) async throws(HubError) -> SearchResults {
        let words = text.split { $0.isWhitespace }.joined(separator: " ").lowercased()
        guard !words.isEmpty, text.utf8.count <= Self.longestText, !text.utf8.contains(where: { $0 < 0x20 })
        else {
            throw HubError(
                .invalidRequest,
                "a search needs a text of 1 to \(Self.longestText) bytes on one line"
            )
        }
        guard offset >= 0, Self.allowedLimits.contains(limit) else {
            throw HubError(.invalidRequest, "a search has an offset from 0 on and a limit from 1 to 100")
        }
        let (wanted, overflow) = offset.addingReportingOverflow(limit)
        let end = ContinuousClock().now + limits.deadline
        let scan = scan(Key(text: words, token: token?.identity))
        while !scan.hasEnded, overflow || scan.models.count <= wanted {
            guard ContinuousClock().now < end else {
                throw HubError(
                    .timeout,
                    "the Hub has too many models to look through in time; ask again to go on"
                )
            }
            try await advance(scan, words, token)
        }
        let found = scan.models.count
        let first = min(offset, found)
        let last = min(first + limit, found)
        return SearchResults(
            models: Array(scan.models[first..<last]),
            total: found,
            offset: offset,
            limit: limit,
            hasMore: last < found,
            isComplete: scan.position == .end,
            isCut: scan.position == .cut
        )
    }

    // MARK: Going on

    /// Takes the next page in, or waits for whoever is about to.
    private func advance(_ scan: SearchScan, _ words: String, _ token: HubToken?) async throws(HubError) {
        let step = scan.step ?? begin(scan, words, token)
        let outcome: Result<ModelPage?, HubError>
        do throws(HubError) {
            outcome = .success(try await step.value())
        } catch {
            // A task that was cancelled leaves the request to the others that wait for it.
            if error.kind == .cancelled, Task.isCancelled { throw error }
            outcome = .failure(error)
        }
        // Of those who waited the first one takes the page in.
        if scan.step === step {
            scan.step = nil
            if case .success(let page?) = outcome {
                // A mirror may not know the filter by purpose.
                scan.add(page, mostPages: limits.pages) {
                    ($0.pipelineTag ?? Self.pipelineTag) == Self.pipelineTag && accepts($0)
                }
                shrink()
            }
        }
        _ = try outcome.get()
    }

    private func begin(_ scan: SearchScan, _ words: String, _ token: HubToken?) -> SharedWork<ModelPage> {
        let query = ModelQuery(words, pipelineTag: Self.pipelineTag, pageSize: limits.pageSize)
        let position = scan.position
        let step = SharedWork { [client] () async throws(HubError) in
            if case .next(let cursor) = position { return try await client.models(at: cursor, token: token) }
            return try await client.models(query, token: token)
        }
        scan.step = step
        return step
    }

    // MARK: Keeping

    /// About how many bytes the kept results take.
    public var byteCount: Int { scans.values.reduce(0) { $0 + $1.byteCount } }
    /// How many searches are kept.
    public var count: Int { scans.count }

    /// Callers that wait for the Hub.
    var waiting: Int { scans.values.reduce(0) { $0 + ($1.step?.interested ?? 0) } }

    private func scan(_ key: Key) -> SearchScan {
        let now = clock()
        uses += 1
        if let scan = scans[key], scan.start.duration(to: now) < limits.lifetime {
            scan.lastUse = uses
            return scan
        }
        let scan = SearchScan(start: now)
        scan.lastUse = uses
        scans[key] = scan
        scans = scans.filter { $1.start.duration(to: now) < limits.lifetime }
        shrink()
        return scan
    }

    /// Forgets what was not used for the longest time until the rest is small enough. Whoever uses a forgotten search goes on with
    /// it; nobody else finds it.
    private func shrink() {
        var bytes = byteCount
        guard bytes > limits.bytes || scans.count > limits.searches else { return }
        for (key, scan) in scans.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
            guard bytes > limits.bytes || scans.count > limits.searches else { return }
            scans[key] = nil
            bytes -= scan.byteCount
        }
    }
}
