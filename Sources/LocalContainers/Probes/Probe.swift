/// An attempt to learn how a container is, as a probe of its pod specifies it. When attempts are made and what follows from how
/// many of them is the kubelet's to know.
public struct Probe: Sendable, Hashable {
    /// What is tried.
    public enum Action: Sendable, Hashable {
        /// A command in the container's environment succeeds if it exits with 0.
        case exec([String])
        /// A GET request succeeds if the answer's status is 200 to 399.
        case httpGet(HTTPGet)
        /// A connection succeeds if it comes about.
        case tcpSocket(host: String, port: UInt16)
    }

    /// A GET request.
    public struct HTTPGet: Sendable, Hashable {
        /// Whether it is made over TLS, without verification of the certificate, as the kubelet makes it.
        public var isSecure: Bool
        /// The host to connect to, by default the pod's address.
        public var host: String
        /// The port.
        public var port: UInt16
        /// The path and query.
        public var path: String
        /// Header fields, `Host` among them if the server is to be told another name.
        public var headers: [Header]

        /// A request.
        public init(
            isSecure: Bool = false,
            host: String,
            port: UInt16,
            path: String = "/",
            headers: [Header] = []
        ) {
            self.isSecure = isSecure
            self.host = host
            self.port = port
            self.path = path
            self.headers = headers
        }
    }

    /// A field of a request's header.
    public struct Header: Sendable, Hashable {
        /// The field's name.
        public var name: String
        /// The field's value.
        public var value: String

        /// A field.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// What is tried.
    public var action: Action
    /// How long an attempt may take.
    public var timeout: Duration

    /// One attempt, with the API's default for its time.
    public init(_ action: Action, timeout: Duration = .seconds(1)) {
        self.action = action
        self.timeout = timeout
    }
}

/// What came of one attempt.
public enum ProbeOutcome: Sendable, Hashable {
    /// It succeeded.
    case success
    /// It failed, with the message for the pod's events.
    case failure(String)
    /// It could not be made, which says nothing about the container.
    case error(String)
}
