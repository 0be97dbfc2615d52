public import JSON

/// One documented API: its routes, below a prefix, and the shape of its errors.
public struct Surface: Sendable {
    /// Turns a failure into the surface's error body. The second argument is the request's id.
    public typealias ErrorRenderer = @Sendable (HTTPError, String, inout Response) -> Void

    /// The API's name, such as `KubeFoundry`.
    public let name: String
    /// What every path of the surface starts with, such as `/lmstack`; empty for the main surface. It decides which surface
    /// answers for a path that no route has.
    public let prefix: String
    /// The route table.
    public let routes: [Route]
    /// The one place that gives the surface's errors their shape.
    public let renderError: ErrorRenderer
    /// The form of the surface's errors, for the OpenAPI document.
    public let errorSchema: JSONSchema

    /// A surface.
    public init(
        name: String,
        prefix: String = "",
        routes: [Route],
        errorSchema: JSONSchema,
        renderError: @escaping ErrorRenderer
    ) {
        self.name = name
        self.prefix = prefix
        self.routes = routes
        self.errorSchema = errorSchema
        self.renderError = renderError
    }
}
