import IngotConfiguration
import Testing

@Suite("What a configuration file is refused for")
struct FileRefusalTests {
    @Test(
        "An unknown key is refused by its path, with the nearest right one",
        arguments: [
            (#"{"prot": 1}"#, "prot: unknown key; did you mean port?"),
            (#"{"Port": 1}"#, "Port: unknown key; did you mean port?"),
            (#"{"datadir": "x"}"#, "datadir: unknown key; did you mean dataDirectory?"),
            (#"{"log": {"lvel": "info"}}"#, "log.lvel: unknown key; did you mean log.level?"),
            (#"{"logs": {"level": "info"}}"#, "logs: unknown key; did you mean log?"),
            (#"{"loglevel": "info"}"#, "loglevel: unknown key; did you mean log.level?"),
            (
                #"{"server": {"limits": {"headTimeuot": "1s"}}}"#,
                "server.limits.headTimeuot: unknown key; did you mean server.limits.headTimeout?"
            ),
            (
                #"{"headTimeout": "1s"}"#,
                "headTimeout: unknown key; did you mean server.limits.headTimeout?"
            ),
            (
                #"{"server": {"limit": {"headTimeout": "1s"}}}"#,
                "server.limit: unknown key; did you mean server.limits?"
            ),
            (
                #"{"server.limits.headTimeout": "1s"}"#,
                #""server.limits.headTimeout": unknown key; write server.limits.headTimeout as a key of the object "#
                    + "server.limits"
            ),
            (#"{"": 1}"#, #""": unknown key; the nearest known one is host"#),
            (#"{"po\nrt": 1}"#, #""po�rt": unknown key; did you mean port?"#),
        ]
    )
    func unknownKeys(_ text: String, _ line: String) {
        #expect(problems(text) == [line])
    }

    @Test(
        "A value of the wrong type or out of range is refused with what was found and what is expected",
        arguments: [
            (#"{"host": 1}"#, #"host: found 1, expected an IP address or "localhost""#),
            (#"{"host": ""}"#, #"host: found "", expected an IP address or "localhost""#),
            (#"{"host": "[::1]"}"#, #"host: found "[::1]", expected an IP address or "localhost""#),
            (
                #"{"host": "example.com"}"#,
                #"host: found "example.com", expected an IP address or "localhost""#
            ),
            (#"{"port": 65536}"#, "port: found 65536, expected a whole number from 0 to 65535"),
            (#"{"port": -1}"#, "port: found -1, expected a whole number from 0 to 65535"),
            (#"{"port": "80"}"#, #"port: found "80", expected a whole number from 0 to 65535"#),
            (#"{"port": 80.5}"#, "port: found 80.5, expected a whole number from 0 to 65535"),
            (#"{"port": null}"#, "port: found null, expected a whole number from 0 to 65535"),
            (#"{"port": [80]}"#, "port: found an array, expected a whole number from 0 to 65535"),
            (#"{"port": {}}"#, "port: found an object, expected a whole number from 0 to 65535"),
            (
                #"{"dataDirectory": true}"#,
                "dataDirectory: found true, expected a path, or an empty text for the default"
            ),
            (
                #"{"dataDirectory": "a\u0000b"}"#,
                #"dataDirectory: found "a�b", expected a path, or an empty text for the default"#
            ),
            (#"{"log": {"format": "JSON"}}"#, #"log.format: found "JSON", expected one of "text", "json""#),
            (#"{"log": "debug"}"#, #"log: found "debug", expected an object with the keys level, format"#),
            (#"{"log": []}"#, "log: found an array, expected an object with the keys level, format"),
            (
                #"{"server": 1}"#,
                "server: found 1, expected an object with the keys eventLoops, gracePeriod, allowedHosts, cors, "
                    + "limits, compression"
            ),
            (
                #"{"server": {"cors": {"allowCredentials": "true"}}}"#,
                #"server.cors.allowCredentials: found "true", expected true or false"#
            ),
            (
                #"{"server": {"limits": {"fieldCount": 251}}}"#,
                "server.limits.fieldCount: found 251, expected a whole number from 1 to 250"
            ),
        ]
    )
    func wrongValues(_ text: String, _ line: String) {
        #expect(problems(text) == [line])
    }

    @Test(
        "What is no duration is refused",
        arguments: [
            #""""#, #""s""#, #""10 s""#, #""-10s""#, #""10S""#, #""10sec""#, #""1.2.3s""#, #"".s""#,
            #""1e3s""#,
            #""0.0001s""#, #""99ms""#, #""61m""#, #""2h""#, #""9223372036854775807h""#,
            #""99999999999999999999s""#, "-1", "0", "3601",
            "0.00015", "1e300", "true", "null", "[]",
        ]
    )
    func durations(_ value: String) {
        let lines = problems(#"{"server": {"limits": {"headTimeout": \#(value)}}}"#)
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("server.limits.headTimeout: found ") == true)
        #expect(
            lines.first?.hasSuffix(
                #", expected a duration from 100ms to 1h, such as "500ms", "10s", "2m" or a plain number of seconds"#
            )
                == true
        )
    }

    @Test(
        "What is no size is refused",
        arguments: [
            #""""#, #""KiB""#, #""64 KiB""#, #""64KB""#, #""64kib""#, #""64K""#, #""-1B""#, #""1.0001KiB""#,
            #""1023B""#,
            #""2MiB""#, #""9223372036854775807GiB""#, "1023", "1048577", "2048.5", "-1", "1e300", "false",
            "null", "{}",
        ]
    )
    func sizes(_ value: String) {
        let lines = problems(#"{"server": {"limits": {"headSize": \#(value)}}}"#)
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("server.limits.headSize: found ") == true)
        #expect(
            lines.first?.hasSuffix(
                #", expected a size from 1KiB to 1MiB, such as "64KiB", "4MiB" or a plain number of bytes"#
            ) == true
        )
    }

    @Test(
        "A host name that Host cannot carry is refused by its index",
        arguments: [
            "", "A.example", "a.example:80", "https://a.example", "a..example", "-a.example", "a/b", "a b",
            "*.example",
            String(repeating: "a", count: 64), Array(repeating: "abc", count: 64).joined(separator: "."),
        ]
    )
    func hostNames(_ name: String) {
        let lines = problems(#"{"server": {"allowedHosts": ["good.example", "\#(name)"]}}"#)
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix(#"server.allowedHosts[1]: found ""#) == true)
    }

    @Test(
        "What browsers never send as an origin is refused by its index",
        arguments: [
            "", "null", "a.example", "https://", "https://a.example/", "https://a.example/x",
            "https://A.example",
            "https://a.example:443", "http://a.example:80", "https://a.example:0", "https://a.example:99999",
            "https://a.example:", "https://a.example:080", "ftp://a.example", "https://u@a.example",
            "https://*",
            "https://[::1", "https://[::g]", "https://[::1]x", "https://[::A]",
        ]
    )
    func origins(_ origin: String) {
        let lines = problems(
            #"{"server": {"cors": {"allowedOrigins": ["https://good.example", "\#(origin)"]}}}"#
        )
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix(#"server.cors.allowedOrigins[1]: found ""#) == true)
    }

    @Test(
        "What is no base URL is refused",
        arguments: [
            "", "hub.example", "ftp://hub.example", "https://", "https:///x", "https://*",
            "https://u:p@hub.example",
            "https://hub.example?x", "https://hub.example/#x", "https://hub.example/a b",
            "https://hub.example:0", "https://[::1",
            "https://hub.example:99999", "HTTPS://hub.example",
        ]
    )
    func baseURLs(_ url: String) {
        let lines = problems(#"{"huggingFace": {"endpoint": "\#(url)"}}"#)
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("huggingFace.endpoint: found ") == true)
    }

    @Test("A list is refused where it is none or holds something else than texts")
    func lists() {
        #expect(
            problems(#"{"server": {"allowedHosts": "a.example"}}"#) == [
                #"server.allowedHosts: found "a.example", expected a list of host names in lower case, or "*" for all"#
            ]
        )
        #expect(
            problems(#"{"server": {"allowedHosts": [1]}}"#) == [
                #"server.allowedHosts[0]: found 1, expected a host name in lower case without port, or "*""#
            ]
        )
    }

    @Test("What is not JSON is refused with line and column")
    func notJSON() {
        #expect(problems("{\n  \"port\": 80,\n}").first?.hasPrefix("line 3, column 1: expected ") == true)
        #expect(problems("").first?.hasPrefix("line 1, column 1: expected ") == true)
        #expect(
            problems(#"{"port": 1, "port": 2}"#).first?.contains(#"the key "port" appears twice"#) == true
        )
        #expect(problems("[]") == ["found an array, expected a JSON object"])
        #expect(ServeConfiguration.validate(fileBytes: [0xFF, 0x00], name: "x").count == 1)
    }

    @Test("All problems are reported at once, a line each")
    func allAtOnce() {
        let text =
            #"{"prot": 1, "port": -1, "log": {"level": "loud"}, "server": {"limits": {"headSize": 1}, "x": {}}}"#
        #expect(
            problems(text).map { String($0.prefix { $0 != ":" }) } == [
                "prot", "port", "log.level", "server.limits.headSize", "server.x",
            ]
        )
    }

    @Test("A long value is cut in the message")
    func longValues() {
        let line = problems(#"{"log": {"level": "\#(String(repeating: "x", count: 10_000))"}}"#).first
        #expect((line?.utf8.count ?? .max) < 300)
        let key = problems(#"{"\#(String(repeating: "x", count: 10_000))": 1}"#).first
        #expect((key?.utf8.count ?? .max) < 300)
    }
}

@Suite("Which values a configuration file may have")
struct AcceptanceTests {
    @Test(
        "Durations in every form",
        arguments: [
            (#""500ms""#, Duration.milliseconds(500)), (#""10s""#, .seconds(10)), (#""2m""#, .seconds(120)),
            (#""1h""#, .seconds(3600)), (#""1.5s""#, .milliseconds(1500)), (#""0.5h""#, .seconds(1800)),
            (#""10""#, .seconds(10)), ("10", .seconds(10)), ("0.3", .milliseconds(300)),
            ("1.001", .milliseconds(1001)),
        ]
    )
    func durations(_ value: String, _ duration: Duration) async throws {
        let configuration = try await load(file: #"{"server": {"limits": {"headTimeout": \#(value)}}}"#)
        #expect(configuration.server.limits.headTimeout == duration)
    }

    @Test(
        "Sizes in every form",
        arguments: [
            (#""4096B""#, 4096), (#""64KiB""#, 65_536), (#""1MiB""#, 1_048_576), (#""1.5KiB""#, 1536),
            (#""0.5MiB""#, 524_288),
            (#""2048""#, 2048), ("2048", 2048),
        ]
    )
    func sizes(_ value: String, _ size: Int) async throws {
        let configuration = try await load(file: #"{"server": {"limits": {"headSize": \#(value)}}}"#)
        #expect(configuration.server.limits.headSize == size)
    }

    @Test(
        "Loopback addresses",
        arguments: [
            "127.0.0.1", "127.255.255.254", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "localhost",
        ]
    )
    func loopbackAddresses(_ host: String) async throws {
        #expect(try await load(file: #"{"host": "\#(host)"}"#).host == host)
        #expect(try await load(CommandLineOverrides(host: host)).host == host)
    }

    @Test("Lists of host names and origins")
    func lists() async throws {
        let hosts = try await load(file: #"{"server": {"allowedHosts": ["a.example", "b_c", "*"]}}"#)
        #expect(hosts.server.allowedHosts == ["a.example", "b_c", "*"])
        let origins = [
            "https://a.example", "http://127.0.0.1:5173", "http://[::1]:8080", "*",
        ]
        let texts = origins.map { "\"\($0)\"" }.joined(separator: ",")
        let cors = try await load(file: #"{"server": {"cors": {"allowedOrigins": [\#(texts)]}}}"#)
        #expect(cors.server.cors.allowedOrigins == origins)
        let empty = try await load(
            environment: ["INGOT_SERVER_ALLOWED_HOSTS": ""],
            file: #"{"server": {"allowedHosts": ["a"]}}"#
        )
        #expect(empty.server.allowedHosts == [])
    }
}
