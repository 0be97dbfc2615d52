/// What a pod asks for, or a node has, of what the scheduler counts.
public struct ResourceAmounts: Sendable, Hashable {
    /// CPU, thousandths of a core.
    public var milliCPU: Int64
    /// Memory, bytes.
    public var memoryBytes: Int64
    /// Devices by the name of their resource, such as `nvidia.com/gpu`; none of them is 0.
    public private(set) var devices: [String: Int64]

    /// Amounts of CPU (thousandths), memory (bytes) and devices; devices of which there are none are left out.
    public init(milliCPU: Int64 = 0, memoryBytes: Int64 = 0, devices: [String: Int64] = [:]) {
        self.milliCPU = milliCPU
        self.memoryBytes = memoryBytes
        self.devices = devices.filter { $0.value != 0 }
    }

    /// Nothing.
    public static let zero = ResourceAmounts()

    /// How many devices of that resource.
    public subscript(device: String) -> Int64 {
        get { devices[device] ?? 0 }
        set { devices[device] = newValue == 0 ? nil : newValue }
    }

    /// The sum, with sums that no integer holds kept at the largest.
    public static func + (left: ResourceAmounts, right: ResourceAmounts) -> ResourceAmounts {
        left.combined(right, Self.adding)
    }

    /// The difference, of which parts may be negative.
    public static func - (left: ResourceAmounts, right: ResourceAmounts) -> ResourceAmounts {
        left.combined(right) { Self.adding($0, $1 == .min ? .max : -$1) }
    }

    /// The larger of each.
    public func union(_ other: ResourceAmounts) -> ResourceAmounts { combined(other, max) }

    /// Whether there is at least as much of everything.
    public func covers(_ wanted: ResourceAmounts) -> Bool {
        milliCPU >= wanted.milliCPU && memoryBytes >= wanted.memoryBytes
            && wanted.devices.allSatisfy { self[$0.key] >= $0.value }
    }

    /// How often what is wanted goes into this; 0 when something is missing, and `limit` at most.
    public func multiples(of wanted: ResourceAmounts, limit: Int64 = .max) -> Int64 {
        var most = limit
        func bound(_ have: Int64, _ want: Int64) {
            if want > 0 { most = min(most, max(0, have / want)) }
        }
        bound(milliCPU, wanted.milliCPU)
        bound(memoryBytes, wanted.memoryBytes)
        for (device, count) in wanted.devices { bound(self[device], count) }
        return most
    }

    /// As much as that of everything.
    public func times(_ count: Int64) -> ResourceAmounts {
        func product(_ amount: Int64) -> Int64 {
            let (value, overflow) = amount.multipliedReportingOverflow(by: count)
            return overflow ? ((amount < 0) == (count < 0) ? .max : .min) : value
        }
        return ResourceAmounts(
            milliCPU: product(milliCPU),
            memoryBytes: product(memoryBytes),
            devices: devices.mapValues(product)
        )
    }

    private func combined(
        _ other: ResourceAmounts,
        _ operation: (Int64, Int64) -> Int64
    ) -> ResourceAmounts {
        var result = self
        result.milliCPU = operation(milliCPU, other.milliCPU)
        result.memoryBytes = operation(memoryBytes, other.memoryBytes)
        for (device, count) in other.devices { result[device] = operation(self[device], count) }
        return result
    }

    private static func adding(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? (right > 0 ? .max : .min) : sum
    }
}
