internal import JSON
internal import YAML

extension Kubeconfig {
    /// Reads one file.
    ///
    /// - Parameter path: an absolute path; relative paths in the file are resolved against its directory.
    /// - Throws: `KubeconfigError`, which names the file, the key and the line.
    public init(bytes: [UInt8], path: String) throws(KubeconfigError) {
        let document: YAMLNode
        do {
            document = try YAMLNode(parsing: bytes)
        } catch {
            throw KubeconfigError(error.message, file: path, line: error.position.line)
        }
        self.init()
        let root = KubeconfigFile(path: path, document: document).root
        if root.value.isNull { return }
        if let kind = try root.text("kind"), kind != "Config" {
            throw (try root["kind"] ?? root).error(
                "a file of the kind \"Config\" is expected, not \"\(kind)\""
            )
        }
        if let version = try root.text("apiVersion"), version != "v1" {
            throw (try root["apiVersion"] ?? root).error(
                "the version \"\(version)\" is not known, only \"v1\" is"
            )
        }
        clusters = try Self.entries(root, "clusters", "cluster", Cluster.init(_:))
        users = try Self.entries(root, "users", "user", User.init(_:))
        contexts = try Self.entries(root, "contexts", "context", Context.init(_:))
        if let name = try root.text("current-context"), let node = try root["current-context"] {
            let line = node.file.document.position(at: node.path).line
            current = Entry(name: name, value: .success(()), file: path, line: line)
        }
    }

    private static func entries<Value>(
        _ root: KubeconfigNode,
        _ listKey: String,
        _ valueKey: String,
        _ read: (KubeconfigNode) throws(KubeconfigError) -> Value
    ) throws(KubeconfigError) -> [String: Entry<Value>] {
        var entries: [String: Entry<Value>] = [:]
        for element in try root.elements(listKey) {
            let name = try element.requiredText("name")
            if entries[name] != nil { throw element.error("the name \"\(name)\" appears twice") }
            // An entry without a value is one with nothing set.
            let empty = KubeconfigNode(file: element.file, path: element.path, value: [:])
            entries[name] = Entry(
                name: name,
                value: Result { () throws(KubeconfigError) in try read(element[valueKey] ?? empty) },
                file: element.file.path,
                line: element.file.document.position(at: element.path).line
            )
        }
        return entries
    }
}

extension Kubeconfig.Cluster {
    fileprivate init(_ node: KubeconfigNode) throws(KubeconfigError) {
        server = try node.requiredText("server")
        certificateAuthority = try node.material("certificate-authority")
        skipsVerification = try node.flag("insecure-skip-tls-verify")
        serverName = try node.text("tls-server-name")
        proxyURL = try node.text("proxy-url")
        for element in try node.elements("extensions")
        where try element.text("name") == "client.authentication.k8s.io/exec" {
            execConfiguration = try element["extension"]?.value
        }
        if let problem = ServerURL.problem(server), let key = try node["server"] { throw key.error(problem) }
        if let proxyURL, let problem = ProxyURL.problem(proxyURL), let key = try node["proxy-url"] {
            throw key.error(problem)
        }
        if skipsVerification, certificateAuthority != nil {
            throw node.error("a certificate authority and insecure-skip-tls-verify cannot both be set")
        }
    }
}

extension Kubeconfig.User {
    fileprivate init(_ node: KubeconfigNode) throws(KubeconfigError) {
        clientCertificate = try node.material("client-certificate")
        clientKey = try node.material("client-key")
        token = try node.text("token")
        tokenFile = try node.filePath("tokenFile")
        username = try node.text("username")
        password = try node.text("password")
        exec = try node["exec"].map { (exec) throws(KubeconfigError) in try ExecPlugin(exec) }
        impersonation = try Impersonation(node)
        if let provider = try node["auth-provider"] {
            throw provider.error(
                "authentication providers are gone since Kubernetes 1.26; use an exec plugin"
            )
        }
        if token != nil || tokenFile != nil, username != nil {
            throw node.error("only one of token and basic authentication can be set")
        }
        if clientCertificate != nil, clientKey == nil {
            throw node.error("a client certificate needs client-key or client-key-data")
        }
        if clientCertificate == nil, clientKey != nil {
            throw node.error("a client key needs client-certificate or client-certificate-data")
        }
        if exec != nil, token != nil || tokenFile != nil || username != nil {
            throw node.error("an exec plugin cannot stand beside a token or basic authentication")
        }
    }
}

extension Kubeconfig.Context {
    fileprivate init(_ node: KubeconfigNode) throws(KubeconfigError) {
        cluster = try node.text("cluster") ?? ""
        user = try node.text("user") ?? ""
        namespace = try node.text("namespace") ?? "default"
    }
}

extension Impersonation {
    fileprivate init?(_ node: KubeconfigNode) throws(KubeconfigError) {
        groups = try node.texts("as-groups")
        uid = try node.text("as-uid")
        extra = [:]
        if let node = try node["as-user-extra"] {
            for key in node.value.objectValue?.keys ?? [] { extra[key] = try node.texts(key) }
        }
        guard let user = try node.text("as") else {
            if uid != nil || !groups.isEmpty || !extra.isEmpty {
                throw node.error("as-uid, as-groups and as-user-extra need \"as\"")
            }
            return nil
        }
        self.user = user
    }
}
