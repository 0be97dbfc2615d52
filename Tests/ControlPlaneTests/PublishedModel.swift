import Capacity
import ControlPlane
import JSON
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The models whose configurations and parameters are published, in the data of the tests of `Capacity`.
enum PublishedModel {
    /// A model by its name; nil when it is not in the list.
    static func model(_ id: String) throws -> JSONValue? { try all.get()[id] }

    /// The profile that its configuration gives.
    static func profile(_ id: String) throws -> ModelProfile? {
        guard let model = try model(id) else { return nil }
        var configuration = model["config"] ?? .null
        configuration["architectures"] = model["architectures"]
        configuration["model_type"] = model["model_type"]
        if let quantization = model["quantization_config"], !quantization.isNull {
            configuration["quantization_config"] = quantization
        }
        if configuration["head_dim_derived"]?.boolValue == true { configuration["head_dim"] = nil }
        return try ModelProfile(
            ModelEvidence(configuration: configuration, parameterCount: model["params_total"]?.integerValue)
        )
    }

    /// Whether an engine of the catalogue's model serves a context of 4096 tokens on such GPUs.
    static func fits(_ profile: ModelProfile, _ model: CatalogModel, gpus: Int, gigabytes: Int) -> Bool {
        let device = FitDevice(
            product: nil,
            name: "\(gigabytes) GB",
            count: gpus,
            visibleBytes: Int64(gigabytes) * 1_000_000_000
        )
        var request = FitRequest(model: model.id, devices: [device])
        request.engine = model.engines.first ?? .vllm
        request.workload.contextLength = min(4096, model.contextLength)
        let report = Fit.evaluate(profile, request)
        if report.verdict != .fits, gpus * gigabytes > 1000 || gigabytes == 288 {
            print("  ", model.id, gpus, gigabytes, report.verdict, report.blockers)
        }
        return report.verdict == .fits && (report.candidates.first?.parallelism.gpus ?? 0) <= gpus
    }

    private static let all = Result {
        let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        let handle = try #require(fopen("/\(folder)/CapacityTests/Data/models.json", "r"))
        defer { fclose(handle) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, handle), count > 0 {
            bytes += buffer[..<count]
        }
        let models = try JSONValue(parsing: bytes)["models"]?.arrayValue ?? []
        return Dictionary(models.map { ($0["id"]?.stringValue ?? "", $0) }) { first, _ in first }
    }
}
