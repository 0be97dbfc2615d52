import HTTPServer
import HTTPTypes
import JSON
import Logging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Serves `GET /large`, 1 MB of JSON from memory, on a free port of 127.0.0.1 until it is killed.
///
/// It measures what the server does with an answer that no socket buffer holds; `ingot` has no route with one of a fixed
/// size.
@main
struct HTTPServerBenchmark {
    static func main() async throws {
        signal(SIGPIPE, SIG_IGN)
        guard let address = SocketAddress(host: "127.0.0.1", port: 0) else { return }
        let server = try await Server.start(
            address,
            router: Router([surface(body: ModelList.json(atLeast: 1_000_000))]),
            logger: Logger(label: "benchmark")
        )
        announce("HTTPServerBenchmark listening on http://\(server.address)\n")
        await server.waitUntilStopped()
    }

    private static func surface(body: [UInt8]) -> Surface {
        let route = Route(
            .get,
            "/large",
            access: .anyone,
            documentation: .init(
                operationID: "getLarge",
                summary: "1 MB of JSON",
                tag: "Benchmark",
                answers: [
                    .init(200, "The models.", mediaType: "application/json", schema: .array(of: .string()))
                ]
            ),
            handler: .immediate { _, response in
                response.contentType = .json
                response.body = .bytes(body)
            }
        )
        return Surface(name: "Benchmark", routes: [route], errorSchema: .string()) { error, _, response in
            response.contentType = .json
            var writer = JSONWriter()
            writer.object { body in
                body.key("error")
                body.string(error.message)
            }
            response.body = .bytes(writer.take())
        }
    }

    private static func announce(_ line: String) {
        var line = line
        line.withUTF8 { bytes in _ = write(1, bytes.baseAddress, bytes.count) }
    }
}
