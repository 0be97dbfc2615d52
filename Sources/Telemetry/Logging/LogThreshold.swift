public import Logging
internal import Synchronization

/// The least severe level that is logged, for the whole process. Changing it takes effect at once, also for loggers
/// that were made before.
public final class LogThreshold: Sendable {
    private let rank: Atomic<UInt8>

    /// A threshold at that level.
    public init(_ level: Logger.Level) {
        rank = Atomic(level.rank)
    }

    /// The least severe level that is logged.
    public var level: Logger.Level {
        get {
            let rank = rank.load(ordering: .relaxed)
            return Logger.Level.allCases.first { $0.rank == rank } ?? .info
        }
        set { rank.store(newValue.rank, ordering: .relaxed) }
    }

    /// Whether records of that level are logged.
    public func allows(_ level: Logger.Level) -> Bool {
        level.rank >= rank.load(ordering: .relaxed)
    }
}

extension Logger.Level {
    fileprivate var rank: UInt8 {
        switch self {
        case .trace: 0
        case .debug: 1
        case .info: 2
        case .notice: 3
        case .warning: 4
        case .error: 5
        case .critical: 6
        }
    }
}
