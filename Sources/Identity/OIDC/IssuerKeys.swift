/// The keys of an issuer, fetched when they are first needed, again after a while, and when a token names one that is not among
/// them; but no oftener than every few seconds, whatever tokens say.
actor IssuerKeys {
    /// What was fetched.
    private struct Fetched {
        let keys: [SigningKey]
        let time: ContinuousClock.Instant
    }

    private let fetch: @Sendable () async throws(IdentityFailure) -> [SigningKey]
    private let now: @Sendable () -> ContinuousClock.Instant
    private var fetched: Fetched?
    private var running: Task<Result<[SigningKey], IdentityFailure>, Never>?
    /// The last attempt that failed.
    private var failed: (failure: IdentityFailure, time: ContinuousClock.Instant)?

    /// How old keys may be before they are fetched anew: so long does a key that the issuer has withdrawn go on to work.
    static let freshness = Duration.seconds(300)
    /// How old they may be while the issuer cannot be asked for them.
    static let endurance = Duration.seconds(3600)
    /// The time between fetches that tokens with unknown keys cause, and after one that failed.
    static let interval = Duration.seconds(5)

    init(
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        fetch: @escaping @Sendable () async throws(IdentityFailure) -> [SigningKey]
    ) {
        self.now = now
        self.fetch = fetch
    }

    /// The keys that may have made a signature.
    ///
    /// - Parameters:
    ///   - id: the key's name in the token; nil for any.
    func keys(named id: String?) async throws(IdentityFailure) -> [SigningKey] {
        if let fetched, fetched.time + Self.freshness > now() {
            let found = Self.select(fetched.keys, id)
            if !found.isEmpty || fetched.time + Self.interval > now() { return found }
        }
        // Whether a key is new or nobody's only the issuer knows.
        let known = enduring(id)
        if !known.isEmpty, failed != nil || running != nil {
            // Who waits for an issuer that does not answer waits for long.
            if running == nil { Task { _ = try? await renewed() } }
            return known
        }
        do throws(IdentityFailure) {
            return Self.select(try await renewed(), id)
        } catch {
            guard !known.isEmpty else { throw error }
            return known
        }
    }

    /// The keys that are good while the issuer cannot be asked.
    private func enduring(_ id: String?) -> [SigningKey] {
        guard let fetched, fetched.time + Self.endurance > now() else { return [] }
        return Self.select(fetched.keys, id)
    }

    private static func select(_ keys: [SigningKey], _ id: String?) -> [SigningKey] {
        id == nil ? keys : keys.filter { $0.id == id }
    }

    private func renewed() async throws(IdentityFailure) -> [SigningKey] {
        if let failed, failed.time + Self.interval > now() { throw failed.failure }
        if let running { return try await running.value.get() }
        let fetch = fetch
        let task = Task.detached {
            do throws(IdentityFailure) {
                return Result<[SigningKey], IdentityFailure>.success(try await fetch())
            } catch {
                return .failure(error)
            }
        }
        running = task
        let result = await task.value
        running = nil
        switch result {
        case .success(let keys):
            fetched = Fetched(keys: keys, time: now())
            failed = nil
        case .failure(let failure): failed = (failure, now())
        }
        return try result.get()
    }
}
