import JSON
import KubernetesModel

/// A probe of a container, with its defaults (core/v1 Probe).
struct ContainerProbe: Sendable, Hashable {
    enum Kind: String, Sendable, CaseIterable {
        case startup = "startupProbe"
        case readiness = "readinessProbe"
        case liveness = "livenessProbe"

        /// As in the kubelet's messages.
        var title: String {
            switch self {
            case .startup: "Startup"
            case .readiness: "Readiness"
            case .liveness: "Liveness"
            }
        }
    }

    enum Action: Sendable, Hashable {
        case http(scheme: String, host: String, port: Int64, path: String, headers: [String: String])
        case tcp(host: String, port: Int64)
        case grpc(port: Int64, service: String)
        case command([String])
    }

    let kind: Kind
    let action: Action
    let initialDelay: Duration
    let period: Duration
    let timeout: Duration
    let successThreshold: Int64
    let failureThreshold: Int64
    /// The grace period of a container that the probe ends; nil for the pod's.
    let gracePeriodSeconds: Int64?

    /// The probe of a container; nil when it has none of that kind, or one that cannot be made.
    init?(_ kind: Kind, of container: JSONValue) {
        guard let json = container[kind.rawValue], let action = Self.action(json, of: container) else {
            return nil
        }
        self.kind = kind
        self.action = action
        initialDelay = .seconds(json["initialDelaySeconds"]?.integerValue ?? 0)
        period = .seconds(max(1, json["periodSeconds"]?.integerValue ?? 10))
        timeout = .seconds(max(1, json["timeoutSeconds"]?.integerValue ?? 1))
        successThreshold = max(1, json["successThreshold"]?.integerValue ?? 1)
        failureThreshold = max(1, json["failureThreshold"]?.integerValue ?? 3)
        gracePeriodSeconds = json["terminationGracePeriodSeconds"]?.integerValue
    }

    private static func action(_ json: JSONValue, of container: JSONValue) -> Action? {
        if let http = json["httpGet"] {
            guard let port = port(http["port"], of: container) else { return nil }
            var headers: [String: String] = [:]
            for header in http["httpHeaders"]?.arrayValue ?? [] {
                if let name = header["name"]?.stringValue { headers[name] = header["value"]?.stringValue }
            }
            let path = http["path"]?.stringValue ?? "/"
            return .http(
                scheme: (http["scheme"]?.stringValue ?? "HTTP").lowercased(),
                host: http["host"]?.stringValue ?? "",
                port: port,
                path: path.hasPrefix("/") ? path : "/" + path,
                headers: headers
            )
        }
        if let tcp = json["tcpSocket"] {
            return port(tcp["port"], of: container).map {
                .tcp(host: tcp["host"]?.stringValue ?? "", port: $0)
            }
        }
        if let grpc = json["grpc"] {
            return port(grpc["port"], of: container).map {
                .grpc(port: $0, service: grpc["service"]?.stringValue ?? "")
            }
        }
        if let command = json["exec"]?["command"]?.arrayValue {
            return .command(command.compactMap(\.stringValue))
        }
        return nil
    }

    /// A number, or the name of one of the container's ports.
    static func port(_ value: JSONValue?, of container: JSONValue) -> Int64? {
        if let number = value?.integerValue { return number }
        guard let name = value?.stringValue else { return nil }
        if let number = Int64(name) { return number }
        return (container["ports"]?.arrayValue ?? []).first { $0["name"]?.stringValue == name }?[
            "containerPort"
        ]?
        .integerValue
    }
}

/// How one check ended.
enum ProbeResult: Sendable, Hashable {
    case success
    case failure(String)
    /// It could not be made, which says nothing about the container.
    case unknown(String)
}

/// How far a check is.
enum ProbeCheck: Sendable, Hashable {
    case done(ProbeResult)
    /// The runtime will signal when it has ended.
    case inProgress
}

/// Counts the results of one probe of one container.
struct ProbeRecord: Sendable, Hashable {
    let probe: ContainerProbe
    /// When the next check is due.
    var due: Timestamp
    private(set) var successes: Int64 = 0
    private(set) var failures: Int64 = 0
    /// Whether the container passes; nil before the thresholds are reached for the first time.
    private(set) var passes: Bool?

    init(_ probe: ContainerProbe, due: Timestamp) {
        self.probe = probe
        self.due = due
    }

    /// Notes a result.
    mutating func note(_ result: ProbeResult, at now: Timestamp) {
        due = now.advanced(by: probe.period)
        switch result {
        case .success:
            successes += 1
            failures = 0
            if successes >= probe.successThreshold { passes = true }
        case .failure:
            failures += 1
            successes = 0
            if failures >= probe.failureThreshold { passes = false }
        // As the kubelet throws it away (pkg/kubelet/prober/worker.go).
        case .unknown: break
        }
    }
}
