import Logging
import Testing

@testable import IngotConfiguration

@Suite("Where values come from")
struct PrecedenceTests {
    private let file =
        #"{"host": "::1", "port": 4001, "log": {"level": "error", "format": "json"}, "dataDirectory": "/f"}"#
    private let environment = [
        "INGOT_HOST": "127.0.0.2", "INGOT_PORT": "4002", "INGOT_LOG_LEVEL": "warning",
        "INGOT_LOG_FORMAT": "text",
        "INGOT_DATA_DIR": "/e",
    ]
    private let flags = CommandLineOverrides(
        host: "127.0.0.3",
        port: "4003",
        dataDirectory: "/flag",
        logLevel: "debug",
        logFormat: "json"
    )

    @Test("Without any source the defaults count")
    func defaults() async throws {
        let configuration = try await load()
        #expect(configuration.host == "127.0.0.1")
        #expect(configuration.port == 3001)
        #expect(configuration.dataDirectory == "/users/someone/.local/share/ingot")
        #expect(configuration.log == .init(level: .info, format: .text))
        let server = configuration.server
        #expect(server.eventLoops == 0)
        #expect(server.gracePeriod == .seconds(10))
        #expect(server.allowedHosts == [])
        #expect(server.cors == .init(allowedOrigins: [], allowsCredentials: false, maximumAge: .seconds(600)))
        #expect(server.compression == .init(minimumSize: 1024, level: 6))
        #expect(
            server.limits
                == .init(
                    connections: 20_000,
                    connectionsPerAddress: 10_000,
                    headSize: 32_768,
                    targetSize: 8192,
                    fieldCount: 100,
                    bodySize: 4_194_304,
                    headTimeout: .seconds(10),
                    bodyIdleTimeout: .seconds(30),
                    keepAliveTimeout: .seconds(75),
                    writeTimeout: .seconds(30),
                    minimumBodyRate: 240,
                    requestsPerConnection: 100_000,
                    bufferedMemory: 268_435_456,
                    webSocketMessageSize: 1_048_576,
                    webSocketPingInterval: .seconds(30)
                )
        )
    }

    @Test("The file is stronger than the defaults")
    func fileOverDefaults() async throws {
        let configuration = try await load(file: file)
        #expect(configuration.host == "::1")
        #expect(configuration.port == 4001)
        #expect(configuration.dataDirectory == "/f")
        #expect(configuration.log == .init(level: .error, format: .json))
    }

    @Test("The environment is stronger than the file")
    func environmentOverFile() async throws {
        let configuration = try await load(environment: environment, file: file)
        #expect(configuration.host == "127.0.0.2")
        #expect(configuration.port == 4002)
        #expect(configuration.dataDirectory == "/e")
        #expect(configuration.log == .init(level: .warning, format: .text))
    }

    @Test("Flags are stronger than everything")
    func flagsOverEnvironment() async throws {
        let configuration = try await load(flags, environment: environment, file: file)
        #expect(configuration.host == "127.0.0.3")
        #expect(configuration.port == 4003)
        #expect(configuration.dataDirectory == "/flag")
        #expect(configuration.log == .init(level: .debug, format: .json))
    }

    @Test("PORT is weaker than INGOT_PORT and stronger than the file")
    func hostingPort() async throws {
        #expect(try await load(environment: ["PORT": "5001"]).port == 5001)
        #expect(try await load(environment: ["PORT": "5001"], file: file).port == 5001)
        #expect(try await load(environment: ["PORT": "5001", "INGOT_PORT": "5002"]).port == 5002)
        #expect(try await load(flags, environment: ["PORT": "5001"]).port == 4003)
        #expect(try await load(environment: ["PORT": ""], file: file).port == 4001)
    }

    @Test("HF_ENDPOINT is weaker than INGOT_HUGGING_FACE_ENDPOINT and stronger than the file")
    func hubEndpoint() async throws {
        let file = #"{"huggingFace": {"endpoint": "https://file.example/hub/"}}"#
        #expect(try await load().huggingFace.endpoint == "https://huggingface.co")
        #expect(try await load(file: file).huggingFace.endpoint == "https://file.example/hub/")
        var environment = ["HF_ENDPOINT": "http://127.0.0.1:8000"]
        #expect(
            try await load(environment: environment, file: file).huggingFace.endpoint
                == "http://127.0.0.1:8000"
        )
        environment["INGOT_HUGGING_FACE_ENDPOINT"] = "http://[::1]:80"
        #expect(try await load(environment: environment).huggingFace.endpoint == "http://[::1]:80")
        #expect(
            try await load(environment: ["HF_ENDPOINT": ""], file: file).huggingFace.endpoint.hasPrefix(
                "https://file"
            )
        )
        let expected = #"a base URL such as "https://hub.example", without user, query and fragment"#
        #expect(
            try await refusals(environment: ["HF_ENDPOINT": "hub.example"]) == [
                #"environment variable HF_ENDPOINT: huggingFace.endpoint: found "hub.example", expected \#(expected)"#
            ]
        )
        // Who puts a password there does not read it in the log.
        let refused = try await refusals(environment: ["HF_ENDPOINT": "https://ada:word@hub.example"])
        #expect(refused.count == 1 && refused[0].contains(#"found "https://(hidden)@hub.example", expected"#))
    }

    @Test("A folder of models is named by a flag, a variable or the file; without one there is none")
    func modelsDirectory() async throws {
        let file = #"{"models": {"directory": "/file"}, "huggingFace": {"timeout": "3s"}}"#
        #expect(try await load().models.directory == "")
        #expect(try await load(file: file).models.directory == "/file")
        #expect(try await load(file: file).huggingFace.timeout == .seconds(3))
        let environment = ["INGOT_MODELS_DIRECTORY": "/variable"]
        #expect(try await load(environment: environment, file: file).models.directory == "/variable")
        let flags = CommandLineOverrides(modelsDirectory: "/flag")
        #expect(try await load(flags, environment: environment, file: file).models.directory == "/flag")
    }

    @Test("PORT is read only where it would count")
    func unusedHostingPort() async throws {
        let alien = "tcp://10.0.0.1:80"
        #expect(try await load(environment: ["PORT": alien, "INGOT_PORT": "5002"]).port == 5002)
        #expect(try await load(flags, environment: ["PORT": alien]).port == 4003)
        #expect(
            try await refusals(environment: ["PORT": alien]) == [
                #"environment variable PORT: port: found "tcp://10.0.0.1:80", expected a whole number from 0 to 65535"#
            ]
        )
    }

    @Test("--config is stronger than INGOT_CONFIG, which may be empty")
    func configurationFile() async throws {
        let other = try TemporaryFile(#"{"port": 4444}"#)
        #expect(try await load(environment: ["INGOT_CONFIG": other.path]).port == 4444)
        #expect(try await load(environment: ["INGOT_CONFIG": other.path], file: file).port == 4001)
        #expect(try await load(environment: ["INGOT_CONFIG": ""]).port == 3001)
    }

    @Test("Every key can be set in the file and in the environment", arguments: ConfigurationKey.all)
    func everyKey(_ key: ConfigurationKey) async throws {
        let (value, text) = other(than: key)
        let nested = key.path.split(separator: ".").reversed().reduce(value) { #"{"\#($1)": \#($0)}"# }
        let temporary = try TemporaryFile(nested)
        let fromFile = try await effective(key, CommandLineOverrides(config: temporary.path), [:])
        #expect(fromFile.value == value)
        #expect(fromFile.source == .file(temporary.path))
        let fromEnvironment = try await effective(
            key,
            CommandLineOverrides(),
            [key.environmentVariable: text]
        )
        #expect(fromEnvironment.value == value)
        #expect(fromEnvironment.source == .environment(key.environmentVariable))
        #expect(fromEnvironment.isLive == key.isLive)
        let standard = try await ServeConfiguration.load(CommandLineOverrides(), environment: ["HOME": "/"])
        #expect(try await load(environment: ["HOME": "/"], file: nested) != standard)
    }

    private func effective(
        _ key: ConfigurationKey,
        _ overrides: CommandLineOverrides,
        _ environment: [String: String]
    ) async throws -> EffectiveValue {
        let environment = environment.merging(["HOME": "/"]) { given, _ in given }
        let values = try await ServeConfiguration.explain(overrides, environment: environment)
        return try #require(values.first { $0.key == key.path })
    }

    /// A value that is not the default: as JSON, and as an environment variable has it.
    private func other(than key: ConfigurationKey) -> (json: String, text: String) {
        switch key.kind {
        case .address: (#""127.0.0.9""#, "127.0.0.9")
        case .baseURL: (#""https://hub.example/x""#, "https://hub.example/x")
        case .namespace: (#""elsewhere""#, "elsewhere")
        case .path: (#""/elsewhere""#, "/elsewhere")
        case .text: (#""other""#, "other")
        case .choice(let words):
            // The modes of access behind the second need keys of their own.
            (#""\#(words.dropFirst().first ?? "")""#, words.dropFirst().first ?? "")
        case .boolean: ("true", "true")
        case .integer(let range): ("\(range.lowerBound + 2)", "\(range.lowerBound + 2)")
        case .size(let range): (#""\#(range.lowerBound + 3)B""#, "\(range.lowerBound + 3)B")
        case .duration: (#""77s""#, "77s")
        case .hostNames: (#"["a.example","b.example"]"#, "a.example, b.example")
        case .origins:
            (#"["https://a.example","http://b.example:8080"]"#, "https://a.example,http://b.example:8080")
        case .texts: (#"["a","b c"]"#, "a, b c")
        case .roles: (#"{"viewer":["a"]}"#, #"{"viewer": ["a"]}"#)
        case .nodes: (#"[{"name":"a"}]"#, #"[ {"name": "a"} ]"#)
        case .images: (#"{"a":"b"}"#, #"{"a": "b"}"#)
        }
    }

    @Test("The effective values name their sources and stand in the order of the table")
    func explanation() async throws {
        let values = try await ServeConfiguration.explain(
            CommandLineOverrides(port: "0"),
            environment: [
                "HOME": "/h", "INGOT_SERVER_LIMITS_BODY_SIZE": "65536", "INGOT_LOG_LEVEL": "debug",
                "INGOT_OUTBOUND_PROXY": "http://ada:word@proxy.example:3128",
            ]
        )
        #expect(values.map(\.key) == ConfigurationKey.all.map(\.path))
        let lines = Dictionary(uniqueKeysWithValues: values.map { ($0.key, "\($0.value) \($0.source)") })
        #expect(lines["port"] == "0 flag --port")
        #expect(lines["log.level"] == #""debug" environment variable INGOT_LOG_LEVEL"#)
        #expect(
            lines["server.limits.bodySize"] == #""64KiB" environment variable INGOT_SERVER_LIMITS_BODY_SIZE"#
        )
        #expect(
            lines["outbound.proxy"]
                == #""http://(hidden)@proxy.example:3128" environment variable INGOT_OUTBOUND_PROXY"#
        )
        #expect(lines["server.limits.headTimeout"] == #""10s" default"#)
        #expect(lines["dataDirectory"] == #""/h/.local/share/ingot" default"#)
    }

    @Test("The data directory is found as the XDG Base Directory Specification says")
    func dataDirectory() async throws {
        #expect(try await load(environment: ["XDG_DATA_HOME": "/x"]).dataDirectory == "/x/ingot")
        #expect(try await load(environment: ["XDG_DATA_HOME": "/x/"]).dataDirectory == "/x/ingot")
        #expect(
            try await load(environment: ["XDG_DATA_HOME": "x"]).dataDirectory
                == "/users/someone/.local/share/ingot"
        )
        #expect(
            try await load(environment: ["XDG_DATA_HOME": "/x", "INGOT_DATA_DIR": "d"]).dataDirectory == "d"
        )
        #expect(
            try await refusals(environment: ["HOME": ""]) == [
                "default: dataDirectory: found nothing and neither XDG_DATA_HOME nor HOME is set, "
                    + "expected the path of a directory"
            ]
        )
    }
}
