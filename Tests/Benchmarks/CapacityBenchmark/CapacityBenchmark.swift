import Capacity
import ControlPlane
import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Times what the capacity core does, in microseconds, and prints it as JSON:
///
///     CapacityBenchmark MODELS ROUNDS
///
/// MODELS is the file of published models.
@main
struct CapacityBenchmark {
    /// The cluster that there are targets for.
    private static let (nodes, pods) = (5000, 150_000)

    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count == 2, let file = arguments.first, let models = contents(of: file),
            let rounds = arguments.last.flatMap({ Int($0) }), rounds > 0
        else {
            let usage = Array("usage: CapacityBenchmark MODELS ROUNDS\n".utf8)
            _ = write(2, usage, usage.count)
            exit(64)
        }
        let profiles = try FitSpeed.profiles(models)
        var stopwatch = Stopwatch()
        var fits: [JSONValue] = []
        for engine in InferenceEngine.allCases {
            for gpus in [1, 8] {
                fits.append(
                    FitSpeed.measured(profiles, engine, gpus: gpus, rounds: rounds, &stopwatch)
                )
            }
        }
        var updates: [JSONValue] = []
        var placement = JSONValue.null
        for pods in [pods / 100, pods] {
            let cluster = try UpdateSpeed(nodes: nodes, pods: pods)
            var figures = try cluster.measure(rounds: 5 * rounds, &stopwatch)
            figures["pods"] = .integer(Int64(pods))
            updates.append(figures)
            placement = PlacementSpeed.measured(
                profiles,
                on: cluster.inventory.snapshot,
                rounds: rounds,
                &stopwatch
            )
        }
        let result: JSONValue = [
            "fits": .array(fits), "updates": .array(updates), "placement": placement,
            "nodes": .integer(Int64(nodes)), "floor": .number(stopwatch.floor),
        ]
        print(String(decoding: result.encoded(), as: UTF8.self))
    }

    private static func contents(of path: String) -> JSONValue? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return try? JSONValue(parsing: bytes)
    }
}
