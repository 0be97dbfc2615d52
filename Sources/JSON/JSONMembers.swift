/// The members of a JSON object, each key once, in the order in which they were added.
///
/// Two of them are equal when they have equal members in any order, since the order of members means nothing
/// (RFC 8259, section 1).
public struct JSONMembers: Sendable {
    /// One member.
    public struct Member: Sendable, Hashable {
        /// The key, unique in its object.
        public let key: String
        /// The value.
        public var value: JSONValue
    }

    private var members: [Member] = []
    /// The place of each key, kept once there are so many members that a search along the array costs more.
    private var places: [String: Int] = [:]
    private static let searchedWithoutPlaces = 16

    /// No members.
    public init() {}

    private func place(of key: String) -> Int? {
        if members.count <= Self.searchedWithoutPlaces {
            members.firstIndex { $0.key == key }
        } else {
            places[key]
        }
    }

    private mutating func append(_ member: Member) {
        members.append(member)
        if members.count == Self.searchedWithoutPlaces + 1 {
            for (index, member) in members.enumerated() { places[member.key] = index }
        } else if members.count > Self.searchedWithoutPlaces {
            places[member.key] = members.count - 1
        }
    }

    /// The value of that member. Setting it adds the member or changes it in place; setting nil removes it.
    public subscript(key: String) -> JSONValue? {
        get { place(of: key).map { members[$0].value } }
        set {
            switch (place(of: key), newValue) {
            case (let index?, let value?): members[index].value = value
            case (nil, let value?): append(Member(key: key, value: value))
            case (let index?, nil):
                var rest = members
                rest.remove(at: index)
                self = JSONMembers()
                for member in rest { append(member) }
            case (nil, nil): break
            }
        }
    }

    /// Adds a member unless there is one with that key; returns whether it was added.
    public mutating func add(_ key: String, _ value: JSONValue) -> Bool {
        guard place(of: key) == nil else { return false }
        append(Member(key: key, value: value))
        return true
    }

    /// The keys, in order.
    public var keys: [String] { members.map(\.key) }
}

extension JSONMembers: RandomAccessCollection {
    /// The place of the first member.
    public var startIndex: Int { members.startIndex }
    /// The place behind the last member.
    public var endIndex: Int { members.endIndex }
    /// The member at that place.
    public subscript(position: Int) -> Member { members[position] }
}

extension JSONMembers: Hashable {
    /// Whether both have the same keys with the same values, in any order.
    public static func == (left: JSONMembers, right: JSONMembers) -> Bool {
        left.count == right.count && left.members.allSatisfy { right[$0.key] == $0.value }
    }

    /// Feeds a value that does not depend on the order of the members.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(members.reduce(members.count) { $0 ^ $1.hashValue })
    }
}
