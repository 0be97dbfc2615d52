import HTTPClient
import JSON
import Kubernetes
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct ExecPluginTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// The configuration of a cluster at `server` whose user runs a script.
    private func configuration(
        _ script: String,
        server: String = "http://h",
        version: String = "v1",
        exec: String = ""
    ) throws -> ClusterConfiguration {
        try directory.write("script", "\(script)\n")
        // A program that was written a moment ago cannot be run while a child that another test has just forked, and that has not
        // come to its own program yet, still holds the file open for writing (ETXTBSY). This one is never written.
        try directory.link("plugin", to: Self.plugin)
        let text = """
            current-context: c
            contexts: [{name: c, context: {cluster: k, user: u}}]
            clusters:
            - name: k
              cluster:
                server: \(server)
                tls-server-name: name
                certificate-authority-data: Q0E=
                extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: x}}]
            users:
            - name: u
              user:
                exec:
                  command: ./plugin
                  args: [one, "two three"]
                  env: [{name: MINE, value: yes it is}, {name: MY_TOKEN, value: a word}]
                  apiVersion: client.authentication.k8s.io/\(version)
                  interactiveMode: IfAvailable
                  \(exec)
            """
        var configuration = try Kubeconfig(bytes: Array(text.utf8), path: "\(directory.path)/config")
            .configuration()
        configuration.environment = ["PATH": "/usr/bin:/bin", "OTHER": "o"]
        configuration.certificateAuthority = nil
        return configuration
    }

    private static let plugin: String = {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        return root.joined(separator: "/") + "/Fixtures/exec-plugin/plugin"
    }()

    /// A script that counts its runs and prints a token with that number.
    private func printing(_ status: String, version: String = "v1") -> String {
        """
        echo run >> "\(directory.path)/runs"
        n=$(wc -l < "\(directory.path)/runs")
        cat <<END
        {"apiVersion": "client.authentication.k8s.io/\(version)", "kind": "ExecCredential", "status": \(status)}
        END
        """
    }

    private var runs: Int { directory.read("runs").utf8.count { $0 == 0x0A } }

    /// Runs `body` with a client whose user runs a script, against a server that takes one token.
    private func withPlugin(
        _ script: String,
        version: String = "v1",
        exec: String = "",
        accepting isGood: @escaping @Sendable (String?) -> Bool = { _ in true },
        _ body: (KubernetesClient, ScriptedServer) async throws -> Void
    ) async throws {
        let plugin = try configuration(script, version: version, exec: exec)
        try await withClient(
            { configuration in
                let server = configuration.server
                configuration = plugin
                configuration.server = server
            },
            answer: { request, connection in
                if isGood(request.headers["authorization"]) {
                    connection.answer(["ok": true])
                } else {
                    connection.answer(failure(401, "Unauthorized"), status: 401)
                }
            },
            body
        )
    }

    @Test("a plugin is run once for many requests", arguments: ["v1", "v1beta1"])
    func cached(version: String) async throws {
        try await withPlugin(printing(#"{"token": "t$n"}"#, version: version), version: version) {
            client,
            server in
            try await withThrowingTaskGroup { group in
                for _ in 0..<5 { group.addTask { _ = try await client.get(pods, "a", namespace: "n") } }
                try await group.waitForAll()
            }
            #expect(Set(server.requests.map { $0.headers["authorization"] }) == ["Bearer t1"])
            #expect(runs == 1)
        }
    }

    @Test func `a plugin is run again when what it gave has expired`() async throws {
        let status = #"{"token": "t$n", "expirationTimestamp": "2001-01-01T00:00:00Z"}"#
        try await withPlugin(printing(status)) { client, server in
            for _ in 0..<2 { _ = try await client.get(pods, "a", namespace: "n") }
            #expect(server.requests.map { $0.headers["authorization"] } == ["Bearer t1", "Bearer t2"])
        }
        let later = #"{"token": "t$n", "expirationTimestamp": "2999-01-01T00:00:00Z"}"#
        try await withPlugin(printing(later)) { client, server in
            for _ in 0..<2 { _ = try await client.get(pods, "a", namespace: "n") }
            #expect(server.requests.map { $0.headers["authorization"] } == ["Bearer t3", "Bearer t3"])
        }
    }

    @Test func `a plugin is run again when its token is refused, and once for each refusal`() async throws {
        try await withPlugin(printing(#"{"token": "t$n"}"#), accepting: { $0 == "Bearer t2" }) {
            client,
            server in
            _ = try await client.get(pods, "a", namespace: "n")
            #expect(runs == 2)
            #expect(server.requests.map { $0.headers["authorization"] } == ["Bearer t1", "Bearer t2"])
        }
        try await withPlugin(printing(#"{"token": "t$n"}"#), accepting: { _ in false }) { client, server in
            let error = await #expect(throws: KubernetesError.self) {
                try await client.get(pods, "a", namespace: "n")
            }
            #expect(error?.isUnauthorized == true)
            #expect(server.requests.count == 2)
        }
    }

    @Test func `a plugin gets its arguments, its environment and what it asked to know of the cluster`()
        async throws
    {
        let script = """
            printf '%s|' "$@" "$MINE" "$OTHER" > "\(directory.path)/seen"
            printf '%s' "$KUBERNETES_EXEC_INFO" > "\(directory.path)/info"
            \(printing(#"{"token": "t"}"#))
            """
        try await withPlugin(script, exec: "provideClusterInfo: true") { client, server in
            _ = try await client.get(pods, "a", namespace: "n")
            #expect(directory.read("seen") == "one|two three|yes it is|o|")
            #expect(
                try JSONValue(parsing: directory.read("info")) == [
                    "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
                    "spec": [
                        "interactive": false,
                        "cluster": [
                            "server": .string(server.url), "tls-server-name": "name",
                            "config": ["audience": "x"],
                        ],
                    ],
                ]
            )
        }
    }

    @Test func `a plugin that did not ask is told nothing of the cluster`() async throws {
        let script = """
            printf '%s' "$KUBERNETES_EXEC_INFO" > "\(directory.path)/info"
            \(printing(#"{"token": "t"}"#))
            """
        try await withPlugin(script) { client, _ in
            _ = try await client.get(pods, "a", namespace: "n")
            #expect(try JSONValue(parsing: directory.read("info"))["spec"] == ["interactive": false])
        }
    }

    static let bad: [(String, String)] = [
        ("echo 'not logged in' >&2; exit 3", "ended with status 3: not logged in"),
        (
            "echo \"$MY_TOKEN refused at https://ada:word@issuer/?code_verifier=abc with Bearer a1b2c3d4e5\" >&2; exit 1",
            "ended with status 1: (hidden) refused at https://(hidden)@issuer/?code_verifier=(hidden) with Bearer (hidden)"
        ),
        ("echo '{'", "printed no JSON (line 2, column 1)"),
        ("echo '{}'", "printed an object of another kind than ExecCredential"),
        (
            "echo '{\"kind\": \"ExecCredential\", \"apiVersion\": \"client.authentication.k8s.io/v1beta1\"}'",
            "printed another apiVersion than client.authentication.k8s.io/v1, which the kubeconfig names"
        ),
        (
            "echo '{\"kind\": \"ExecCredential\", \"apiVersion\": \"client.authentication.k8s.io/v1\", \"status\": {}}'",
            "gave neither a token nor a certificate"
        ),
        ("kill -TERM $$", "was ended by signal 15"),
        ("head -c 2000000 /dev/zero", "printed more than 1 MiB"),
    ]

    @Test("what a plugin does wrong is said", arguments: bad)
    func failing(script: String, message: String) async throws {
        try await withPlugin(script) { client, server in
            let error = await #expect(throws: KubernetesError.self) {
                try await client.get(pods, "a", namespace: "n")
            }
            #expect(error == .credentials("the exec plugin \"\(directory.path)/./plugin\" \(message)"))
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `a plugin that is missing is named with the hint`() async throws {
        var configuration = try configuration("true", exec: "installHint: Get it from the portal.")
        guard case .exec(var plugin) = configuration.authentication else { return }
        plugin.command = "no-such-plugin-anywhere"
        configuration.authentication = .exec(plugin)
        let http = try HTTPClient()
        let client = KubernetesClient(configuration: configuration, http: http)
        let error = await #expect(throws: KubernetesError.self) {
            try await client.get(pods, "a", namespace: "n")
        }
        #expect(
            error?.description
                == "the exec plugin \"no-such-plugin-anywhere\" cannot be started: No such file or directory\n"
                + "Get it from the portal."
        )
        await http.shutDown()
    }
}
