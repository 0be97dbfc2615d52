public import HTTPTypes
public import JSON

/// One row of a surface's route table: which requests it takes, who may make them, what it answers and how.
///
/// The same row serves to match requests, to answer 405 with `Allow`, to label metrics and to write the OpenAPI document.
public struct Route: Sendable {
    /// Who may call a route.
    public enum Access: String, Sendable, CaseIterable {
        /// Anyone who can reach the listener.
        case anyone = "public"
        /// Those who may read.
        case viewer
        /// Those who may also deploy.
        case `operator`
        /// Those who may also configure and install.
        case admin
    }

    /// How a route makes its answer.
    public enum Handler: Sendable {
        /// For what needs memory only: runs on the event loop, so it must neither wait nor take long.
        case immediate(@Sendable (borrowing Request, inout Response) throws -> Void)
        /// For everything that waits: runs off the loop, in a task that is cancelled when the client goes away.
        case asynchronous(@Sendable (Request) async throws -> Response)
    }

    /// The request's method.
    public let method: HTTPRequest.Method
    /// The paths that the route takes.
    public let path: PathTemplate
    /// Who may call it.
    public let access: Access
    /// What the OpenAPI document says of it.
    public let documentation: Documentation
    /// The media types of the body that it takes; empty when it takes none.
    public let requestTypes: [String]
    /// The most bytes of body that it takes; nil for the server's limit.
    public let bodyLimit: Int?
    /// Whether a client that closes its side of the connection has given its request up. Others may wait for their answer with
    /// that side closed; but what is made for this route costs too much to be made for nobody.
    public let endsWithClient: Bool
    /// Makes the answer.
    public let handler: Handler

    /// A row of a route table.
    public init(
        _ method: HTTPRequest.Method,
        _ path: PathTemplate,
        access: Access,
        documentation: Documentation,
        bodyLimit: Int? = nil,
        endsWithClient: Bool = false,
        handler: Handler
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.documentation = documentation
        self.requestTypes = documentation.requestBody.map { [$0.mediaType] } ?? []
        self.bodyLimit = bodyLimit
        self.endsWithClient = endsWithClient
        self.handler = handler
    }
}

extension Route {
    /// What the OpenAPI document says of a route.
    public struct Documentation: Sendable {
        /// A name for generated clients, unique in the document, such as `getHealth`.
        public var operationID: String
        /// One line.
        public var summary: String
        /// More, in Markdown; empty for none.
        public var description: String
        /// The group that it belongs to.
        public var tag: String
        /// Query and header parameters, and descriptions of path parameters.
        public var parameters: [Parameter]
        /// The body that it takes.
        public var requestBody: RequestBody?
        /// The answers that it gives, beside the errors which any route may give.
        public var answers: [Answer]

        /// What the document says of a route.
        public init(
            operationID: String,
            summary: String,
            description: String = "",
            tag: String,
            parameters: [Parameter] = [],
            requestBody: RequestBody? = nil,
            answers: [Answer]
        ) {
            self.operationID = operationID
            self.summary = summary
            self.description = description
            self.tag = tag
            self.parameters = parameters
            self.requestBody = requestBody
            self.answers = answers
        }
    }

    /// A parameter in the query, a header field or the path.
    public struct Parameter: Sendable {
        /// Where a parameter stands.
        public enum Place: String, Sendable {
            /// In the query.
            case query
            /// In a header field.
            case header
            /// In the path.
            case path
        }

        /// Where it stands.
        public var place: Place
        /// Its name.
        public var name: String
        /// What it does.
        public var description: String
        /// Whether a request without it is refused.
        public var isRequired: Bool
        /// Whether its value must stay out of logs.
        public var isSecret: Bool
        /// What values it takes.
        public var schema: JSONSchema

        /// A parameter.
        public init(
            _ place: Place,
            _ name: String,
            _ description: String,
            isRequired: Bool = false,
            isSecret: Bool = false,
            schema: JSONSchema
        ) {
            self.place = place
            self.name = name
            self.description = description
            self.isRequired = isRequired
            self.isSecret = isSecret
            self.schema = schema
        }
    }

    /// A body that a route takes.
    public struct RequestBody: Sendable {
        /// Its media type without parameters, such as `application/json`.
        public var mediaType: String
        /// What it means.
        public var description: String
        /// Its form.
        public var schema: JSONSchema

        /// A body.
        public init(mediaType: String = "application/json", description: String, schema: JSONSchema) {
            self.mediaType = mediaType
            self.description = description
            self.schema = schema
        }
    }

    /// An answer that a route gives.
    public struct Answer: Sendable {
        /// Its status code.
        public var status: Int
        /// When it is given.
        public var description: String
        /// Its media type without parameters; nil when it has no body.
        public var mediaType: String?
        /// Its form.
        public var schema: JSONSchema?

        /// An answer with a JSON body.
        public init<Value: JSONEncodable>(_ status: Int, _ description: String, json type: Value.Type) {
            self.init(status, description, mediaType: "application/json", schema: type.jsonSchema)
        }

        /// An answer with any body, or none.
        public init(_ status: Int, _ description: String, mediaType: String? = nil, schema: JSONSchema? = nil)
        {
            self.status = status
            self.description = description
            self.mediaType = mediaType
            self.schema = schema
        }
    }
}
