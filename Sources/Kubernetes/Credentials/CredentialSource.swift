internal import HTTPClient
internal import JSON
internal import SmallFiles

/// What a request shows for itself.
struct Credentials: Sendable {
    /// The value of the `Authorization` field.
    var authorization: String?
    /// How TLS is spoken, the client's certificate included.
    var tls: TLSOptions
    /// Counts the credentials that the source has given out; a later one has a higher number.
    var generation: Int
}

/// Gives the credentials of a cluster: from files, which are read again as they are replaced, and from an exec plugin, which is
/// run again when what it gave has expired or was refused.
actor CredentialSource {
    private let cluster: ClusterConfiguration
    private let now: @Sendable () -> Timestamp

    private var generation = 0
    private var files: [String: File] = [:]
    private var execCredential: ExecCredential?
    private var running: Task<Result<ExecCredential, KubernetesError>, Never>?

    /// A file that was read.
    private struct File {
        var bytes: [UInt8]
        var time: Timestamp
        var generation: Int
    }

    /// How old what was read of a file may be, seconds. Service account tokens are replaced long before they expire.
    private static let freshSeconds: Double = 60

    init(_ cluster: ClusterConfiguration, now: @escaping @Sendable () -> Timestamp = { .now() }) {
        self.cluster = cluster
        self.now = now
    }

    /// The credentials that are good now.
    func current() async throws(KubernetesError) -> Credentials {
        var tls = TLSOptions(
            certificateAuthorities: try await bytes(cluster.certificateAuthority),
            verifiesServer: cluster.verifiesServer,
            serverName: cluster.serverName
        )
        if let certificate = cluster.certificate, let chain = try await bytes(certificate.chain),
            let key = try await bytes(certificate.key)
        {
            tls.clientCertificate = ClientCertificate(chain: chain, privateKey: key)
        }
        var authorization: String?
        switch cluster.authentication {
        case .none: break
        case .token(let token): authorization = "Bearer \(token)"
        case .tokenFile(let path):
            let token = String(decoding: try await bytes(ofFile: path), as: UTF8.self).trimmed
            guard !token.isEmpty else { throw .credentials("\(path): the file holds no token") }
            authorization = "Bearer \(token)"
        case .basic(let username, let password):
            authorization = "Basic \(Base64.text(of: "\(username):\(password)".utf8))"
        case .exec(let plugin):
            let credential = try await credential(plugin, authority: tls.certificateAuthorities)
            authorization = credential.token.map { "Bearer \($0)" }
            if let certificate = credential.certificate { tls.clientCertificate = certificate }
        }
        return Credentials(authorization: authorization, tls: tls, generation: generation)
    }

    /// Forgets the credentials, after the API server refused them, so that the next ones are fetched anew. Returns whether others
    /// can come of that.
    func renew(after refused: Credentials) -> Bool {
        switch cluster.authentication {
        case .none, .token, .basic: return false
        case .tokenFile, .exec: break
        }
        // Of several requests that were refused, only the first one forgets.
        if refused.generation == generation {
            generation += 1
            execCredential = nil
        }
        return true
    }

    // MARK: Exec plugins

    private func credential(_ plugin: ExecPlugin, authority: [UInt8]?) async throws(KubernetesError)
        -> ExecCredential
    {
        if let credential = execCredential {
            guard let expiration = credential.expiration, expiration <= now() else { return credential }
        }
        if let running { return try await running.value.get() }
        let cluster = cluster
        let task = Task {
            do throws(KubernetesError) {
                return Result<ExecCredential, KubernetesError>.success(
                    try await plugin.run(for: cluster, authority: authority)
                )
            } catch {
                return .failure(error)
            }
        }
        running = task
        let result = await task.value
        running = nil
        if case .success(let credential) = result {
            execCredential = credential
            generation += 1
        }
        return try result.get()
    }

    // MARK: Files

    private func bytes(_ material: Material?) async throws(KubernetesError) -> [UInt8]? {
        switch material {
        case nil: nil
        case .inline(let bytes): bytes
        case .file(let path): try await bytes(ofFile: path)
        }
    }

    private func bytes(ofFile path: String) async throws(KubernetesError) -> [UInt8] {
        let file = files[path]
        if let file, file.generation == generation || cluster.isExec,
            abs(now().seconds(since: file.time)) < Self.freshSeconds
        {
            return file.bytes
        }
        let readGeneration = generation
        do {
            let bytes = try await FileBytes.readInBackground(path)
            files[path] = File(bytes: bytes, time: now(), generation: readGeneration)
            return bytes
        } catch {
            // While a file is being replaced, what it held is better than nothing.
            if let file { return file.bytes }
            throw .credentials("\(path): \(error)")
        }
    }
}

extension ClusterConfiguration {
    /// Whether a refusal concerns what a program gave, and not files.
    fileprivate var isExec: Bool {
        if case .exec = authentication { true } else { false }
    }
}
