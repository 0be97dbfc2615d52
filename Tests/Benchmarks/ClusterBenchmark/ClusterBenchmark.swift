import HTTPServer
import Logging
import Runtimes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Serves what a large cluster's API server does to those that watch it, on a free port of 127.0.0.1 until it is killed:
///
///     ClusterBenchmark NODES PODS [ENDS]
///     ClusterBenchmark deployments NODES DEPLOYMENTS CHANGES
///
/// Ten nodes and a hundred pods change in a second; with ENDS so many pods end in a second, and no node changes: all pods in turn,
/// which then start again in turn. A change gives a node, as the number of its allocatable GPUs, the time at
/// which it was sent: microseconds of the monotonic clock.
///
/// With deployments, each of which has a pod, so many of their pods change in a second, the time as the number of their restarts,
/// and a tenth as many of their objects.
///
/// It says `watching PATH` whenever a watch of a collection begins. `GET /requests` tells how
/// many requests have come in, these and watches not counted.
@main
struct ClusterBenchmark {
    static func main() async throws {
        signal(SIGPIPE, SIG_IGN)
        let words = CommandLine.arguments.dropFirst()
        let numbers = words.compactMap { Int($0) }
        let cluster: [(path: String, objects: ServedObjects)]
        switch (words.first, numbers.count) {
        case ("deployments", 3):
            cluster = try LargeCluster.deployments(nodes: numbers[0], count: numbers[1], changes: numbers[2])
        case (_, words.count) where (2...3).contains(numbers.count):
            cluster = LargeCluster.pods(
                nodes: numbers[0],
                pods: numbers[1],
                ends: numbers.count > 2 ? numbers[2] : nil
            )
        default:
            announce(
                "usage: ClusterBenchmark NODES PODS [ENDS]\n       ClusterBenchmark deployments NODES DEPLOYMENTS CHANGES\n"
            )
            return
        }
        guard let address = SocketAddress(host: "127.0.0.1", port: 0) else { return }
        let server = try await Server.start(
            address,
            router: Router([LargeCluster.surface(cluster)]),
            logger: Logger(label: "benchmark")
        )
        announce("ClusterBenchmark listening on http://\(server.address)\n")
        await server.waitUntilStopped()
    }

    /// Says something on standard output.
    static func announce(_ line: String) {
        var line = line
        line.withUTF8 { bytes in _ = write(1, bytes.baseAddress, bytes.count) }
    }
}
