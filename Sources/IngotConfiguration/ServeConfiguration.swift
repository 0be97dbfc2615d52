public import Logging

/// How `ingot serve` runs: every value checked, in the units of the program.
public struct ServeConfiguration: Sendable, Equatable {
    /// The address to listen on, or `localhost`; a loopback one where callers need not prove who they are.
    public var host: String
    /// The TCP port to listen on; 0 for any free one.
    public var port: UInt16
    /// Where data is kept; never empty, may be relative to the working directory, and need not exist yet.
    public var dataDirectory: String
    /// What is logged, and how.
    public var log: Log
    /// Who may call the API.
    public var auth: Auth
    /// How the audit log is kept.
    public var audit: Audit
    /// Which cluster is used.
    public var cluster: Cluster
    /// How runtimes are installed.
    public var helm: Helm
    /// Where models come from.
    public var huggingFace: HuggingFace
    /// How requests are sent.
    public var outbound: Outbound
    /// What of this machine counts as models.
    public var models: Models
    /// How the HTTP server behaves.
    public var server: Server

    /// How Ingot sends requests of its own.
    public struct Outbound: Sendable, Equatable {
        /// The URL of the proxy; empty for those of the environment.
        public var proxy: String
        /// What is asked directly in spite of it, with commas between.
        public var proxyExceptions: String
    }

    /// The `helm` program.
    public struct Helm: Sendable, Equatable {
        /// Where it is; empty for what `PATH` finds.
        public var path: String
        /// How long one command may take.
        public var timeout: Duration
    }

    /// The Hugging Face Hub.
    public struct HuggingFace: Sendable, Equatable {
        /// Its base URL.
        public var endpoint: String
        /// How long it may take for an answer, all attempts together.
        public var timeout: Duration
        /// The client id of the OAuth application as which people sign in.
        public var clientID: String
        /// Origins, beside those on loopback addresses, that people may be sent back to; `*` for all.
        public var redirectOrigins: [String]
    }

    /// What of this machine counts as models.
    public struct Models: Sendable, Equatable {
        /// The folder of GGUF files; empty for none.
        public var directory: String
    }

    /// Which cluster is used.
    public struct Cluster: Sendable, Equatable {
        /// Where the cluster comes from.
        public enum Mode: String, Sendable, CaseIterable {
            /// The configured one if there is one, else the embedded one.
            case auto
            /// The one that a kubeconfig or the pod's service account names.
            case kubernetes
            /// The one inside this process.
            case embedded
            /// None.
            case none
        }

        /// Where the cluster comes from.
        public var mode: Mode
        /// The kubeconfig file; empty for the usual places.
        public var kubeconfig: String
        /// The kubeconfig's context; empty for its current one.
        public var context: String
        /// The namespace of what Ingot keeps for itself.
        public var namespace: String
        /// How the embedded cluster is set up.
        public var embedded: Embedded
    }

    /// What is logged, and how.
    public struct Log: Sendable, Equatable {
        /// How log records are written.
        public enum Format: String, Sendable, CaseIterable {
            /// For people.
            case text
            /// One JSON object a line.
            case json
        }

        /// The least severe level that is logged.
        public var level: Logger.Level
        /// How log records are written.
        public var format: Format
    }

    /// How the HTTP server behaves.
    public struct Server: Sendable, Equatable {
        /// Event loops; 0 for one per core.
        public var eventLoops: Int
        /// How long a stop waits for requests in progress.
        public var gracePeriod: Duration
        /// Names, beside addresses and `localhost`, that Host may carry; `*` for all. In lower case.
        public var allowedHosts: [String]
        /// Which pages of other origins may use it.
        public var cors: CORS
        /// What bounds its use.
        public var limits: Limits
        /// When it compresses.
        public var compression: Compression

        /// Cross-origin resource sharing.
        public struct CORS: Sendable, Equatable {
            /// The origins whose pages may read answers; `*` for all. Empty: those on loopback addresses.
            public var allowedOrigins: [String]
            /// Whether such pages may send cookies and other credentials.
            public var allowsCredentials: Bool
            /// How long a browser may remember a preflight's answer.
            public var maximumAge: Duration
        }

        /// When answers are compressed.
        public struct Compression: Sendable, Equatable {
            /// Bytes from which a body is compressed for a client that asks for gzip.
            public var minimumSize: Int
            /// zlib's level, 1 to 9; 0 turns compression off.
            public var level: Int
        }

        /// What bounds the use of the server by its clients. All of it may change while the server runs.
        public struct Limits: Sendable, Equatable {
            /// Connections open at once.
            public var connections: Int
            /// Connections open at once from one address.
            public var connectionsPerAddress: Int
            /// Bytes of a request head.
            public var headSize: Int
            /// Bytes of a request target.
            public var targetSize: Int
            /// Header fields of a request.
            public var fieldCount: Int
            /// Bytes of a request body, for routes that set no limit of their own.
            public var bodySize: Int
            /// How long a request head may take, and how long a new connection may stay silent.
            public var headTimeout: Duration
            /// How long a request body may pause.
            public var bodyIdleTimeout: Duration
            /// How long a connection may wait for its next request.
            public var keepAliveTimeout: Duration
            /// How long a client may refuse to take any byte of an answer.
            public var writeTimeout: Duration
            /// Bytes a second that a request body must reach on average; 0 for no minimum.
            public var minimumBodyRate: Int
            /// Requests answered on one connection before it is closed; 0 for no limit.
            public var requestsPerConnection: Int
            /// Bytes of requests and answers held in memory for all connections together.
            public var bufferedMemory: Int
            /// Bytes of one WebSocket message.
            public var webSocketMessageSize: Int
            /// How often a silent WebSocket peer is asked for a sign of life, and how long it has to give one.
            public var webSocketPingInterval: Duration
        }
    }
}
