public import JSON

/// What an audit log says of one request that may have changed something. It has no header field and no body of the request.
public struct AuditEntry: Sendable, Hashable {
    /// When it ended.
    public var time: Timestamp
    /// Who made it; empty where callers need not say.
    public var user: String
    /// The address that it came from.
    public var remote: String
    /// Its method.
    public var method: String
    /// The route that it took, with the names of parameters.
    public var route: String
    /// What it was about: the path's parameters and what else names an object, such as `namespace` and `name`.
    public var object: [Part]
    /// The status code of its answer; 499 where the client went away before.
    public var status: Int
    /// Whether it was refused because of who made it.
    public var isRefused: Bool
    /// Its id, as in the answer and the server's log.
    public var requestID: String

    /// One of the names that tell which object is meant.
    public struct Part: Sendable, Hashable {
        /// What it is a name of, such as `namespace`.
        public var key: String
        /// The name.
        public var value: String

        /// A name.
        public init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    /// What is said of a request.
    public init(
        time: Timestamp,
        user: String,
        remote: String,
        method: String,
        route: String,
        object: [Part],
        status: Int,
        isRefused: Bool,
        requestID: String
    ) {
        self.time = time
        self.user = user
        self.remote = remote
        self.method = method
        self.route = route
        self.object = object
        self.status = status
        self.isRefused = isRefused
        self.requestID = requestID
    }

    /// The longest text of a member, bytes: the line with all of them stays far below the longest that is read back.
    private static let longest = 4096

    /// The entry as a line without its newline.
    func line(number: Int, previous: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            Self.begin(number, previous, time, to: &writer)
            Self.member("user", user, to: &writer)
            Self.member("remote", remote, to: &writer)
            Self.member("method", method, to: &writer)
            Self.member("route", route, to: &writer)
            writer.key("object")
            writer.object { writer in
                for part in object { Self.member(part.key, part.value, to: &writer) }
            }
            writer.key("status")
            writer.integer(Int64(status))
            writer.key("refused")
            writer.bool(isRefused)
            Self.member("requestId", requestID, to: &writer)
        }
        return writer.take()
    }

    /// A line that tells of the log itself.
    static func note(_ text: String, at time: Timestamp, number: Int, previous: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            begin(number, previous, time, to: &writer)
            member("note", text, to: &writer)
        }
        return writer.take()
    }

    private static func begin(
        _ number: Int,
        _ previous: String,
        _ time: Timestamp,
        to writer: inout JSONWriter
    ) {
        writer.key("number")
        writer.integer(Int64(number))
        member("previous", previous, to: &writer)
        member("time", time.description, to: &writer)
    }

    private static func member(_ key: String, _ text: String, to writer: inout JSONWriter) {
        writer.key(key)
        writer.string(text.utf8.count <= longest ? text : String(text.prefix(longest / 4)) + "…")
    }
}
