public import HTTPTypes

/// A request as a handler sees it: the head, the body if the route takes one, and what the server knows of the client.
///
/// It is cheap to make and to pass: strings come into being only when they are asked for.
public struct Request: Sendable {
    let head: RequestHead
    let identity: RequestID
    /// The values of the path template's parameters.
    public let parameters: PathParameters
    /// The whole body, decoded from its transfer coding; empty when there is none.
    public let body: [UInt8]
    /// The address of the other end of the connection.
    public let remoteAddress: SocketAddress
    /// Who the client is by its certificate; nil on a plain connection, and when it showed none.
    public let tlsPeer: TLSPeer?
    /// Who makes the request; nil where that was not asked for.
    public internal(set) var principal: Principal?

    init(
        head: RequestHead,
        identity: RequestID,
        parameters: PathParameters,
        body: [UInt8],
        remoteAddress: SocketAddress,
        tlsPeer: TLSPeer?
    ) {
        self.head = head
        self.identity = identity
        self.parameters = parameters
        self.body = body
        self.remoteAddress = remoteAddress
        self.tlsPeer = tlsPeer
    }

    /// The id that the answer, the access log and errors carry.
    public var id: String { identity.text(head) }

    /// The request's method.
    public var method: HTTPRequest.Method {
        HTTPRequest.Method(rawValue: head.text(head.methodRange)) ?? .get
    }

    /// The path as received, still percent-encoded.
    public var path: String { head.text(head.path) }

    /// The query's parameters.
    public var query: QueryParameters {
        guard let range = head.query else { return QueryParameters([]) }
        return QueryParameters(head.slice(range))
    }

    /// The first value of a header field, or nil.
    public subscript(name: HTTPField.Name) -> String? {
        head.firstValue(named: name.canonicalName)
    }

    /// Every value of a header field, in order.
    public func values(_ name: HTTPField.Name) -> [String] {
        head.values(named: name.canonicalName)
    }
}

/// The values that a path template's parameters took, decoded.
public struct PathParameters: Sendable, Equatable {
    var values: [(name: String, value: String)] = []

    /// The value of the parameter called `name`, or nil when the template has none of that name.
    public subscript(name: String) -> String? {
        values.first { $0.name == name }?.value
    }

    /// The value of an integer parameter, or nil.
    public func integer(_ name: String) -> Int? {
        self[name].flatMap(Int.init)
    }

    /// Whether both have the same values under the same names.
    public static func == (left: PathParameters, right: PathParameters) -> Bool {
        left.values.elementsEqual(right.values) { $0 == $1 }
    }
}
