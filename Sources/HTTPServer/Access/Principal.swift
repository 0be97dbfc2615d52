/// Who makes a request, as what the request shows for itself proves. A reference, since it goes with the request all the way.
public final class Principal: Sendable, Hashable {
    /// The user's name, such as `system:serviceaccount:ops:ci`.
    public let name: String
    /// The groups that the user belongs to.
    public let groups: [String]

    /// A user.
    public init(name: String, groups: [String] = []) {
        self.name = name
        self.groups = groups
    }

    /// Whether both are the same user in the same groups.
    public static func == (left: Principal, right: Principal) -> Bool {
        left.name == right.name && left.groups == right.groups
    }

    /// Feeds the name, which tells users apart.
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
