internal import HTTPClient
internal import JSON
internal import Processes
internal import Redaction

/// What an exec plugin gave (`ExecCredential` of `client.authentication.k8s.io`).
struct ExecCredential: Sendable {
    var token: String?
    var certificate: ClientCertificate?
    /// When it is no longer good; nil for never.
    var expiration: Timestamp?

    /// Reads what a plugin printed.
    ///
    /// - Throws: what is wrong with it, in words; none of it is shown, since it is secret.
    init(_ output: [UInt8], of plugin: ExecPlugin) throws(KubernetesError) {
        func failure(_ what: String) -> KubernetesError {
            .credentials("the exec plugin \"\(plugin.command)\" \(what)")
        }
        let json: JSONValue
        do {
            json = try JSONValue(parsing: output)
        } catch {
            throw failure("printed no JSON (line \(error.line), column \(error.column))")
        }
        guard json["kind"]?.stringValue == "ExecCredential" else {
            throw failure("printed an object of another kind than ExecCredential")
        }
        guard json["apiVersion"]?.stringValue == plugin.apiVersion else {
            throw failure("printed another apiVersion than \(plugin.apiVersion), which the kubeconfig names")
        }
        guard let status = json["status"], status.objectValue != nil else {
            throw failure("printed no status")
        }
        token = status["token"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        let chain = status["clientCertificateData"]?.stringValue ?? ""
        let key = status["clientKeyData"]?.stringValue ?? ""
        guard chain.isEmpty == key.isEmpty else {
            throw failure("gave only one of clientCertificateData and clientKeyData")
        }
        if !chain.isEmpty {
            certificate = ClientCertificate(chain: Array(chain.utf8), privateKey: Array(key.utf8))
        }
        guard token != nil || certificate != nil else {
            throw failure("gave neither a token nor a certificate")
        }
        if let text = status["expirationTimestamp"]?.stringValue {
            guard let time = Timestamp(rfc3339: text) else {
                throw failure("gave an expirationTimestamp that is no RFC 3339 time")
            }
            expiration = time
        }
    }
}

extension ExecPlugin {
    /// Runs the plugin.
    ///
    /// - Parameters:
    ///   - cluster: the cluster that the credentials are for.
    ///   - authority: the certificates of the authorities that the cluster is checked against.
    func run(for cluster: ClusterConfiguration, authority: [UInt8]?) async throws(KubernetesError)
        -> ExecCredential
    {
        var variables = cluster.environment
        for variable in environment { variables[variable.name] = variable.value }
        variables["KUBERNETES_EXEC_INFO"] = execInfo(for: cluster, authority: authority).description
        let process = ExecProcess(command: command, arguments: arguments, environment: variables)
        let outcome: ExecProcess.Outcome
        do {
            outcome = try await process.run()
        } catch {
            let hint = installHint.map { "\n\($0)" } ?? ""
            throw .credentials("the exec plugin \"\(command)\" \(error.inWords)\(hint)")
        }
        guard outcome.exitStatus == 0 else {
            // What it complains of is shown to everybody who asks how the cluster stands.
            let secrets = environment.filter { Redaction.isSecretName($0.name.utf8) }.map(\.value)
            let errors = Redaction(hiding: secrets).shown(
                String(decoding: outcome.errors, as: UTF8.self).trimmed
            )
            throw .credentials(
                "the exec plugin \"\(command)\" ended with status \(outcome.exitStatus)"
                    + (errors.isEmpty ? "" : ": \(errors)")
            )
        }
        return try ExecCredential(outcome.output, of: self)
    }

    private func execInfo(for cluster: ClusterConfiguration, authority: [UInt8]?) -> JSONValue {
        var spec: JSONValue = ["interactive": false]
        if providesClusterInformation {
            var information: JSONValue = ["server": .string(cluster.server)]
            if let name = cluster.serverName { information["tls-server-name"] = .string(name) }
            if !cluster.verifiesServer { information["insecure-skip-tls-verify"] = true }
            if let authority {
                information["certificate-authority-data"] = .string(Base64.text(of: authority))
            }
            if case .proxied(let proxy) = cluster.proxy, let url = proxy.https {
                information["proxy-url"] = .string(url)
            }
            if let configuration = cluster.execConfiguration { information["config"] = configuration }
            spec["cluster"] = information
        }
        return ["apiVersion": .string(apiVersion), "kind": "ExecCredential", "spec": spec]
    }
}

extension ExecProcess.Failure {
    fileprivate var inWords: String {
        switch self {
        case .start(let number): "cannot be started: \(systemMessage(number))"
        case .timeout: "took longer than a minute"
        case .tooMuchOutput: "printed more than 1 MiB"
        case .signal(let number): "was ended by signal \(number)"
        case .cancelled: "was ended, since nobody waited for it any longer"
        }
    }
}
