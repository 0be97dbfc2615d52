import ArgumentParser
import APIs
import HTTPServer
import JSON
import Logging
import Telemetry

@main
struct Ingot: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "ingot")
    @Option var port: UInt16 = 3001
    @Option var logLevel: String = "info"
    func run() async throws {
        let level = LogThreshold(Logger.Level(rawValue: logLevel) ?? .info)
        let writer = LogWriter(fileDescriptor: 2, format: .text)
        let logger = Logger(label: "ingot") { StructuredLogHandler(label: $0, writer: writer, threshold: level) }
        let main = MainPort(build: BuildIdentity(version: "v0.1.0", buildTime: .now(), gitCommit: "x"), checks: [], metrics: { [] })
        let server = try await Server.start(SocketAddress(host: "127.0.0.1", port: port)!, router: main.router(), logger: logger, accessLog: AccessLog(writer, threshold: level))
        print("ingot listening on http://\(server.address)")
        await server.waitUntilStopped()
    }
}
