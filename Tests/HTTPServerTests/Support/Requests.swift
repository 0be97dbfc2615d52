/// Requests as bytes.
enum Requests {
    static let text = "GET /text HTTP/1.1\r\nHost: localhost\r\n\r\n"
    static let slow = "GET /async HTTP/1.1\r\nHost: localhost\r\n\r\n"

    /// A request without a body.
    static func get(_ target: String, _ fields: String...) -> String {
        request("GET", target, fields)
    }

    /// A request with any method; `body` comes with its length.
    static func request(_ method: String, _ target: String, _ fields: [String] = [], body: String? = nil)
        -> String
    {
        var text = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n"
        for field in fields { text += field + "\r\n" }
        if let body { text += "Content-Length: \(body.utf8.count)\r\n" }
        return text + "\r\n" + (body ?? "")
    }

    /// A POST whose body is `encoded`, which is chunked already.
    static func chunked(_ target: String, _ encoded: String, fields: [String] = []) -> String {
        request("POST", target, fields + ["Transfer-Encoding: chunked"]) + encoded
    }
}
