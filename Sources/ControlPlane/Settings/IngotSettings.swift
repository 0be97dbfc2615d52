public import JSON
import KubernetesModel
public import Runtimes

/// What people have chosen for all of Ingot: what applies where a request does not say otherwise.
public struct IngotSettings: Sendable, Hashable {
    /// The runtime that serves deployments which name none; nil leaves the choice to Ingot.
    public var activeProvider: RuntimeID?
    /// The namespace that deployments go to which name none; nil for the usual one.
    public var defaultNamespace: String?

    /// Such settings.
    public init(activeProvider: RuntimeID? = nil, defaultNamespace: String? = nil) {
        self.activeProvider = activeProvider
        self.defaultNamespace = defaultNamespace
    }

    /// Whether a text can be the name of a namespace: a DNS label (RFC 1123 §2.1 as Kubernetes applies it).
    public static func isNamespace(_ text: String) -> Bool {
        text.utf8.count <= 63 && !text.contains(".") && NameSyntax.isSubdomain(text)
    }

    /// What is expected of a namespace, in words that follow `must be`.
    static let namespaceRule =
        "at most 63 lowercase letters, digits and hyphens, with a letter or a digit at both ends"

    static let activeProviderKey = "activeProviderId"
    static let defaultNamespaceKey = "defaultNamespace"
}

/// A wish to change settings: what is nil stays as it is.
public struct SettingsChange: Sendable, Hashable {
    /// What becomes of a setting.
    public enum Step<Value: Sendable & Hashable>: Sendable, Hashable {
        /// It gets this value.
        case set(Value)
        /// It gets its default again.
        case reset
    }

    /// What becomes of the active provider.
    public let activeProvider: Step<RuntimeID>?
    /// What becomes of the default namespace.
    public let defaultNamespace: Step<String>?

    /// Reads the body of a request. `null` resets a setting, and so does an empty namespace, which the web front end may send.
    ///
    /// - Throws: everything that is wrong with it, unknown fields by name.
    public init(json: JSONValue) throws(InvalidSettings) {
        let fields = JSONFields(json)
        let provider = fields.choice(
            IngotSettings.activeProviderKey,
            of: RuntimeID.allCases.map(\.rawValue)
        )
        let namespace = fields.text(
            IngotSettings.defaultNamespaceKey,
            IngotSettings.namespaceRule,
            where: { $0.isEmpty || IngotSettings.isNamespace($0) }
        )
        fields.reportUnknown()
        guard fields.problems.isEmpty else { throw InvalidSettings(problems: fields.problems) }
        let members = fields.members
        activeProvider =
            provider.flatMap(RuntimeID.init).map { .set($0) }
            ?? (members[IngotSettings.activeProviderKey] == nil ? nil : .reset)
        defaultNamespace =
            namespace.flatMap { $0.isEmpty ? nil : .set($0) }
            ?? (members[IngotSettings.defaultNamespaceKey] == nil ? nil : .reset)
    }
}

/// Settings that cannot be taken, field by field.
public struct InvalidSettings: Error, Sendable, Hashable {
    /// What is wrong; at least one.
    public let problems: [JSONFieldProblem]
}
