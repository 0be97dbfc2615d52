internal import CModelCatalogData
public import Capacity
public import JSON

/// The models that are offered without a search.
public struct ModelCatalog: Sendable {
    /// The models in the order in which they are listed.
    public let models: [CatalogModel]
    private let byID: [String: Int]

    /// The catalogue that lies in the executable.
    public static let standard = ModelCatalog(embedded())

    /// A catalogue of these models. Of two with one name the first counts.
    public init(_ models: [CatalogModel]) {
        self.models = models
        byID = Dictionary(models.enumerated().map { ($1.id, $0) }) { first, _ in first }
    }

    /// A catalogue of the entries of a JSON array; what is no entry is left out.
    public init(json: JSONValue) {
        self.init(json.arrayValue?.compactMap { CatalogModel(json: $0) } ?? [])
    }

    /// The model of that name; nil when the catalogue has none.
    public func model(_ id: String) -> CatalogModel? {
        byID[id].map { models[$0] }
    }

    /// The entries as they are written in the executable. A test sees to it that each of them is read.
    private static func embedded() -> [CatalogModel] {
        let bytes = ingot_catalog_models()
        let json = try? JSONValue(parsing: UnsafeBufferPointer(start: bytes.start, count: bytes.count))
        return json?.arrayValue?.compactMap { CatalogModel(json: $0) } ?? []
    }
}

/// Which models of a list are wanted.
public struct ModelFilter: Sendable, Hashable {
    private let words: [String]
    /// The engine that must run them; nil for any.
    public let engine: InferenceEngine?

    /// A filter.
    ///
    /// - Parameters:
    ///   - text: words that must all be in the name or the repository's name, in any order; the case of letters does not count.
    ///   - engine: the engine that must run them; nil for any.
    public init(_ text: String = "", engine: InferenceEngine? = nil) {
        words = text.lowercased().split { $0.isWhitespace }.map(String.init)
        self.engine = engine
    }

    /// Whether a model with these names, run by these engines, is wanted.
    public func accepts(names: [String], engines: [InferenceEngine]) -> Bool {
        if let engine, !engines.contains(engine) { return false }
        guard !words.isEmpty else { return true }
        let text = names.map { $0.lowercased() }.joined(separator: "\n")
        return words.allSatisfy { text.contains($0) }
    }

    /// Whether the model is wanted.
    public func accepts(_ model: CatalogModel) -> Bool {
        accepts(names: [model.id, model.name], engines: model.engines)
    }
}
