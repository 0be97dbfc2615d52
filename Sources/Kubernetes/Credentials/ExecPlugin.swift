internal import JSON

/// A program that gives credentials (`client.authentication.k8s.io`).
public struct ExecPlugin: Sendable, Hashable {
    /// The program: a path, or a name to be found along `PATH`.
    public var command: String
    /// Its arguments.
    public var arguments: [String]
    /// What it gets in its environment besides the program's own.
    public var environment: [Variable]
    /// The version of the protocol: `client.authentication.k8s.io/v1` or `…/v1beta1`.
    public var apiVersion: String
    /// Whether it is told about the cluster.
    public var providesClusterInformation: Bool
    /// What to tell people when the program is missing.
    public var installHint: String?

    /// A variable of the environment.
    public struct Variable: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The value.
        public var value: String
    }

    static let apiGroup = "client.authentication.k8s.io"

    /// Reads the `exec` of a user.
    ///
    /// - Throws: also when the plugin can only be used by somebody at a terminal.
    init(_ node: KubeconfigNode) throws(KubeconfigError) {
        let command = try node.requiredText("command")
        // What is no mere name is a path.
        self.command = command.utf8.contains(0x2F) ? node.file.resolve(command) : command
        arguments = try node.texts("args")
        environment = try node.elements("env").map { (variable) throws(KubeconfigError) in
            let name = try variable.requiredText("name")
            if name.utf8.contains(0x3D) { throw variable.error("a variable's name cannot have \"=\" in it") }
            return Variable(name: name, value: try variable.text("value") ?? "")
        }
        apiVersion = try node.requiredText("apiVersion")
        providesClusterInformation = try node.flag("provideClusterInfo")
        installHint = try node.text("installHint")
        let isV1 = apiVersion == Self.apiGroup + "/v1"
        if !isV1, apiVersion != Self.apiGroup + "/v1beta1", let key = try node["apiVersion"] {
            throw key.error(
                "the version \"\(apiVersion)\" is not known; \(Self.apiGroup)/v1 and \(Self.apiGroup)/v1beta1 are"
            )
        }
        switch try node.text("interactiveMode") {
        case "Never", "IfAvailable": break
        case nil where !isV1: break
        case nil: throw node.error("the key \"interactiveMode\" is missing, which \(apiVersion) requires")
        case "Always":
            throw (try node["interactiveMode"] ?? node).error(
                "the plugin \"\(command)\" wants somebody at a terminal, and there is nobody; use credentials that "
                    + "need no input"
            )
        case let mode?:
            throw (try node["interactiveMode"] ?? node).error(
                "\"\(mode)\" is none of Never, IfAvailable and Always"
            )
        }
    }
}
