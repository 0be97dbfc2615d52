/// One entry of the configuration: where it is written, what it may be and what it means. The table of all of them,
/// ``ConfigurationKey/all``, is what validation, environment names, `config.example.json` and the reference are made from.
public struct ConfigurationKey: Sendable, Hashable {
    /// The names of the objects around it and its own, joined by dots, such as `server.limits.headTimeout`.
    public let path: String
    /// What values it takes.
    public let kind: ConfigurationKind
    /// The value when nothing else gives one.
    public let defaultValue: ConfigurationValue
    /// The environment variable that sets it.
    public let environmentVariable: String
    /// A variable of other programs that sets it where no flag and no variable of its own does.
    public let customaryVariable: String?
    /// The flag of `ingot serve` that sets it, if there is one.
    public let flag: String?
    /// Whether a change takes effect when a running server gets SIGHUP.
    public let isLive: Bool
    /// Whether its value must not be shown.
    public let isSecret: Bool
    /// What it means, for a person.
    public let summary: String

    init(
        _ path: String,
        _ kind: ConfigurationKind,
        default defaultValue: ConfigurationValue,
        environmentVariable: String? = nil,
        customaryVariable: String? = nil,
        flag: String? = nil,
        isLive: Bool = false,
        isSecret: Bool = false,
        _ summary: String
    ) {
        self.path = path
        self.kind = kind
        self.defaultValue = defaultValue
        self.environmentVariable = environmentVariable ?? Self.environmentVariable(forPath: path)
        self.customaryVariable = customaryVariable
        self.flag = flag
        self.isLive = isLive
        self.isSecret = isSecret
        self.summary = summary
    }

    /// The names of the objects around it and its own.
    var components: [String] { path.split(separator: ".").map(String.init) }

    /// The words of the path in capitals behind `INGOT`: `server.limits.headTimeout` → `INGOT_SERVER_LIMITS_HEAD_TIMEOUT`.
    static func environmentVariable(forPath path: String) -> String {
        var name = "INGOT_"
        for character in path {
            if character == "." {
                name += "_"
            } else {
                if character.isUppercase { name += "_" }
                name += character.uppercased()
            }
        }
        return name
    }
}
