internal import CYAML
import JSON

/// How much a YAML text may hold.
public struct YAMLLimits: Sendable, Hashable {
    /// How deep sequences and mappings may be nested, aliases counted as what they stand for.
    public var depth: Int
    /// How many nodes a document may have, aliases counted as what they stand for: a few hundred bytes of nested aliases can
    /// stand for billions.
    public var nodes: Int

    /// Limits that no file written by people reaches.
    public init(depth: Int = 100, nodes: Int = 1_000_000) {
        self.depth = depth
        self.nodes = nodes
    }
}

extension YAMLNode {
    /// Reads each document of a YAML 1.2 stream, scalars by the core schema (chapter 10.3). A merge key (`<<`, of YAML 1.1)
    /// takes in the entries of the mappings that it names, as other Kubernetes clients do.
    ///
    /// - Throws: where and why the bytes are no such stream. A key that appears twice in one mapping is an error; so are
    ///   infinities and NaN, which JSON cannot express.
    public static func documents(
        in bytes: [UInt8],
        limits: YAMLLimits = YAMLLimits()
    ) throws(YAMLError) -> [YAMLNode] {
        let result = bytes.withUnsafeBufferPointer { buffer in
            Result { () throws(YAMLError) in
                let events = try YAMLEvents(buffer)
                var composer = YAMLComposer(events: events, limits: limits)
                return try composer.documents()
            }
        }
        return try result.get()
    }

    /// Reads a stream of one document. An empty stream is null.
    ///
    /// - Throws: what ``documents(in:limits:)`` throws; also when there is a second document.
    public init(parsing bytes: [UInt8], limits: YAMLLimits = YAMLLimits()) throws(YAMLError) {
        let documents = try Self.documents(in: bytes, limits: limits)
        if documents.count > 1 {
            throw YAMLError("a second document, where one is expected", at: documents[1].position)
        }
        self = documents.first ?? YAMLNode(.scalar(.null), at: YAMLPosition(line: 1, column: 1))
    }

    /// Reads a text of one document; see ``init(parsing:limits:)-([UInt8],_)``.
    public init(parsing text: String, limits: YAMLLimits = YAMLLimits()) throws(YAMLError) {
        try self.init(parsing: Array(text.utf8), limits: limits)
    }
}

extension YAMLPosition {
    init(_ mark: yaml_mark_t) {
        self.init(line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
    }
}
