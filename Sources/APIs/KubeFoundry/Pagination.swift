import HTTPServer
import HTTPTypes
import JSON

/// Which part of a list an answer has.
struct Pagination: JSONObject {
    let total: Int
    let limit: Int
    let offset: Int

    /// No list is as long.
    static let largestOffset: Int64 = 1_000_000

    static let schemaName = "Pagination"
    static let fields: [JSONField<Pagination>] = [
        .init("total", "How many there are", example: 81) { $0.total },
        .init("limit", "The most that were asked for; all unless a limit was given", example: 81) {
            $0.limit
        },
        .init("offset", "The place of the first", example: 0) { $0.offset },
        .init("hasMore", "Whether there are more behind these") { $0.offset + $0.limit < $0.total },
    ]
}

/// Which part of a list is asked for; all of it unless the query says otherwise.
struct PageQuery {
    let limit: Int?
    let offset: Int

    /// - Throws: 400 for a parameter that cannot be used.
    init(_ query: QueryParameters) throws(HTTPError) {
        limit = try query.integer("limit", in: 1...1000)
        offset = try query.integer("offset", in: 0...Int(Pagination.largestOffset)) ?? 0
    }

    /// The part of a list.
    func part<List: RandomAccessCollection>(of list: List) -> (List.SubSequence, Pagination) {
        let limit = limit ?? list.count
        return (
            list.dropFirst(offset).prefix(limit),
            Pagination(total: list.count, limit: limit, offset: offset)
        )
    }

    /// How the parameters are documented.
    static func parameters(_ what: String) -> [Route.Parameter] {
        [
            .init(.query, "limit", "The most \(what)", schema: .integer(minimum: 1, maximum: 1000)),
            .init(
                .query,
                "offset",
                "The place of the first",
                schema: .integer(minimum: 0, maximum: Pagination.largestOffset)
            ),
        ]
    }
}
