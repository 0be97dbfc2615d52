import HTTPServer
import HTTPTypes
import JSON
import Logging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Serves what a large cluster's API server does to those that watch it, on a free port of 127.0.0.1 until it is killed:
///
///     ClusterBenchmark NODES PODS [ENDS]
///
/// Ten nodes and a hundred pods change in a second; with ENDS so many pods end in a second, and no node changes: all pods in turn,
/// which then start again in turn. A change gives a node, as the number of its allocatable GPUs, the time at
/// which it was sent: microseconds of the monotonic clock.
@main
struct ClusterBenchmark {
    static func main() async throws {
        signal(SIGPIPE, SIG_IGN)
        let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        guard (2...3).contains(arguments.count), let address = SocketAddress(host: "127.0.0.1", port: 0)
        else {
            announce("usage: ClusterBenchmark NODES PODS [ENDS]\n")
            return
        }
        let (nodes, pods) = (arguments[0], arguments[1])
        let ends = arguments.count > 2 ? arguments[2] : nil
        let empty = ServedObjects()
        let resources = [
            ("/api/v1/nodes", ServedObjects(template: .node, count: nodes, changes: ends == nil ? 10 : 0)),
            (
                "/api/v1/pods",
                ServedObjects(
                    template: .pod,
                    count: pods,
                    nodes: nodes,
                    changes: ends ?? 100,
                    takesTurns: ends != nil
                )
            ),
            ("/api/v1/namespaces", empty), ("/api/v1/events", empty), ("/api/v1/services", empty),
            ("/api/v1/configmaps", empty), ("/api/v1/secrets", empty), ("/apis/apps/v1/deployments", empty),
            ("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", empty),
        ]
        let surface = Surface(
            name: "Benchmark",
            routes: resources.map { path, objects in route(path, objects) },
            errorSchema: .string()
        ) { error, _, response in
            var members = JSONMembers()
            members["kind"] = "Status"
            members["code"] = .integer(Int64(error.status.code))
            members["message"] = .string(error.message)
            response.setJSON(JSONValue.object(members))
        }
        let server = try await Server.start(
            address,
            router: Router([surface]),
            logger: Logger(label: "benchmark")
        )
        announce("ClusterBenchmark listening on http://\(server.address)\n")
        await server.waitUntilStopped()
    }

    private static func route(_ path: String, _ objects: ServedObjects) -> Route {
        Route(
            .get,
            PathTemplate(stringLiteral: path),
            access: .anyone,
            documentation: .init(
                operationID: path,
                summary: "A list, or a watch",
                tag: "Benchmark",
                answers: [
                    .init(200, "The list.", mediaType: "application/json", schema: .array(of: .string()))
                ]
            ),
            handler: .asynchronous { request in
                guard request.query["watch"] != nil else {
                    return Response(contentType: .json, body: .bytes(objects.list(request.query)))
                }
                return Response(
                    contentType: .json,
                    body: .stream(
                        ResponseStream { writer in
                            try await objects.watch(writer)
                            return []
                        }
                    )
                )
            }
        )
    }

    private static func announce(_ line: String) {
        var line = line
        line.withUTF8 { bytes in _ = write(1, bytes.baseAddress, bytes.count) }
    }
}
