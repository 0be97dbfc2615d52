import ControlPlane
import HTTPServer
import HTTPTypes
import HuggingFace
import JSON

/// `GET /api/models/search`.
enum ModelSearchRoute {
    /// The most characters of a text to search for.
    private static let longestText = 200

    static func route(models: ModelSources) -> Route {
        Route(
            .get,
            "/api/models/search",
            access: .viewer,
            documentation: .init(
                operationID: "searchModels",
                summary: "Search the Hugging Face Hub for models that an engine runs",
                description: """
                    Models for text generation alone, without those whose architectures no engine runs. Results are kept for a \
                    minute, for each user's token by itself.
                    """,
                tag: "Models",
                parameters: parameters + HubParameters.token,
                answers: [
                    .init(200, "The models.", json: ModelSearchAnswer.self)
                ] + HubParameters.failures
            ),
            handler: .asynchronous { request in
                let query = request.query
                let text = try text(query)
                let limit = try query.integer("limit", in: ModelSearch.allowedLimits) ?? 20
                let offset = try query.integer("offset", in: 0...Int(Pagination.largestOffset)) ?? 0
                let token = try request.hubToken()
                do throws(HubError) {
                    guard let hub = models.hub else { throw HubError(.unreachable, "no Hub is configured") }
                    let results = try await hub.search.models(
                        matching: text,
                        offset: offset,
                        limit: limit,
                        token: token
                    )
                    return Response(json: ModelSearchAnswer(results, query: text))
                } catch {
                    throw HTTPError(error)
                }
            }
        )
    }

    private static var parameters: [Route.Parameter] {
        let other = #"[^\x00-\x1F]*"#
        let visible = #"[^\x00-\x20]"#
        return [
            .init(
                .query,
                "q",
                "Words that must be in the name: at least two characters that are no spaces",
                isRequired: true,
                schema: .string(
                    pattern: "^\(other)\(visible)\(other)\(visible)\(other)$",
                    minimumLength: 2,
                    maximumLength: longestText
                )
            ),
            .init(
                .query,
                "limit",
                "The most models; 20 unless given",
                schema: .integer(minimum: 1, maximum: Int64(ModelSearch.allowedLimits.upperBound))
            ),
            .init(
                .query,
                "offset",
                "The place of the first; 0 unless given",
                schema: .integer(minimum: 0, maximum: Pagination.largestOffset)
            ),
        ]
    }

    /// The text to search for, with single spaces.
    private static func text(_ query: QueryParameters) throws(HTTPError) -> String {
        let scalars = (query["q"] ?? "").unicodeScalars
        let visible = scalars.count { $0.value > 0x20 }
        guard visible >= 2, scalars.count <= longestText, scalars.allSatisfy({ $0.value >= 0x20 }) else {
            throw .badParameter(
                "q",
                "expected a text to search for, of 2 to \(longestText) characters on one line"
            )
        }
        return String(scalars).split(separator: " ").joined(separator: " ")
    }
}
