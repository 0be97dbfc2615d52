import Synchronization

/// Whether `helm` can be used, asked at most every half minute.
public actor HelmAvailability {
    /// What is known.
    public enum State: Sendable, Hashable {
        /// It has this version.
        case available(version: String)
        /// It cannot be used; why.
        case unavailable(reason: String)
    }

    private let helm: Helm
    private let lifetime: Duration
    private var known: (state: State, time: ContinuousClock.Instant)?
    private var asking: Task<State, Never>?

    /// - Parameter lifetime: how long an answer is good for.
    init(_ helm: Helm, lifetime: Duration = .seconds(30)) {
        self.helm = helm
        self.lifetime = lifetime
    }

    /// Whether it can be used. Those who ask at the same time wait for one answer.
    public func state() async -> State {
        if let known, .now - known.time < lifetime { return known.state }
        if let asking { return await asking.value }
        let task = Task { await Self.ask(helm) }
        asking = task
        let state = await task.value
        asking = nil
        known = (state, .now)
        return state
    }

    private static func ask(_ helm: Helm) async -> State {
        do {
            let version = try await helm.version()
            guard !version.isEmpty else { return .unavailable(reason: "helm prints no version") }
            return .available(version: version)
        } catch let failure as Helm.Failure {
            return .unavailable(reason: failure.text)
        } catch {
            return .unavailable(reason: "\(error)")
        }
    }
}
