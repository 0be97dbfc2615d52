import Testing

/// Bytes that the server must refuse, and how.
struct RefusedRequest: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let status: Int
    let code: String

    var testDescription: String { name }

    init(_ name: String, _ bytes: [UInt8], status: Int = 400, code: String = "BAD_REQUEST") {
        self.name = name
        self.bytes = bytes
        self.status = status
        self.code = code
    }

    init(_ name: String, _ text: String, status: Int = 400, code: String = "BAD_REQUEST") {
        self.init(name, Array(text.utf8), status: status, code: code)
    }

    /// A GET of `/text` with these lines besides Host.
    static func field(
        _ name: String,
        _ lines: String,
        status: Int = 400,
        code: String = "BAD_REQUEST"
    ) -> RefusedRequest {
        RefusedRequest(
            name,
            "GET /text HTTP/1.1\r\nHost: localhost\r\n\(lines)\r\n\r\n",
            status: status,
            code: code
        )
    }

    /// A GET with that request line.
    static func line(
        _ name: String,
        _ line: String,
        status: Int = 400,
        code: String = "BAD_REQUEST"
    ) -> RefusedRequest {
        RefusedRequest(name, "\(line)\r\nHost: localhost\r\n\r\n", status: status, code: code)
    }

    /// A GET with that target.
    static func target(_ target: String) -> RefusedRequest {
        .line("target \(target.debugDescription)", "GET \(target) HTTP/1.1")
    }

    /// A GET with that line, if any, in place of Host.
    static func host(_ name: String, _ line: String) -> RefusedRequest {
        RefusedRequest(name, "GET /text HTTP/1.1\r\n\(line)\r\n")
    }

    /// A POST with these lines, and what a lenient server would take for its body: five bytes, or one chunk of five.
    static func framing(
        _ name: String,
        _ lines: String,
        version: String = "1.1",
        status: Int = 400,
        code: String = "BAD_REQUEST"
    ) -> RefusedRequest {
        RefusedRequest(
            name,
            "POST /bytes HTTP/\(version)\r\nHost: localhost\r\n\(lines)\r\n\r\n"
                + (lines.hasPrefix("Transfer-Encoding") ? "5\r\nhello\r\n0\r\n\r\n" : "hello"),
            status: status,
            code: code
        )
    }

    /// A chunked POST with that encoded body.
    static func chunks(
        _ name: String,
        _ encoded: String,
        status: Int = 400,
        code: String = "BAD_REQUEST"
    ) -> RefusedRequest {
        RefusedRequest(name, Requests.chunked("/bytes", encoded), status: status, code: code)
    }
}
