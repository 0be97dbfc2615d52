import HTTPClient
import JSON
import Kubernetes
import Testing

@Suite struct KubeconfigTests {
    private static let file = """
        apiVersion: v1
        kind: Config
        current-context: first
        clusters:
        - name: one
          cluster:
            server: https://one.example:6443/
            certificate-authority: pki/ca.pem
            tls-server-name: kubernetes
            proxy-url: socks5://proxy:1080
        - name: two
          cluster:
            server: http://two.example/prefix
            insecure-skip-tls-verify: true
        contexts:
        - name: first
          context: {cluster: one, user: file, namespace: team}
        - name: second
          context: {cluster: two, user: basic}
        - name: nobody
          context: {cluster: two}
        - name: exec
          context: {cluster: one, user: exec}
        users:
        - name: file
          user: {tokenFile: token, client-certificate-data: Y2VydA==, client-key: ../key.pem}
        - name: basic
          user: {username: me, password: secret, as: other, as-groups: [a, b]}
        - name: exec
          user:
            exec:
              apiVersion: client.authentication.k8s.io/v1
              command: ./login
              args: [get]
              interactiveMode: Never
              env: [{name: A, value: B}]
        """

    private func kubeconfig() throws -> Kubeconfig {
        try Kubeconfig(bytes: Array(Self.file.utf8), path: "/etc/kube/config")
    }

    @Test func `the current context is used, with paths beside the file`() throws {
        let configuration = try kubeconfig().configuration()
        #expect(configuration.server == "https://one.example:6443")
        #expect(configuration.certificateAuthority == .file("/etc/kube/pki/ca.pem"))
        #expect(configuration.serverName == "kubernetes")
        #expect(configuration.proxy == .proxied(.init("socks5://proxy:1080")))
        #expect(configuration.namespace == "team")
        #expect(configuration.authentication == .tokenFile("/etc/kube/token"))
        #expect(configuration.certificate?.chain == .inline(Array("cert".utf8)))
        #expect(configuration.certificate?.key == .file("/etc/kube/../key.pem"))
        #expect(configuration.origin == "context \"first\" of /etc/kube/config")
        #expect(configuration.name == "first")
        #expect(configuration.warnings == [])
    }

    @Test func `another context can be chosen, and an unchecked server is warned about`() throws {
        let configuration = try kubeconfig().configuration(context: "second")
        #expect(configuration.server == "http://two.example/prefix")
        #expect(!configuration.verifiesServer)
        #expect(configuration.warnings.count == 1)
        #expect(configuration.warnings[0].contains("insecure-skip-tls-verify"))
        #expect(configuration.authentication == .basic(username: "me", password: "secret"))
        #expect(configuration.impersonation?.user == "other")
        #expect(configuration.impersonation?.groups == ["a", "b"])
        #expect(try kubeconfig().configuration(context: "nobody").authentication == .none)
    }

    @Test func `an exec plugin that is a path lies beside the file`() throws {
        guard case .exec(let plugin) = try kubeconfig().configuration(context: "exec").authentication else {
            Issue.record("no exec plugin")
            return
        }
        #expect(plugin.command == "/etc/kube/./login")
        #expect(plugin.arguments == ["get"])
        #expect(plugin.environment.map(\.name) == ["A"])
    }

    private static func config(_ user: String, cluster: String = "{server: 'https://h'}") -> String {
        """
        current-context: c
        contexts: [{name: c, context: {cluster: k, user: u}}]
        clusters: [{name: k, cluster: \(cluster)}]
        users:
        - name: u
          user: \(user)
        """
    }

    static let broken: [(String, String)] = [
        ("clusters: [", "/f, line 2: did not find expected node content, while parsing a flow node"),
        ("clusters: x", "/f, line 1: clusters: a sequence is expected here, not a string"),
        ("[]", "/f, line 1: a mapping is expected here, not an array"),
        ("kind: Pod", "/f, line 1: kind: a file of the kind \"Config\" is expected, not \"Pod\""),
        ("apiVersion: v2", "/f, line 1: apiVersion: the version \"v2\" is not known, only \"v1\" is"),
        ("users:\n- user: {}", "/f, line 2: users[0]: the key \"name\" is missing"),
        ("users:\n- name: a\n- name: a", "/f, line 3: users[1]: the name \"a\" appears twice"),
        ("{}", "no context was chosen and current-context is not set; there are none"),
        ("current-context: x\n", "/f, line 1: current-context: there is no context \"x\"; there are none"),
        (
            "current-context: c\ncontexts:\n- name: c\n  context: {cluster: gone}",
            "/f, line 3: contexts[c].context.cluster: there is no cluster \"gone\""
        ),
        (
            config("{}", cluster: "{}"),
            "/f, line 3: clusters[0].cluster: the key \"server\" is missing"
        ),
        (
            config("{}", cluster: "{server: 6443}"),
            "/f, line 3: clusters[0].cluster.server: a string is expected here, not an integer"
        ),
        (
            config("{}", cluster: "{server: 'ftp://h'}"),
            "/f, line 3: clusters[0].cluster.server: the URL must begin with https:// or http://"
        ),
        (
            config("{}", cluster: "{server: 'https://user:secret@h'}"),
            "/f, line 3: clusters[0].cluster.server: the URL must not hold a user or a password"
        ),
        (
            config("{}", cluster: "{server: 'https://h', certificate-authority-data: '%%%'}"),
            "/f, line 3: clusters[0].cluster.certificate-authority-data: this is not base64"
        ),
        (
            config("{}", cluster: "{server: 'https://h', proxy-url: 'h:1'}"),
            "/f, line 3: clusters[0].cluster.proxy-url: the URL must begin with http://, https://, socks5:// or socks5h://"
        ),
        (
            config("{token: t, username: u}"),
            "/f, line 6: users[0].user: only one of token and basic authentication can be set"
        ),
        (
            config("{client-certificate: c}"),
            "/f, line 6: users[0].user: a client certificate needs client-key or client-key-data"
        ),
        (
            config("{auth-provider: {name: gcp}}"),
            "/f, line 6: users[0].user.auth-provider: authentication providers are gone since Kubernetes 1.26; use an exec plugin"
        ),
        (
            config("{exec: {command: p, apiVersion: client.authentication.k8s.io/v1alpha1}}"),
            "/f, line 6: users[0].user.exec.apiVersion: the version \"client.authentication.k8s.io/v1alpha1\" is not known; client.authentication.k8s.io/v1 and client.authentication.k8s.io/v1beta1 are"
        ),
        (
            config(
                "{exec: {command: p, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always}}"
            ),
            "/f, line 6: users[0].user.exec.interactiveMode: the plugin \"p\" wants somebody at a terminal, and there is nobody; use credentials that need no input"
        ),
    ]

    @Test("what is wrong is named with file, line and key", arguments: broken)
    func problem(text: String, message: String) {
        let error = #expect(throws: KubeconfigError.self) {
            _ = try Kubeconfig(bytes: Array(text.utf8), path: "/f").configuration()
        }
        #expect(error?.description == message)
    }

    @Test func `what is wrong with an entry matters only when the entry is used`() throws {
        let text = """
            current-context: good
            contexts:
            - {name: good, context: {cluster: good}}
            - {name: bad, context: {cluster: bad}}
            clusters:
            - {name: good, cluster: {server: 'https://h'}}
            - {name: bad, cluster: {}}
            """
        let kubeconfig = try Kubeconfig(bytes: Array(text.utf8), path: "/f")
        #expect(try kubeconfig.configuration().server == "https://h")
        #expect(throws: KubeconfigError.self) { try kubeconfig.configuration(context: "bad") }
    }
}
