internal import HTTPClient
internal import HTTPTypes
internal import JSON

/// What is asked of the Hub's list of models.
public struct ModelQuery: Sendable, Hashable {
    /// Words that the names must have.
    public var text: String
    /// What the models are for.
    public var pipelineTag: String
    /// Models on a page, 1 to 1000.
    public var pageSize: Int

    /// Models for text generation whose names have these words.
    public init(_ text: String, pipelineTag: String = "text-generation", pageSize: Int = 100) {
        self.text = text
        self.pipelineTag = pipelineTag
        self.pageSize = min(max(pageSize, 1), 1000)
    }
}

/// Some models of a list.
public struct ModelPage: Sendable, Hashable {
    /// The models, the most downloaded ones first.
    public var models: [HubModel]
    /// Where the next page is; nil when this is the last one.
    public var next: Cursor?

    /// Where a page is.
    public struct Cursor: Sendable, Hashable {
        /// The query of the request for it.
        let query: String
    }
}

/// A model, or that it is as it was.
public enum ModelAnswer: Sendable, Hashable {
    /// The model, and by which tag to ask whether it has changed (RFC 9110 §8.8.3).
    case model(HubModel, entityTag: String?)
    /// It is as it was when it had the tag that was shown.
    case unchanged
}

extension HubClient {
    /// The first page of the models that a query is for.
    ///
    /// - Throws: `HubError`.
    public func models(_ query: ModelQuery, token: HubToken?) async throws(HubError) -> ModelPage {
        var parameters = [
            ("search", query.text), ("pipeline_tag", query.pipelineTag), ("sort", "downloads"),
            ("direction", "-1"),
            ("limit", "\(query.pageSize)"),
        ]
        parameters += HubModel.expandedFields.map { ("expand[]", $0) }
        return try await models(at: ModelPage.Cursor(query: PercentEncoding.query(parameters)), token: token)
    }

    /// A later page.
    ///
    /// - Throws: `HubError`.
    public func models(at cursor: ModelPage.Cursor, token: HubToken?) async throws(HubError) -> ModelPage {
        let response = try await answer("/api/models", query: cursor.query, token: token)
        guard let elements = try json(response).arrayValue else {
            throw HubError(.badAnswer, "the Hub's list of models is no array", status: response.status.code)
        }
        return ModelPage(
            models: elements.compactMap { HubModel(json: $0) },
            next: NextPage.query(response.headers).map { ModelPage.Cursor(query: $0) }
        )
    }

    /// What the Hub tells about one model.
    ///
    /// - Throws: `HubError`; `notFound` also for private models that the user may not know of.
    public func model(
        _ id: RepositoryID,
        revision: Revision = .main,
        token: HubToken?
    ) async throws(HubError) -> HubModel {
        switch try await model(id, revision: revision, token: token, unlessTagged: nil) {
        case .model(let model, _): return model
        case .unchanged: throw HubError(.badAnswer, "the Hub sent nothing, though nothing was known before")
        }
    }

    /// What the Hub tells about one model, unless it is as it was when it had that entity tag.
    ///
    /// - Throws: `HubError`; `notFound` also for private models that the user may not know of.
    public func model(
        _ id: RepositoryID,
        revision: Revision = .main,
        token: HubToken?,
        unlessTagged entityTag: String?
    ) async throws(HubError) -> ModelAnswer {
        var headers = HTTPFields()
        if let entityTag { headers[.ifNoneMatch] = entityTag }
        let response = try await answer(
            "/api/models/\(id.text)/revision/\(PercentEncoding.encode(revision.text))",
            query: PercentEncoding.query((HubModel.expandedFields + ["siblings"]).map { ("expand[]", $0) }),
            token: token,
            headers: headers
        )
        if response.status == .notModified { return .unchanged }
        guard let model = HubModel(json: try json(response)) else {
            throw HubError(.badAnswer, "the Hub's answer is no model", status: response.status.code)
        }
        return .model(model, entityTag: response.headers[.eTag])
    }
}
