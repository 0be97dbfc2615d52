import JSON
import KubernetesModel

extension NodeLabels {
    /// The annotation that asks for failures, on a pod or on a simulated node: names separated by commas.
    static let simulate = "ingot.dev/simulate"
}

/// A failure that users meet in real clusters, shown on request.
enum SimulatedFailure: Sendable, Hashable {
    case imagePullBackOff
    case crashLoopBackOff
    case outOfMemory
    case createContainerConfigError
    case readinessProbe
    case livenessProbe
    case startupProbe
    /// Readiness comes that many seconds later.
    case slowStart(seconds: Double)
    case evicted
    /// Of a node: its kubelet says that it is not ready.
    case nodeNotReady
    /// Of a node: nothing is heard of its kubelet.
    case nodeUnreachable

    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "=", maxSplits: 1)
        switch parts.first {
        case "ImagePullBackOff", "ErrImagePull": self = .imagePullBackOff
        case "CrashLoopBackOff": self = .crashLoopBackOff
        case "OOMKilled": self = .outOfMemory
        case "CreateContainerConfigError": self = .createContainerConfigError
        case "ReadinessProbeFailure": self = .readinessProbe
        case "LivenessProbeFailure": self = .livenessProbe
        case "StartupProbeFailure": self = .startupProbe
        case "SlowStart":
            guard parts.count == 2, let seconds = Self.seconds(String(parts[1])) else { return nil }
            self = .slowStart(seconds: seconds)
        case "Evicted": self = .evicted
        case "NotReady": self = .nodeNotReady
        case "Unreachable": self = .nodeUnreachable
        default: return nil
        }
    }

    /// What an object's annotation asks for; unknown names ask for nothing.
    static func requested(by object: KubernetesObject) -> [SimulatedFailure] {
        names(in: object).compactMap { SimulatedFailure($0) }
    }

    /// The names in a pod's annotation that ask for nothing.
    static func unknown(in pod: KubernetesObject) -> [String] {
        names(in: pod).filter { SimulatedFailure($0) == nil }.map(String.init)
    }

    /// What a pod's annotation may ask for.
    static let namesForPods = [
        "ImagePullBackOff", "ErrImagePull", "CrashLoopBackOff", "OOMKilled", "CreateContainerConfigError",
        "ReadinessProbeFailure", "LivenessProbeFailure", "StartupProbeFailure", "Evicted", "SlowStart=90s",
    ]

    private static func names(in object: KubernetesObject) -> [Substring] {
        (object.annotation(NodeLabels.simulate) ?? "").split(separator: ",").map { part in
            part.drop(while: \.isWhitespace).prefix { !$0.isWhitespace }
        }
    }

    /// How a simulated node is.
    static func health(of node: KubernetesObject) -> NodeConditions.Health {
        let failures = requested(by: node)
        if failures.contains(.nodeUnreachable) { return .unreachable }
        return failures.contains(.nodeNotReady) ? .notReady : .ready
    }

    /// Reads a duration as Go writes it: `90s`, `2m`, `1m30s`, `1.5h`, `500ms`.
    static func seconds(_ text: String) -> Double? {
        var total = 0.0
        var rest = text[...]
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber || $0 == "." }
            guard let number = Double(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            switch unit {
            case "ms": total += number / 1000
            case "s": total += number
            case "m": total += number * 60
            case "h": total += number * 3600
            default: return nil
            }
        }
        return total
    }
}
