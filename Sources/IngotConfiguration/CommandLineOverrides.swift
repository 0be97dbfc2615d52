/// What the command line says about the configuration, as it was typed; nil where it says nothing.
public struct CommandLineOverrides: Sendable, Hashable {
    /// The configuration file (`--config`).
    public var config: String?
    /// The address to listen on (`--host`).
    public var host: String?
    /// The port to listen on (`--port`).
    public var port: String?
    /// Where data is kept (`--data-dir`).
    public var dataDirectory: String?
    /// The least severe level that is logged (`--log-level`).
    public var logLevel: String?
    /// How log records are written (`--log-format`).
    public var logFormat: String?
    /// Which cluster to use (`--cluster`; `--embedded-cluster` is short for `--cluster embedded`).
    public var cluster: String?
    /// The kubeconfig file (`--kubeconfig`).
    public var kubeconfig: String?
    /// The kubeconfig's context (`--context`).
    public var context: String?

    /// The folder of GGUF files (`--models-dir`).
    public var modelsDirectory: String?

    /// Overrides; none unless given.
    public init(
        config: String? = nil,
        host: String? = nil,
        port: String? = nil,
        dataDirectory: String? = nil,
        logLevel: String? = nil,
        logFormat: String? = nil,
        cluster: String? = nil,
        kubeconfig: String? = nil,
        context: String? = nil,
        modelsDirectory: String? = nil
    ) {
        self.config = config
        self.host = host
        self.port = port
        self.dataDirectory = dataDirectory
        self.logLevel = logLevel
        self.logFormat = logFormat
        self.cluster = cluster
        self.kubeconfig = kubeconfig
        self.context = context
        self.modelsDirectory = modelsDirectory
    }

    /// The keys that flags set, with what was typed for them.
    var values: [(key: ConfigurationKey, text: String)] {
        let pairs: [(ConfigurationKey, String?)] = [
            (.host, host), (.port, port), (.dataDirectory, dataDirectory), (.logLevel, logLevel),
            (.logFormat, logFormat), (.clusterMode, cluster), (.clusterKubeconfig, kubeconfig),
            (.clusterContext, context), (.modelsDirectory, modelsDirectory),
        ]
        return pairs.compactMap { key, text in text.map { (key, $0) } }
    }
}
