public import HTTPClient
internal import JSON

/// Where an API server is and as whom it is asked.
public struct ClusterConfiguration: Sendable {
    /// The ways to prove who one is, besides a client certificate.
    public enum Authentication: Sendable, Hashable {
        /// None.
        case none
        /// A bearer token.
        case token(String)
        /// The path of a file with a bearer token, which is read again as it changes.
        case tokenFile(String)
        /// Basic authentication.
        case basic(username: String, password: String)
        /// A program that gives a token or a certificate.
        case exec(ExecPlugin)
    }

    /// A certificate with its key.
    public struct Certificate: Sendable, Hashable {
        /// The certificate, and those between it and its authority, in PEM.
        public var chain: Material
        /// The private key in PEM.
        public var key: Material

        /// A certificate with its key.
        public init(chain: Material, key: Material) {
            self.chain = chain
            self.key = key
        }
    }

    /// The URL of the API server, without a slash at its end.
    public var server: String
    /// The certificates of the authorities to trust; nil for the system's.
    public var certificateAuthority: Material?
    /// Whether the server's certificate is checked.
    public var verifiesServer = true
    /// The name in the server's certificate, where it is not the URL's host.
    public var serverName: String?
    /// The proxy on the way; nil for what the HTTP client does by itself.
    public var proxy: ProxyPolicy?
    /// The namespace to use where none is named.
    public var namespace = "default"
    /// How one proves who one is.
    public var authentication = Authentication.none
    /// The client's certificate.
    public var certificate: Certificate?
    /// Whom to act as.
    public var impersonation: Impersonation?
    /// What people call the cluster: the context's name, `in-cluster` for a pod's service account, else empty.
    public var name = ""
    /// Where this configuration comes from, for people: `context "a" of /etc/kube.yaml`.
    public var origin: String
    /// What people should know, such as that the server's certificate is not checked.
    public var warnings: [String] = []
    /// The environment of exec plugins.
    public var environment: [String: String] = [:]
    /// What exec plugins are told of the cluster besides its address.
    var execConfiguration: JSONValue?

    /// An API server that is asked without credentials.
    public init(server: String, origin: String) {
        self.server = ServerURL.normalized(server)
        self.origin = origin
    }
}

extension Kubeconfig {
    /// What a context says, or the current one.
    ///
    /// - Throws: `KubeconfigError` when there is no such context, or when it or what it names cannot be used.
    public func configuration(context name: String? = nil) throws(KubeconfigError) -> ClusterConfiguration {
        let context: Entry<Context>
        if let name {
            guard let entry = contexts[name] else {
                throw KubeconfigError("there is no context \"\(name)\"; \(contextNamesForMessage)")
            }
            context = entry
        } else {
            guard let current else {
                throw KubeconfigError(
                    "no context was chosen and current-context is not set; \(contextNamesForMessage)",
                    file: anyFile
                )
            }
            guard let entry = contexts[current.name] else {
                throw current.error(
                    "there is no context \"\(current.name)\"; \(contextNamesForMessage)",
                    key: "current-context"
                )
            }
            context = entry
        }
        return try configuration(context)
    }

    private func configuration(_ entry: Entry<Context>) throws(KubeconfigError) -> ClusterConfiguration {
        let context = try entry.value.get()
        guard let cluster = clusters[context.cluster] else {
            throw entry.error(
                context.cluster.isEmpty
                    ? "the context names no cluster" : "there is no cluster \"\(context.cluster)\"",
                key: "contexts[\(entry.name)].context.cluster"
            )
        }
        let clusterValue = try cluster.value.get()
        var configuration = ClusterConfiguration(
            server: clusterValue.server,
            origin: "context \"\(entry.name)\" of \(entry.file)"
        )
        configuration.name = entry.name
        configuration.certificateAuthority = clusterValue.certificateAuthority
        configuration.verifiesServer = !clusterValue.skipsVerification
        configuration.serverName = clusterValue.serverName
        configuration.proxy = clusterValue.proxyURL.map { .proxied(ProxySettings($0)) }
        configuration.execConfiguration = clusterValue.execConfiguration
        configuration.namespace = context.namespace
        if clusterValue.skipsVerification {
            configuration.warnings.append(
                "\(cluster.file): the cluster \"\(cluster.name)\" has insecure-skip-tls-verify: whoever sits between "
                    + "can read and change everything"
            )
        }
        guard !context.user.isEmpty else { return configuration }
        guard let user = users[context.user] else {
            throw entry.error(
                "there is no user \"\(context.user)\"",
                key: "contexts[\(entry.name)].context.user"
            )
        }
        configuration.use(try user.value.get())
        return configuration
    }

    private var contextNamesForMessage: String {
        contextNames.isEmpty ? "there are none" : "there are \(contextNames.joined(separator: ", "))"
    }

    private var anyFile: String? {
        contexts.values.map(\.file).min() ?? clusters.values.map(\.file).min()
            ?? users.values.map(\.file).min()
    }
}

extension ClusterConfiguration {
    fileprivate mutating func use(_ user: Kubeconfig.User) {
        if let chain = user.clientCertificate, let key = user.clientKey {
            certificate = Certificate(chain: chain, key: key)
        }
        impersonation = user.impersonation
        if let file = user.tokenFile {
            authentication = .tokenFile(file)
        } else if let token = user.token {
            authentication = .token(token)
        } else if let username = user.username {
            authentication = .basic(username: username, password: user.password ?? "")
        } else if let exec = user.exec {
            authentication = .exec(exec)
        }
    }
}
