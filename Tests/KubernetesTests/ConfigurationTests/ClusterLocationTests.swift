import Kubernetes
import Testing

@Suite struct ClusterLocationTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func config(server: String, context: String = "c", token: String = "t", isCurrent: Bool = true)
        -> String
    {
        """
        \(isCurrent ? "current-context: \(context)" : "")
        contexts: [{name: \(context), context: {cluster: k, user: u}}]
        clusters: [{name: k, cluster: {server: '\(server)'}}]
        users: [{name: u, user: {token: \(token)}}]
        """
    }

    @Test func `the named file goes before the environment`() throws {
        let named = try directory.write("named", config(server: "https://named"))
        let other = try directory.write("other", config(server: "https://other"))
        let location = ClusterLocation(kubeconfig: named, environment: ["KUBECONFIG": other])
        #expect(try location.configuration()?.server == "https://named")
    }

    @Test func `of several files the first that names something decides it as a whole`() throws {
        let first = try directory.write(
            "first",
            config(server: "https://first", context: "a", token: "one", isCurrent: false)
        )
        let second = try directory.write(
            "second",
            config(server: "https://second", context: "b", token: "two")
        )
        let list = "\(directory.path)/missing::\(first):\(second)"
        let location = ClusterLocation(environment: ["KUBECONFIG": list])
        let configuration = try #require(try location.configuration())
        #expect(configuration.origin == "context \"b\" of \(second)")
        #expect(configuration.server == "https://first")
        #expect(configuration.authentication == .token("one"))
        let chosen = ClusterLocation(context: "a", environment: ["KUBECONFIG": list])
        #expect(try chosen.configuration()?.origin == "context \"a\" of \(first)")
    }

    @Test func `files that are asked for must be there`() throws {
        let path = "\(directory.path)/missing"
        #expect(throws: KubeconfigError("No such file or directory", file: path)) {
            try ClusterLocation(kubeconfig: path, environment: [:]).configuration()
        }
        #expect(throws: KubeconfigError("none of the files that KUBECONFIG names is there: \(path)")) {
            try ClusterLocation(environment: ["KUBECONFIG": path]).configuration()
        }
        #expect(throws: KubeconfigError("there is no context \"x\", since no kubeconfig was found")) {
            try ClusterLocation(context: "x", environment: [:]).configuration()
        }
    }

    @Test func `without any description there is no cluster`() throws {
        #expect(try ClusterLocation(environment: [:]).configuration() == nil)
        #expect(try ClusterLocation(environment: ["HOME": directory.path]).configuration() == nil)
        #expect(try ClusterLocation(environment: ["KUBECONFIG": "/dev/null"]).configuration() == nil)
    }

    @Test func `a pod uses its service account`() throws {
        try directory.write("token", "abc\n")
        try directory.write("ca.crt", "CA")
        try directory.write("namespace", "team\n")
        var location = ClusterLocation(
            environment: ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"]
        )
        location.serviceAccountDirectory = directory.path
        let configuration = try #require(try location.configuration())
        #expect(configuration.server == "https://[fd00::1]:443")
        #expect(configuration.authentication == .tokenFile("\(directory.path)/token"))
        #expect(configuration.certificateAuthority == .file("\(directory.path)/ca.crt"))
        #expect(configuration.namespace == "team")
        #expect(configuration.warnings == [])
    }

    @Test func `service links without a token are no service account`() throws {
        var location = ClusterLocation(
            environment: ["KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"]
        )
        location.serviceAccountDirectory = directory.path
        #expect(try location.configuration() == nil)
    }
}
