internal import Capacity
internal import JSON
internal import KubernetesModel

extension ServeConfiguration.Cluster.SimulatedNode {
    /// As many nodes have addresses in the simulated network.
    private static let most = 20_000
    private static let keys = ["name", "count", "gpu", "cpus", "memory", "storage", "labels", "taints"]

    /// Reads the value of `cluster.embedded.nodes`.
    static func read(_ value: JSONValue, expectation: String) throws(ValueRefusal) -> [Self] {
        guard let elements = value.arrayValue else {
            throw ValueRefusal(found: value.foundDescription, expected: expectation)
        }
        var reading = StructureReading()
        var nodes: [Self] = []
        var names: Set<String> = []
        var total = 0
        for (index, element) in elements.enumerated() {
            let place = "[\(index)]"
            guard let node = Self(element, place, &reading) else { continue }
            total += node.count
            guard total <= most else {
                reading.refuse(
                    "\(place).count",
                    found: "\(total) nodes in all",
                    expected: "\(most) at most"
                )
                break
            }
            let before = names.count
            names.formUnion(node.nodeNames)
            if names.count < before + node.count {
                reading.refuse(
                    "\(place).name",
                    found: node.name.quotedForMessage,
                    expected: "a name that no other node has"
                )
            }
            nodes.append(node)
        }
        return try reading.result(nodes)
    }

    private init?(_ value: JSONValue, _ place: String, _ reading: inout StructureReading) {
        let before = reading.refusals.count
        let members = reading.members(value, place, keys: Self.keys)
        guard value.objectValue != nil else { return nil }
        let name = reading.required(
            members["name"],
            "\(place).name",
            expected: "a name of at most 50 lower case letters, digits, dots and dashes"
        ) { value in
            value.stringValue.flatMap { NameSyntax.isSubdomain($0) && $0.utf8.count <= 50 ? $0 : nil }
        }
        count = reading.number(members["count"], "\(place).count", in: 1...Self.most) ?? 1
        gpu = members["gpu"].flatMap { $0 == .null ? nil : GPU($0, "\(place).gpu", &reading) }
        cpus = reading.number(members["cpus"], "\(place).cpus", in: 1...4096) ?? 16
        memoryGiB = Self.gibibytes(members["memory"], "\(place).memory", 1...65_536, &reading) ?? 64
        storageGiB = Self.gibibytes(members["storage"], "\(place).storage", 1...1_048_576, &reading) ?? 500
        labels = reading.table(
            members["labels"],
            "\(place).labels",
            expected:
                "labels: names and values as Kubernetes allows them, none of ingot.dev, no kubernetes.io/hostname"
        ) { key, text in
            NameSyntax.isQualifiedName(key) && NameSyntax.isLabelValue(text) && !key.hasPrefix("ingot.dev/")
                && key != "kubernetes.io/hostname"
        }
        taints = Self.taints(members["taints"], "\(place).taints", &reading)
        self.name = name ?? ""
        guard reading.refusals.count == before else { return nil }
    }

    /// A size that is a whole number of GiB.
    private static func gibibytes(
        _ value: JSONValue?,
        _ place: String,
        _ range: ClosedRange<Int>,
        _ reading: inout StructureReading
    ) -> Int? {
        let kind = ConfigurationKind.size((range.lowerBound << 30)...(range.upperBound << 30))
        return reading.optional(value, place, expected: kind.expectation + ", in whole GiB") { value in
            guard case .size(let bytes) = try? kind.read(value), bytes % (1 << 30) == 0 else { return nil }
            return bytes >> 30
        }
    }

    private static func taints(
        _ value: JSONValue?,
        _ place: String,
        _ reading: inout StructureReading
    ) -> [Taint] {
        let elements = reading.optional(value, place, expected: "a list of taints", read: \.arrayValue) ?? []
        return elements.enumerated().compactMap { index, element in
            let place = "\(place)[\(index)]"
            let members = reading.members(element, place, keys: ["key", "value", "effect"])
            guard element.objectValue != nil else { return nil }
            let key = reading.required(
                members["key"],
                "\(place).key",
                expected: "a key such as \"nvidia.com/gpu\""
            ) { $0.stringValue.flatMap { NameSyntax.isQualifiedName($0) ? $0 : nil } }
            let text = reading.optional(
                members["value"],
                "\(place).value",
                expected: "a value as labels have, or an empty text"
            ) { $0.stringValue.flatMap { NameSyntax.isLabelValue($0) ? $0 : nil } }
            let effect = reading.optional(
                members["effect"],
                "\(place).effect",
                expected: ConfigurationKind.choice(Taint.Effect.allCases.map(\.rawValue)).expectation
            ) { $0.stringValue.flatMap(Taint.Effect.init) }
            return key.map { Taint(key: $0, value: text ?? "", effect: effect ?? .noSchedule) }
        }
    }
}

extension ServeConfiguration.Cluster.SimulatedNode.GPU {
    private static let keys = ["product", "count", "memory", "computeCapability", "mig"]

    fileprivate init?(_ value: JSONValue, _ place: String, _ reading: inout StructureReading) {
        let members = reading.members(value, place, keys: Self.keys)
        guard value.objectValue != nil else { return nil }
        let name = reading.required(
            members["product"],
            "\(place).product",
            expected: "a product such as \"NVIDIA-L4\""
        ) { $0.stringValue.flatMap { !$0.isEmpty && NameSyntax.isLabelValue($0) ? $0 : nil } }
        count = reading.number(members["count"], "\(place).count", in: 1...1024) ?? 1
        let memory = reading.optional(
            members["memory"],
            "\(place).memory",
            expected: "a size in whole MiB, such as \"80GiB\" or \"23034MiB\""
        ) { value -> Int? in
            guard case .size(let bytes) = try? ConfigurationKind.size((1 << 20)...(1 << 44)).read(value),
                bytes % (1 << 20) == 0
            else { return nil }
            return bytes >> 20
        }
        let capability = reading.optional(
            members["computeCapability"],
            "\(place).computeCapability",
            expected: "a compute capability such as \"9.0\"",
            read: { $0.stringValue.flatMap { ComputeCapability(parsing: $0) } }
        )
        let mig = reading.optional(
            members["mig"],
            "\(place).mig",
            expected: ConfigurationKind.boolean.expectation,
            read: \.boolValue
        )
        guard let name else { return nil }
        let known = GPUDescription.product(name)
        if known == nil {
            let hint = Self.hint(name)
            if members["memory"] == nil {
                reading.refuse("\(place).memory", found: "nothing", expected: "a size, since \(hint)")
            }
            if members["computeCapability"] == nil {
                let expected = "a text such as \"9.0\", since \(hint)"
                reading.refuse("\(place).computeCapability", found: "nothing", expected: expected)
            }
        }
        product = GPUDescription(
            label: name,
            memoryMiB: memory.map(Int64.init),
            capability: capability,
            supportsMIG: mig
        )
    }

    private static func hint(_ name: String) -> String {
        let nearest = Suggestion.nearest(
            to: name,
            among: GPUProduct.all.filter { $0.vendor == .nvidia }.map(\.name)
        )
        return "\(name.quotedForMessage) is no known product"
            + (nearest.map { "; the nearest is \"\($0.name)\"" } ?? "")
    }
}
