/// What is known of models: their commits, configurations, files and weights, each read from the Hub when it is first needed and
/// kept by commit. What a branch points to is asked for again after some seconds, by its entity tag.
///
/// What needs a user's access (gated and private repositories) is kept for each token by itself, so that nobody gets through the
/// store what the Hub would refuse; everything else for all. Equal questions at the same time share one request.
public actor ModelMetadataStore {
    /// What bounds the store.
    public let limits: ModelMetadataLimits
    let client: HubClient
    private let clock: @Sendable () -> ContinuousClock.Instant
    private var states: ByteBoundedCache<StateKey, BranchState>
    var parts: ByteBoundedCache<MetadataPart.Key, MetadataPart>
    private var stateWork: [StateKey: SharedWork<ModelAnswer>] = [:]
    var partWork: [MetadataPart.Key: SharedWork<MetadataPart>] = [:]

    /// What a revision is for a user.
    private struct StateKey: Hashable {
        var id: RepositoryID
        var revision: Revision
        var token: TokenIdentity?
    }

    /// A store of what a client is told.
    ///
    /// - Parameters:
    ///   - client: asks the Hub.
    ///   - limits: what bounds the store.
    ///   - clock: the time, by which what is known grows old.
    public init(
        client: HubClient,
        limits: ModelMetadataLimits = ModelMetadataLimits(),
        clock: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock().now }
    ) {
        self.client = client
        self.limits = limits
        self.clock = clock
        states = ByteBoundedCache(limit: limits.bytes / 4)
        parts = ByteBoundedCache(limit: limits.bytes - limits.bytes / 4)
    }

    /// About how many bytes is kept.
    public var byteCount: Int { states.byteCount + parts.byteCount }

    // MARK: What a revision is

    /// A model at the commit that a revision is now, as of some seconds ago.
    ///
    /// - Throws: `HubError`. While the Hub cannot be asked, what was known is the answer, and says so.
    public func metadata(
        of id: RepositoryID,
        revision: Revision = .main,
        token: HubToken? = nil
    ) async throws(HubError) -> ModelMetadata {
        let key = StateKey(id: id, revision: revision, token: token?.identity)
        while true {
            let known = states.value(key)
            let age = known.map { $0.confirmed.duration(to: clock()) }
            if let known, let age, age < limits.freshness { return known.metadata(isStale: false) }
            let work = stateWork[key] ?? begin(key, token, entityTag: known?.entityTag)
            let answer: ModelAnswer?
            do throws(HubError) {
                answer = try await work.value()
            } catch {
                if error.kind == .cancelled, Task.isCancelled { throw error }
                if stateWork[key] === work { stateWork[key] = nil }
                if let known, let age, error.isTransient, age < limits.staleness {
                    return known.metadata(isStale: true)
                }
                // Who may not see the model any more, or finds it gone, is not shown what was.
                if !error.isTransient { states.remove(key) }
                throw error
            }
            if stateWork[key] === work { stateWork[key] = nil }
            switch answer {
            case .model(let model, let entityTag):
                return try keep(model, entityTag, for: key).metadata(isStale: false)
            case .unchanged:
                // Another caller may have had what is kept forgotten in between; then it is asked for as a whole.
                guard var state = states.value(key) ?? known else { continue }
                state.confirmed = clock()
                states.keep(state, byteCount: state.approximateSize, for: key)
                return state.metadata(isStale: false)
            case nil: continue
            }
        }
    }

    private func begin(_ key: StateKey, _ token: HubToken?, entityTag: String?) -> SharedWork<ModelAnswer> {
        let work = SharedWork { [client] () async throws(HubError) in
            try await client.model(key.id, revision: key.revision, token: token, unlessTagged: entityTag)
        }
        stateWork[key] = work
        return work
    }

    private func keep(
        _ model: HubModel,
        _ entityTag: String?,
        for key: StateKey
    ) throws(HubError) -> BranchState {
        guard
            let commit = model.commit.flatMap({ Revision($0) })
                ?? (key.revision.isCommit ? key.revision : nil)
        else {
            throw HubError(.badAnswer, "the Hub names no commit of \(key.id)")
        }
        let state = BranchState(model: model, commit: commit, entityTag: entityTag, confirmed: clock())
        states.keep(state, byteCount: state.approximateSize, for: key)
        return state
    }
}
