public import JSON

/// A value in a YAML document, together with where it stands.
///
/// An alias is a copy of the node that it names, with the position of that node.
public struct YAMLNode: Sendable {
    /// What a node is.
    public enum Content: Sendable {
        /// A scalar as the core schema reads it.
        case scalar(JSONValue)
        /// A sequence.
        case sequence([YAMLNode])
        /// A mapping; each key once.
        case mapping([Entry])
    }

    /// One entry of a mapping.
    public struct Entry: Sendable {
        /// The key.
        public let key: String
        /// Where the key stands.
        public let position: YAMLPosition
        /// The value.
        public let value: YAMLNode
    }

    /// A step from a node to one within it.
    public enum Step: Sendable, Hashable {
        /// To the value of that key.
        case key(String)
        /// To the element with that index, from 0.
        case index(Int)
    }

    /// Where the node starts.
    public let position: YAMLPosition
    /// What the node is.
    public let content: Content
    /// How many nodes it is with all within it, aliases counted as what they stand for.
    let size: Int
    /// How many levels of nodes it is; 1 for a scalar.
    let height: Int

    init(_ content: Content, at position: YAMLPosition) {
        self.content = content
        self.position = position
        let children: [YAMLNode] =
            switch content {
            case .scalar: []
            case .sequence(let elements): elements
            case .mapping(let entries): entries.map(\.value)
            }
        size = children.reduce(1) { $0 + $1.size }
        height = 1 + (children.map(\.height).max() ?? 0)
    }

    /// The node as JSON.
    public var json: JSONValue {
        switch content {
        case .scalar(let value): return value
        case .sequence(let elements): return .array(elements.map(\.json))
        case .mapping(let entries):
            var members = JSONMembers()
            for entry in entries { members[entry.key] = entry.value.json }
            return .object(members)
        }
    }

    /// Where the value behind these steps stands, for a mapping's value the place of its key. Where the way ends early, the
    /// last place that was reached.
    public func position(at path: [Step]) -> YAMLPosition {
        guard let step = path.first else { return position }
        let rest = Array(path.dropFirst())
        switch (step, content) {
        case (.key(let key), .mapping(let entries)):
            guard let entry = entries.first(where: { $0.key == key }) else { return position }
            return rest.isEmpty ? entry.position : entry.value.position(at: rest)
        case (.index(let index), .sequence(let elements)):
            return elements.indices.contains(index) ? elements[index].position(at: rest) : position
        default:
            return position
        }
    }
}

extension [YAMLNode.Step] {
    /// The path as people write it: `clusters[0].cluster.server`.
    public var pathDescription: String {
        reduce("") { path, step in
            switch step {
            case .key(let key): path.isEmpty ? key : "\(path).\(key)"
            case .index(let index): "\(path)[\(index)]"
            }
        }
    }
}
