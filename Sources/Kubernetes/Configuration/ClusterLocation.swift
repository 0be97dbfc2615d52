internal import SmallFiles

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where the description of a cluster is looked for: a named kubeconfig file, `KUBECONFIG`, `~/.kube/config`, and the service
/// account of the pod that the program runs in, in this order.
public struct ClusterLocation: Sendable {
    /// The kubeconfig file that was named; no other one is read then.
    public var kubeconfig: String?
    /// The context that was named.
    public var context: String?
    /// The environment.
    public var environment: [String: String]
    /// Where a pod finds its service account's token, namespace and certificate authority.
    public var serviceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// Looks in the places that the environment names.
    public init(kubeconfig: String? = nil, context: String? = nil, environment: [String: String]) {
        self.kubeconfig = kubeconfig
        self.context = context
        self.environment = environment
    }

    /// The cluster's description; nil when there is none in any place, and none was asked for.
    ///
    /// It reads files, so it blocks.
    ///
    /// - Throws: `KubeconfigError` when a description cannot be used.
    public func configuration() throws(KubeconfigError) -> ClusterConfiguration? {
        let kubeconfig = try mergedKubeconfig()
        var found: ClusterConfiguration?
        if !kubeconfig.isEmpty {
            found = try kubeconfig.configuration(context: context)
        } else if let path = self.kubeconfig {
            throw KubeconfigError("the file has no clusters and no contexts", file: path)
        } else if let context {
            throw KubeconfigError("there is no context \"\(context)\", since no kubeconfig was found")
        } else {
            found = try serviceAccount()
        }
        found?.environment = environment
        return found
    }

    // MARK: Files

    private func mergedKubeconfig() throws(KubeconfigError) -> Kubeconfig {
        if let kubeconfig {
            guard let merged = try read(kubeconfig) else {
                throw KubeconfigError("No such file or directory", file: kubeconfig)
            }
            return merged
        }
        if let list = environment["KUBECONFIG"], !list.isEmpty {
            var merged = Kubeconfig()
            var foundOne = false
            for path in list.split(separator: ":") {
                guard let file = try read(String(path)) else { continue }
                foundOne = true
                merged.merge(file)
            }
            if foundOne { return merged }
            throw KubeconfigError("none of the files that KUBECONFIG names is there: \(list)")
        }
        if let home = environment["HOME"], !home.isEmpty, let file = try read("\(home)/.kube/config") {
            return file
        }
        return Kubeconfig()
    }

    /// What the file says; nil when there is no such file.
    private func read(_ path: String) throws(KubeconfigError) -> Kubeconfig? {
        let path = absolute(path)
        do {
            return try Kubeconfig(bytes: FileBytes.read(path), path: path)
        } catch let failure as SmallFile.Failure {
            if failure == .missing { return nil }
            throw KubeconfigError("the file cannot be read: \(failure)", file: path)
        } catch let error as KubeconfigError {
            throw error
        } catch {
            throw KubeconfigError("\(error)", file: path)
        }
    }

    private func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let directory = getcwd(nil, 0) else { return path }
        defer { free(directory) }
        return "\(String(cString: directory))/\(path)"
    }

    // MARK: Service account

    private func serviceAccount() throws(KubeconfigError) -> ClusterConfiguration? {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
            let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty
        else { return nil }
        let token = "\(serviceAccountDirectory)/token"
        do {
            _ = try FileBytes.read(token)
        } catch {
            if error == .missing { return nil }
            throw KubeconfigError("the service account's token cannot be read: \(error)", file: token)
        }
        let isIPv6 = host.utf8.contains(0x3A) && !host.hasPrefix("[")
        var configuration = ClusterConfiguration(
            server: "https://\(isIPv6 ? "[\(host)]" : host):\(port)",
            origin: "the service account of this pod"
        )
        if let problem = ServerURL.problem(configuration.server) {
            throw KubeconfigError("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT: \(problem)")
        }
        configuration.name = "in-cluster"
        configuration.authentication = .tokenFile(token)
        let authority = "\(serviceAccountDirectory)/ca.crt"
        do {
            _ = try FileBytes.read(authority)
            configuration.certificateAuthority = .file(authority)
        } catch {
            configuration.warnings.append(
                "\(authority): \(error); the system's authorities are trusted instead"
            )
        }
        if let bytes = try? FileBytes.read("\(serviceAccountDirectory)/namespace") {
            let namespace = String(decoding: bytes, as: UTF8.self).trimmed
            if !namespace.isEmpty { configuration.namespace = namespace }
        }
        return configuration
    }
}

extension String {
    /// The text without white space at its ends.
    var trimmed: String {
        let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        var bytes = utf8[...]
        while let first = bytes.first, isSpace(first) { bytes = bytes.dropFirst() }
        while let last = bytes.last, isSpace(last) { bytes = bytes.dropLast() }
        return String(bytes) ?? ""
    }
}
