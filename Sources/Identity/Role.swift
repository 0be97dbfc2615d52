/// What somebody may do with Ingot. Each role may do what those before it may.
public enum Role: String, Sendable, Hashable, CaseIterable, Comparable {
    /// Read.
    case viewer
    /// Deploy, change and delete too.
    case `operator`
    /// Install and configure too.
    case admin

    private var rank: Int {
        switch self {
        case .viewer: 1
        case .operator: 2
        case .admin: 3
        }
    }

    /// Whether one may do less than the other.
    public static func < (left: Role, right: Role) -> Bool { left.rank < right.rank }
}
