import IngotConfiguration
import Testing

@Suite("What flags, variables and files are refused for")
struct SourceRefusalTests {
    @Test(
        "An unknown INGOT_ variable is refused with the nearest right one",
        arguments: [
            ("INGOT_PROT", "did you mean INGOT_PORT?"),
            ("INGOT_LOG_LVL", "did you mean INGOT_LOG_LEVEL?"),
            ("INGOT_DATA_DIRECTORY", "did you mean INGOT_DATA_DIR?"),
            ("INGOT_CONFIG_FILE", "did you mean INGOT_CONFIG?"),
            ("INGOT_SERVER_LIMITS_HEADTIMEOUT", "did you mean INGOT_SERVER_LIMITS_HEAD_TIMEOUT?"),
            ("INGOT_port", "did you mean INGOT_PORT?"),
        ]
    )
    func unknownVariables(_ name: String, _ hint: String) async throws {
        #expect(
            try await refusals(environment: [name: "1"]) == [
                "environment variable \(name): unknown variable; \(hint)"
            ]
        )
    }

    @Test(
        "Variables of the project's tools and of others are none of the server's business",
        arguments: [
            "INGOT_EXECUTABLE", "INGOT_GIT_COMMIT", "INGOT_BUILD_TIME", "INGOT_FUZZ", "INGOT_SERVER",
            "INGOTPORT", "ingot_port", "HOST",
        ]
    )
    func otherVariables(_ name: String) async throws {
        #expect(try await load(environment: [name: "x"]) == load())
    }

    @Test(
        "Variables that say where a service named ingot is are passed over",
        arguments: [
            ("INGOT_SERVICE_HOST", "10.0.0.1"), ("INGOT_SERVICE_PORT", "3001"),
            ("INGOT_SERVICE_PORT_HTTP", "3001"), ("INGOT_PORT", "tcp://10.0.0.1:3001"),
            ("INGOT_PORT_3001_TCP", "tcp://10.0.0.1:3001"), ("INGOT_PORT_3001_TCP_ADDR", "10.0.0.1"),
            ("INGOT_PORT_53_UDP_PROTO", "udp"), ("INGOT_WEB_SERVICE_HOST", "10.0.0.2"),
            ("INGOT_WEB_PORT", "tcp://10.0.0.2:80"),
        ]
    )
    func serviceLinks(_ name: String, _ value: String) async throws {
        #expect(try await load(environment: [name: value]) == load())
    }

    @Test("PORT counts where INGOT_PORT is a service's address")
    func portBelowServiceLink() async throws {
        let environment = ["INGOT_PORT": "tcp://10.0.0.1:3001", "PORT": "8080"]
        #expect(try await load(environment: environment).port == 8080)
    }

    @Test(
        "What only looks like a service's variable is refused",
        arguments: ["INGOT_WEB_PORT", "INGOT_PORT_X_TCP", "INGOT_PORT_3001_HTTP", "INGOT_SERVICEHOST"]
    )
    func unlikeServiceLinks(_ name: String) async throws {
        let lines = try await refusals(environment: [name: "1"])
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("environment variable \(name): unknown variable; ") == true)
    }

    @Test("Text behind a NUL is no part of an address")
    func addressesWithNUL() {
        let expected = #", expected an IP address or "localhost""#
        for host in ["127.0.0.1", "::1", "localhost"] {
            let lines = problems(#"{"host": "\#(host)\u0000x"}"#)
            #expect(lines.count == 1)
            #expect(lines.first?.hasSuffix(expected) == true)
        }
        let origins = #"{"server": {"cors": {"allowedOrigins": ["http://[::1\u0000x]"]}}}"#
        #expect(problems(origins).count == 1)
    }

    @Test(
        "A wrong value of a variable is refused with variable, key, value and expectation",
        arguments: [
            ("INGOT_PORT", "", #"port: found "", expected a whole number from 0 to 65535"#),
            ("INGOT_PORT", "0x50", #"port: found "0x50", expected a whole number from 0 to 65535"#),
            ("INGOT_PORT", "+80", #"port: found "+80", expected a whole number from 0 to 65535"#),
            ("INGOT_PORT", " 80", #"port: found " 80", expected a whole number from 0 to 65535"#),
            ("INGOT_PORT", "80s", #"port: found "80s", expected a whole number from 0 to 65535"#),
            (
                "INGOT_SERVER_CORS_ALLOW_CREDENTIALS", "yes",
                #"server.cors.allowCredentials: found "yes", expected true or false"#
            ),
            (
                "INGOT_SERVER_LIMITS_HEAD_TIMEOUT", "soon",
                #"server.limits.headTimeout: found "soon", expected a duration from 100ms to 1h, such as "500ms", "10s", "#
                    + #""2m" or a plain number of seconds"#
            ),
            (
                "INGOT_SERVER_ALLOWED_HOSTS", "a.example,,b.example",
                #"server.allowedHosts[1]: found "", expected a host name in lower case without port, or "*""#
            ),
        ]
    )
    func wrongVariables(_ name: String, _ value: String, _ line: String) async throws {
        #expect(try await refusals(environment: [name: value]) == ["environment variable \(name): \(line)"])
    }

    @Test("Wrong flags are refused by name, and only they make it a usage error")
    func wrongFlags() async throws {
        let overrides = CommandLineOverrides(
            host: "nowhere",
            port: "http",
            logLevel: "loud",
            logFormat: "xml"
        )
        let lines = try await refusals(overrides)
        #expect(
            lines.map { $0.prefix { $0 != "," } } == [
                #"flag --host: host: found "nowhere""#, #"flag --port: port: found "http""#,
                #"flag --log-level: log.level: found "loud""#, #"flag --log-format: log.format: found "xml""#,
            ]
        )
        let usage = await #expect(throws: ConfigurationFailure.self) { try await load(overrides) }
        #expect(usage?.isUsageError == true)
        let mixed = await #expect(throws: ConfigurationFailure.self) {
            try await load(overrides, environment: ["INGOT_PORT": "x"])
        }
        #expect(mixed?.isUsageError == false)
        #expect(mixed?.problems.count == 5)
    }

    @Test("A wrong value is refused also where a stronger source hides it")
    func hiddenValues() async throws {
        let lines = try await refusals(
            CommandLineOverrides(port: "1"),
            environment: ["INGOT_PORT": "2", "INGOT_LOG_LEVEL": "loud"],
            file: #"{"port": "x", "log": {"level": 3}}"#
        )
        #expect(lines.count == 3)
    }

    @Test("A missing or unreadable configuration file is refused in one line that says who named it")
    func unreadableFiles() async throws {
        let missing = "/nowhere/ingot.json"
        #expect(
            try await refusals(CommandLineOverrides(config: missing)) == [
                "file /nowhere/ingot.json: cannot be read: No such file or directory (named by --config)"
            ]
        )
        #expect(
            try await refusals(environment: ["INGOT_CONFIG": missing]) == [
                "file /nowhere/ingot.json: cannot be read: No such file or directory (named by INGOT_CONFIG)"
            ]
        )
        #expect(
            try await refusals(CommandLineOverrides(config: "/tmp")) == [
                "file /tmp: cannot be read: Is a directory (named by --config)"
            ]
        )
        #expect(
            try await refusals(CommandLineOverrides(config: "/dev/zero")) == [
                "file /dev/zero: cannot be read: it is larger than 1 MiB (named by --config)"
            ]
        )
        #expect(
            try await refusals(CommandLineOverrides(config: "")) == [
                #"flag --config: found "", expected the path of a configuration file"#
            ]
        )
    }

    @Test("Problems of a file name the file")
    func fileName() async throws {
        let file = try TemporaryFile(#"{"port": "x"}"#)
        #expect(
            try await refusals(CommandLineOverrides(config: file.path)) == [
                #"file \#(file.path): port: found "x", expected a whole number from 0 to 65535"#
            ]
        )
        let broken = try TemporaryFile("port = 1")
        let lines = try await refusals(CommandLineOverrides(config: broken.path))
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("file \(broken.path): line 1, column 1: expected ") == true)
    }

    @Test(
        "An address that is not on loopback is refused in one clear sentence, whatever names it",
        arguments: ["0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "::2", "::ffff:10.0.0.1", "2001:db8::1"]
    )
    func otherAddresses(_ host: String) async throws {
        let message = """
            host: found "\(host)", expected a loopback address such as 127.0.0.1 or ::1 while auth.mode is none: everybody \
            who reaches the address could do everything; set auth.mode to token-review or oidc, or put an authenticating \
            reverse proxy on the same machine before it
            """
        let failure = try await #require(throws: ConfigurationFailure.self) {
            try await load(CommandLineOverrides(host: host))
        }
        #expect(failure.description == "flag --host: \(message)")
        #expect(!failure.isUsageError, "the flag is well formed; what it asks for is not to be had")
        #expect(
            try await refusals(environment: ["INGOT_HOST": host]) == [
                "environment variable INGOT_HOST: \(message)"
            ]
        )
        #expect(problems(#"{"host": "\#(host)"}"#) == [message])
        #expect(
            try await load(CommandLineOverrides(host: "::1"), environment: ["INGOT_HOST": host]).host == "::1"
        )
    }

    @Test("Credentials for pages of all origins are refused")
    func credentials() async throws {
        let file =
            #"{"server": {"cors": {"allowedOrigins": ["https://a.example", "*"], "allowCredentials": true}}}"#
        #expect(
            problems(file) == [
                """
                server.cors.allowCredentials: found true, expected false while server.cors.allowedOrigins has "*": pages \
                of any origin could act with a user's credentials; name the origins instead
                """
            ]
        )
        let lines = try await refusals(
            environment: [
                "INGOT_SERVER_CORS_ALLOW_CREDENTIALS": "true", "INGOT_SERVER_CORS_ALLOWED_ORIGINS": "*",
            ])
        #expect(lines.count == 1)
        #expect(
            try await load(
                environment: ["INGOT_SERVER_CORS_ALLOWED_ORIGINS": "https://a.example"],
                file: file
            )
            .server.cors.allowsCredentials
        )
    }
}
