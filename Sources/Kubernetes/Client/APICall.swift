internal import HTTPClient
internal import HTTPTypes
internal import JSON

/// A request to the API server.
struct APICall: Sendable {
    var method: HTTPRequest.Method = .get
    /// The path below the server's URL, percent-encoded.
    var path: String
    var parameters: [(String, String)] = []
    var headers: HTTPFields = [.accept: "application/json"]
    var body = HTTPClientRequestBody.none
    /// The API server itself gives up after a minute.
    var deadlines = HTTPClientDeadlines(connect: .seconds(10), firstByte: .seconds(65), idle: .seconds(30))
    /// The most bytes of an answer that is taken as a whole.
    var largestAnswer = 64 << 20
    var acceptsCompression = true
    /// Whether another attempt is made when the server says when to.
    var waitsWhenTold = true

    init(_ path: String) {
        self.path = path
    }

    init(_ method: HTTPRequest.Method, _ path: String, json: JSONValue, type: String = "application/json") {
        self.method = method
        self.path = path
        headers[.contentType] = type
        body = .bytes(json.encoded())
    }

    /// Adds a parameter, unless there is no value for it.
    mutating func add(_ name: String, _ value: String?) {
        if let value { parameters.append((name, value)) }
    }
}
