import Glibc
import JSON
import SmallFiles
import Testing

@testable import IngotConfiguration

@Suite("The example and the reference")
struct DocumentTests {
    @Test("config.example.json is up to date; `ingot config example` makes it")
    func example() throws {
        #expect(try contents("config.example.json") == ConfigurationExample.text)
    }

    @Test("The example validates and has every key with its default and nothing else")
    func exampleIsComplete() throws {
        let bytes = Array(try contents("config.example.json").utf8)
        #expect(ServeConfiguration.validate(fileBytes: bytes, name: "config.example.json") == [])
        let layer = ConfigurationLayer.file(bytes, name: "config.example.json")
        #expect(
            layer.entries.mapValues(\.value)
                == Dictionary(uniqueKeysWithValues: ConfigurationKey.all.map { ($0.path, $0.defaultValue) })
        )
    }

    @Test("Docs/configuration.md is up to date; `ingot config reference` makes it")
    func reference() throws {
        #expect(try contents("Docs/configuration.md") == ConfigurationReference.markdown)
    }

    private func contents(_ path: String) throws -> String {
        let root = "\(#filePath)".split(separator: "/").dropLast(3).joined(separator: "/")
        let bytes = try SmallFile.read("/\(root)/\(path)", limit: 1 << 20)
        return String(decoding: bytes, as: UTF8.self)
    }
}

@Suite("The table of keys")
struct ConfigurationKeyTests {
    @Test("Paths and environment variables are unique")
    func uniqueness() {
        #expect(Set(ConfigurationKey.all.map(\.path)).count == ConfigurationKey.all.count)
        #expect(Set(ConfigurationKey.all.map(\.environmentVariable)).count == ConfigurationKey.all.count)
    }

    @Test(
        "Every default is a value that its own kind accepts, as JSON and as text",
        arguments: ConfigurationKey.all
    )
    func defaults(_ key: ConfigurationKey) throws {
        #expect(try key.kind.read(key.defaultValue.json) == key.defaultValue)
        if let text = key.defaultValue.json.stringValue {
            #expect(try key.kind.read(text) == key.defaultValue)
        }
    }

    @Test("Environment variables are named after the path")
    func environmentVariables() {
        let names = Dictionary(
            uniqueKeysWithValues: ConfigurationKey.all.map { ($0.path, $0.environmentVariable) }
        )
        #expect(names["host"] == "INGOT_HOST")
        #expect(names["port"] == "INGOT_PORT")
        #expect(names["dataDirectory"] == "INGOT_DATA_DIR")
        #expect(names["log.level"] == "INGOT_LOG_LEVEL")
        #expect(names["server.limits.headTimeout"] == "INGOT_SERVER_LIMITS_HEAD_TIMEOUT")
        #expect(
            names["server.limits.webSocketPingInterval"] == "INGOT_SERVER_LIMITS_WEB_SOCKET_PING_INTERVAL"
        )
        #expect(names["server.cors.allowedOrigins"] == "INGOT_SERVER_CORS_ALLOWED_ORIGINS")
    }

    @Test("The log level and all limits are live, nothing else")
    func live() {
        let live = ConfigurationKey.all.filter(\.isLive).map(\.path)
        let expected = ConfigurationKey.all.map(\.path).filter {
            $0 == "log.level" || $0.hasPrefix("server.limits.")
        }
        #expect(live == expected)
    }

    @Test("A secret's value is in no message")
    func secrets() throws {
        let key = ConfigurationKey("token", .integer(0...1), default: .integer(0), isSecret: true, "A secret")
        var layer = ConfigurationLayer()
        layer.add(key, from: .environment("INGOT_TOKEN")) { kind throws(ValueRefusal) in
            try kind.read("hunter2")
        }
        #expect(
            layer.problems.map(\.description) == [
                "environment variable INGOT_TOKEN: token: found a value that is not shown, "
                    + "expected a whole number from 0 to 1"
            ]
        )
    }
}
