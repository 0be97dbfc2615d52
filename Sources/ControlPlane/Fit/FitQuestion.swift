public import Capacity
public import JSON

/// A question of fit in the terms of a query or a command line. What is nil is left to the defaults of the request's document.
public struct FitQuestion: Sendable {
    /// The model's name on the Hub, or of a file of this machine.
    public var model: String
    /// Its branch, tag or commit.
    public var revision: String?
    /// The GGUF file of its repository.
    public var file: String?
    /// The engine's name.
    public var engine: String?
    /// The engine's version.
    public var engineVersion: String?
    /// The product of the GPUs, as a label or a person names it; nil where the cluster's nodes are meant.
    public var product: String?
    /// How many GPUs of the product.
    public var count: Int?
    /// The labels of the nodes whose GPUs are meant; empty for all nodes.
    public var nodeSelector: String?
    /// The longest context, tokens.
    public var contextLength: Int?
    /// How many requests of that length at once.
    public var concurrency: Int?
    /// The most sequences in a batch.
    public var maxSequences: Int?
    /// The most tokens in a batch.
    public var maxBatchedTokens: Int?
    /// Members of the document's `options`.
    public var options: [String: JSONValue] = [:]

    /// A question about a model, with everything else at its default.
    public init(model: String) { self.model = model }

    /// The document's JSON, as `POST /api/fit` takes it.
    public var json: JSONValue {
        var body: JSONValue = [
            "model": Self.object([
                "id": .string(model), "revision": text(revision), "file": text(file),
            ])
        ]
        body["engine"] = Self.object(["name": text(engine), "version": text(engineVersion)])
        if let product {
            body["devices"] = [Self.object(["product": .string(product), "count": number(count)])]
        }
        if let nodeSelector { body["nodes"] = ["selector": .string(nodeSelector)] }
        body["workload"] = Self.object([
            "max_model_len": number(contextLength), "concurrency": number(concurrency),
            "max_num_seqs": number(maxSequences), "max_num_batched_tokens": number(maxBatchedTokens),
        ])
        body["options"] = Self.object(options)
        return body
    }

    /// The document.
    ///
    /// - Throws: the first thing that is wrong with the question.
    public func document() throws(FitRequestFailure) -> FitRequestDocument {
        try FitRequestDocument(json: json)
    }

    private func text(_ value: String?) -> JSONValue? { value.map(JSONValue.string) }

    private func number(_ value: Int?) -> JSONValue? { value.map { .integer(Int64($0)) } }

    private static func object(_ members: [String: JSONValue?]) -> JSONValue {
        var object: JSONValue = [:]
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
            if let value { object[key] = value }
        }
        return object
    }
}
