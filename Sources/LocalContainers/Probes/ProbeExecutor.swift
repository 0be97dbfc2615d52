public import HTTPClient
internal import HTTPTypes

/// Makes the attempts of a container's probes, and its lifecycle commands.
public struct ProbeExecutor: Sendable {
    /// What a command of an exec probe has.
    public struct CommandContext: Sendable, Hashable {
        /// The container's environment.
        public var environment: [String: String]
        /// The container's working directory.
        public var workingDirectory: String?
        /// A folder for the command's output while it runs.
        public var scratchFolder: String

        /// A context.
        public init(environment: [String: String], workingDirectory: String? = nil, scratchFolder: String) {
            self.environment = environment
            self.workingDirectory = workingDirectory
            self.scratchFolder = scratchFolder
        }
    }

    private let client: HTTPClient
    private let context: CommandContext
    private let shim: String

    /// How many bytes of a command's output are kept for the message, as by the kubelet (`maxReadLength`).
    static let longestOutput = 10 << 10
    private static let mostRedirects = 10

    /// An executor for one container.
    ///
    /// - Parameters:
    ///   - client: What requests are sent with.
    ///   - context: What commands have.
    ///   - shim: See `LocalContainer.start`.
    public init(client: HTTPClient, context: CommandContext, shim: String = "/proc/self/exe") {
        self.client = client
        self.context = context
        self.shim = shim
    }

    /// Makes one attempt, which takes no longer than the probe's timeout.
    public func run(_ probe: Probe) async -> ProbeOutcome {
        switch probe.action {
        case .exec(let command): await execute(command, timeout: probe.timeout)
        case .httpGet(let request): await get(request, timeout: probe.timeout)
        case .tcpSocket(let host, let port):
            await SocketProbe(host: host, port: port).connect(timeout: probe.timeout)
        }
    }

    private func execute(_ command: [String], timeout: Duration) async -> ProbeOutcome {
        let execution = CommandExecution(
            specification: ContainerSpecification(
                command: command,
                environment: context.environment,
                workingDirectory: context.workingDirectory,
                logPath: "\(context.scratchFolder)/exec-\(UInt64.random(in: 0 ... .max)).log",
                logRotation: LogRotation(maximumBytes: UInt64(Self.longestOutput), files: 1)
            ),
            shim: shim
        )
        return switch await execution.run(timeout: timeout) {
        case .success(let result) where result.exit.cause == .code(0): .success
        case .success(let result) where result.timedOut:
            .failure("command \"\(command.joined(separator: " "))\" timed out after \(timeout.goText)")
        case .success(let result): .failure(result.output)
        case .failure(let error): .error("failed to exec in container: \(error)")
        }
    }

    private func get(_ probe: Probe.HTTPGet, timeout: Duration) async -> ProbeOutcome {
        let start = ContinuousClock.now
        let host = probe.host.contains(":") ? "[\(probe.host)]" : probe.host
        let origin = "\(probe.isSecure ? "https" : "http")://\(host):\(probe.port)"
        var path = probe.path.hasPrefix("/") ? probe.path : "/" + probe.path
        for _ in 0...Self.mostRedirects {
            var request = HTTPClientRequest(url: origin + path, headers: Self.fields(probe.headers))
            request.host = probe.headers.last { $0.isHost && !$0.value.isEmpty }?.value
            let left = timeout - (ContinuousClock.now - start)
            request.deadlines = HTTPClientDeadlines(connect: left, total: left)
            request.version = .http1
            request.tls.verifiesServer = false
            request.proxy = .direct
            do {
                let response = try await client.send(request)
                response.body.cancel()
                let status = response.status.code
                guard (200..<400).contains(status) else {
                    return .failure("HTTP probe failed with statuscode: \(status)")
                }
                // A redirect to another host is not followed, and is a success.
                guard status >= 300, let location = response.headers[.location],
                    let next = Self.path(of: location, at: origin)
                else { return .success }
                path = next
            } catch {
                return .failure(Self.message(error, origin + path, "\(probe.host):\(probe.port)"))
            }
        }
        return .failure("Get \"\(origin)\(path)\": stopped after \(Self.mostRedirects) redirects")
    }

    private static func fields(_ headers: [Probe.Header]) -> HTTPFields {
        var fields: HTTPFields = [.userAgent: "kube-probe/1.34", .accept: "*/*"]
        for header in headers where !header.isHost {
            if let name = HTTPField.Name(header.name) { fields[name] = header.value }
        }
        return fields
    }

    /// The path that a redirect leads to when it stays at the origin.
    private static func path(of location: String, at origin: String) -> String? {
        if location.hasPrefix("/"), !location.hasPrefix("//") { return location }
        if location.hasPrefix(origin + "/") { return String(location.dropFirst(origin.count)) }
        return nil
    }

    /// The message in the form that users of Kubernetes know from Go.
    private static func message(_ error: HTTPClientError, _ url: String, _ address: String) -> String {
        let cause =
            switch error.kind {
            case .timeout: "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
            case .connect: "dial tcp \(address): connect: connection refused"
            default: error.reason
            }
        return "Get \"\(url)\": \(cause)"
    }
}

extension Probe.Header {
    fileprivate var isHost: Bool { name.lowercased() == "host" }
}
