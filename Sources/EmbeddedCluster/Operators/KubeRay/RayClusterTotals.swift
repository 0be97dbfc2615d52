import JSON
import KubernetesModel

/// What a Ray cluster asks for in all (controllers/ray/utils/util.go).
struct RayClusterTotals: Sendable {
    private let spec: JSONValue

    init(_ spec: JSONValue) { self.spec = spec }

    private var groups: [JSONValue] { spec["workerGroupSpecs"]?.arrayValue ?? [] }

    private static func isSuspended(_ group: JSONValue) -> Bool { group["suspend"]?.boolValue == true }

    private static func hosts(_ group: JSONValue) -> Int64 { max(1, group.integer("numOfHosts", default: 1)) }

    /// The pods of a group: its replicas within its bounds, each of several hosts (GetWorkerGroupDesiredReplicas).
    static func wantedPods(_ group: JSONValue) -> Int64 {
        guard !isSuspended(group) else { return 0 }
        let least = group.integer("minReplicas")
        let most = group.integer("maxReplicas", default: Int64(Int32.max))
        let wished = group["replicas"]?.integerValue ?? least
        let replicas = wished < least ? least : min(wished, most)
        return clamped(replicas, times: hosts(group))
    }

    private static func clamped(_ left: Int64, times right: Int64) -> Int64 {
        let (product, overflow) = left.multipliedReportingOverflow(by: right)
        return overflow ? Int64(Int32.max) : min(product, Int64(Int32.max))
    }

    var desired: Int64 { sum(Self.wantedPods) }
    var least: Int64 { sum { Self.clamped($0.integer("minReplicas"), times: Self.hosts($0)) } }
    var most: Int64 {
        sum { Self.clamped($0.integer("maxReplicas", default: Int64(Int32.max)), times: Self.hosts($0)) }
    }

    private func sum(_ count: (JSONValue) -> Int64) -> Int64 {
        groups.filter { !Self.isSuspended($0) }.reduce(0) { min($0 + count($1), Int64(Int32.max)) }
    }

    /// What all pods ask for together, as the status tells it: `desiredCPU` and so on.
    var resources: [(key: String, text: String)] {
        var sums: [String: Sum] = [:]
        func add(_ template: JSONValue?, times count: Int64) {
            guard count > 0 else { return }
            for container in template?["spec"]?["containers"]?.arrayValue ?? [] {
                for (name, text) in Self.wishes(container) {
                    guard let quantity = Quantity(text) else { continue }
                    let key = RayStart.isGPU(name) ? "gpu" : name
                    sums[key, default: Sum()].add(quantity, times: count, isBinary: text.hasSuffix("i"))
                }
            }
        }
        add(spec["headGroupSpec"]?["template"], times: 1)
        for group in groups where !Self.isSuspended(group) {
            add(group["template"], times: Self.clamped(group.integer("replicas"), times: Self.hosts(group)))
        }
        return [
            ("desiredCPU", "cpu"), ("desiredMemory", "memory"), ("desiredGPU", "gpu"),
            ("desiredTPU", "google.com/tpu"),
        ].map { ($0, sums[$1]?.text ?? "0") }
    }

    /// A container's requests, and its limits where it has no request.
    private static func wishes(_ container: JSONValue) -> [String: String] {
        var wishes: [String: String] = [:]
        for side in ["limits", "requests"] {
            for member in container["resources"]?[side]?.objectValue ?? JSONMembers() {
                if let text = RayStart.text(member.value) { wishes[member.key] = text }
            }
        }
        return wishes
    }

    private struct Sum {
        private var milli: Int64 = 0
        private var isBinary = false

        mutating func add(_ quantity: Quantity, times count: Int64, isBinary: Bool) {
            let (product, overflow) = quantity.milli.multipliedReportingOverflow(by: count)
            let (sum, isTooMuch) = milli.addingReportingOverflow(product)
            milli = overflow || isTooMuch ? .max : sum
            self.isBinary = self.isBinary || isBinary
        }

        var text: String {
            isBinary ? Quantity(milli: milli).binaryText : Quantity(milli: milli).decimalText
        }
    }
}
