import ControlPlane
import HTTPServer
import HTTPTypes
import JSON

/// What the query of `GET /api/deployments/{name}/logs` asks for.
struct DeploymentLogParameters {
    var query = DeploymentLogQuery()
    let hasTimestamps: Bool
    let follows: Bool

    private static let lines = 1...10_000
    private static let seconds = 1...31_536_000

    /// - Throws: 400 for a parameter that has a value it cannot have.
    init(_ parameters: QueryParameters) throws(HTTPError) {
        query.podName = try Self.name("podName", in: parameters)
        query.container = try Self.name("container", in: parameters)
        query.tailLines = try parameters.integer("tailLines", in: Self.lines) ?? query.tailLines
        query.sinceSeconds = try parameters.integer("sinceSeconds", in: Self.seconds)
        query.isPrevious = try Self.flag("previous", in: parameters)
        hasTimestamps = try Self.flag("timestamps", in: parameters)
        follows = try Self.flag("follow", in: parameters)
        guard !follows || !query.isPrevious else {
            throw .badParameter("previous", "an instance that has ended writes no more: leave follow out")
        }
    }

    private static func flag(_ name: String, in parameters: QueryParameters) throws(HTTPError) -> Bool {
        switch parameters[name] {
        case nil, "false": return false
        case "true": return true
        default: throw .badParameter(name, "expected true or false")
        }
    }

    /// Names of pods have up to 253 characters, those of containers 63 (RFC 1123 subdomain and label).
    private static func name(_ name: String, in parameters: QueryParameters) throws(HTTPError) -> String? {
        guard let value = parameters[name] else { return nil }
        let isName = value.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x2E
        }
        guard isName, (1...253).contains(value.utf8.count) else {
            throw .badParameter(name, "expected lowercase letters, digits, hyphens and dots, at most 253")
        }
        return value
    }

    static let documentation: [Route.Parameter] = [
        .init(.query, "podName", "The pod; all of them unless one is named", schema: nameSchema),
        .init(
            .query,
            "container",
            "The container; the one that serves unless another is named",
            schema: nameSchema
        ),
        .init(
            .query,
            "tailLines",
            "The last lines, so many, of all pods together; with `follow` of each pod to begin with. 100 unless it says otherwise",
            schema: .integer(minimum: Int64(lines.lowerBound), maximum: Int64(lines.upperBound))
        ),
        .init(
            .query,
            "sinceSeconds",
            "Nothing older than so many seconds",
            schema: .integer(minimum: Int64(seconds.lowerBound), maximum: Int64(seconds.upperBound))
        ),
        .init(
            .query,
            "timestamps",
            "Whether each line begins with the time at which it was written",
            schema: flagSchema
        ),
        .init(
            .query,
            "previous",
            "Whether to read the log of the container's instance before the last restart",
            schema: flagSchema
        ),
        .init(
            .query,
            "follow",
            "Whether to go on with lines as they are written; not together with `previous`",
            schema: flagSchema
        ),
    ]

    private static let nameSchema = JSONSchema.string(pattern: "^[a-z0-9.-]{1,253}$")
    private static let flagSchema = JSONSchema.boolean
}
