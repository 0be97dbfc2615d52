public import JSON

/// What kubeconfig files say, merged.
public struct Kubeconfig: Sendable {
    /// How an API server is reached.
    public struct Cluster: Sendable, Hashable {
        /// The URL of the API server.
        public var server: String
        /// The certificates of the authorities to trust; nil for the system's.
        public var certificateAuthority: Material?
        /// Whether the server's certificate is not checked.
        public var skipsVerification: Bool
        /// The name in the server's certificate, where it is not the URL's host.
        public var serverName: String?
        /// The proxy on the way.
        public var proxyURL: String?
        /// What the cluster has for exec plugins: the extension `client.authentication.k8s.io/exec`.
        public var execConfiguration: JSONValue?
    }

    /// How someone proves who they are.
    public struct User: Sendable, Hashable {
        /// The certificate for TLS.
        public var clientCertificate: Material?
        /// The key of the certificate.
        public var clientKey: Material?
        /// A bearer token.
        public var token: String?
        /// A file with a bearer token, which goes before the token.
        public var tokenFile: String?
        /// A name for basic authentication.
        public var username: String?
        /// The password for basic authentication.
        public var password: String?
        /// A program that gives credentials.
        public var exec: ExecPlugin?
        /// Whom to act as.
        public var impersonation: Impersonation?
    }

    /// A cluster, a user and a namespace by their names.
    public struct Context: Sendable, Hashable {
        /// The cluster's name.
        public var cluster: String
        /// The user's name; empty for nobody.
        public var user: String
        /// The namespace; `default` when there is none.
        public var namespace: String
    }

    /// Something with a name, and the file that it comes from.
    struct Entry<Value: Sendable>: Sendable {
        var name: String
        /// What is wrong with an entry matters only when the entry is used.
        var value: Result<Value, KubeconfigError>
        var file: String
        var line: Int

        func error(_ message: String, key: String) -> KubeconfigError {
            KubeconfigError(message, file: file, key: key, line: line)
        }
    }

    var clusters: [String: Entry<Cluster>] = [:]
    var users: [String: Entry<User>] = [:]
    var contexts: [String: Entry<Context>] = [:]
    /// The context that is used unless another one is asked for.
    public var currentContext: String? { current?.name }
    var current: Entry<Void>?

    /// The names of the contexts, in order.
    public var contextNames: [String] { contexts.keys.sorted() }
    /// Whether there is nothing in it.
    public var isEmpty: Bool { clusters.isEmpty && users.isEmpty && contexts.isEmpty && current == nil }

    init() {}

    /// Takes in a file of lower rank: of everything with a name, and of the current context, what is here already stays as it
    /// is, as a whole ("Organizing Cluster Access Using kubeconfig Files", section "Merging kubeconfig files").
    mutating func merge(_ other: Kubeconfig) {
        clusters.merge(other.clusters) { own, _ in own }
        users.merge(other.users) { own, _ in own }
        contexts.merge(other.contexts) { own, _ in own }
        if current == nil { current = other.current }
    }
}

/// Whom requests act as, where the user may (`Impersonate-…` header fields).
public struct Impersonation: Sendable, Hashable {
    /// The user's name.
    public var user: String
    /// The user's UID.
    public var uid: String?
    /// The user's groups.
    public var groups: [String]
    /// Further attributes, by their names.
    public var extra: [String: [String]]
}
