internal import JSON

extension GPUProduct {
    /// Reads one entry of the table; nil when something necessary is missing.
    init?(json: JSONValue) {
        guard let name = json["name"]?.stringValue,
            let vendor = json["vendor"]?.stringValue.flatMap(GPUVendor.init),
            let architecture = json["architecture"]?.stringValue
        else { return nil }
        let memoryMiB = json["memoryMiB"]?.integerValue.map(Int.init)
        let visible = json["visibleGiB"]?.doubleValue.map(ByteCount.gibibytes)
        guard let visibleBytes = visible ?? memoryMiB.map({ Self.visibleBytes(ofLabelMiB: $0) }) else {
            return nil
        }
        func names(_ key: String) -> [String] { json[key]?.arrayValue?.compactMap(\.stringValue) ?? [] }
        self.init(
            name: name,
            aliases: names("aliases"),
            vendor: vendor,
            resources: names("resources"),
            memoryMiB: memoryMiB,
            olderMemoryMiB: json["olderMemoryMiB"]?.arrayValue?.compactMap { $0.integerValue.map(Int.init) }
                ?? [],
            visibleBytes: visibleBytes,
            architecture: architecture,
            computeCapability: json["computeCapability"]?.stringValue.flatMap {
                ComputeCapability(parsing: $0)
            },
            supportsBF16: json["bf16"]?.boolValue ?? false,
            hasFP8: json["fp8"]?.boolValue ?? false,
            hasFP4: json["fp4"]?.boolValue ?? false,
            denseTFLOPS: json["denseTFLOPS"]?.doubleValue,
            bandwidthGBPerSecond: json["bandwidthGBPerSecond"]?.doubleValue ?? 0,
            nvlinkGBPerSecond: json["nvlinkGBPerSecond"]?.doubleValue ?? 0,
            isUnifiedMemory: json["isUnifiedMemory"]?.boolValue ?? false,
            migProfiles: names("migProfiles").compactMap { MIGProfile(parsing: $0) },
            isEstablished: json["isEstablished"]?.boolValue ?? false
        )
    }
}
