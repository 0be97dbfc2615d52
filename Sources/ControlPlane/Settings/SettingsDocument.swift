import JSON
public import Kubernetes
import KubernetesModel
import Runtimes

/// The config map that holds the settings, and the JSON document in it.
///
/// Members that this version does not know are kept as they are: another version may have written them.
struct SettingsDocument: Sendable {
    /// The config map's name.
    static let name = "ingot-settings"
    /// The key of the document in the config map's `data`.
    static let key = "config.json"

    /// What the document says.
    private(set) var settings = IngotSettings()
    /// What cannot be understood of it, for people; nil when all of it can.
    private(set) var problem: String?
    /// The members of the document; nil when it is no object, which nothing must be written over.
    private var members: JSONMembers?

    /// The document of a config map; an empty one where there is no config map, or none in it.
    init(_ object: KubernetesObject?) {
        guard let data = object?.json["data"]?[Self.key] else {
            members = JSONMembers()
            return
        }
        guard let text = data.stringValue, let document = try? JSONValue(parsing: text),
            let members = document.objectValue
        else {
            problem = "\(Self.key) of the config map \(Self.name) is not a JSON object"
            return
        }
        self.members = members
        read(members)
    }

    private mutating func read(_ members: JSONMembers) {
        if let value = members[IngotSettings.activeProviderKey], !value.isNull {
            settings.activeProvider = value.stringValue.flatMap(RuntimeID.init)
            if settings.activeProvider == nil { report(IngotSettings.activeProviderKey, value) }
        }
        if let value = members[IngotSettings.defaultNamespaceKey], !value.isNull {
            settings.defaultNamespace = value.stringValue.flatMap { text in
                IngotSettings.isNamespace(text) ? text : nil
            }
            if settings.defaultNamespace == nil { report(IngotSettings.defaultNamespaceKey, value) }
        }
    }

    private mutating func report(_ key: String, _ value: JSONValue) {
        let text = "\(key) in the config map \(Self.name) has the value \(value), which it cannot have"
        problem = problem.map { "\($0); \(text)" } ?? text
    }

    /// The document with a change made to it; nil when nothing would differ.
    ///
    /// - Throws: `SettingsFailure.unreadable` when the document is no object: what it was meant to say would be lost.
    func changed(by change: SettingsChange) throws(SettingsFailure) -> JSONValue? {
        guard let members else { throw .unreadable(problem ?? "") }
        var changed = members
        Self.apply(change.activeProvider, IngotSettings.activeProviderKey, &changed) { .string($0.rawValue) }
        Self.apply(change.defaultNamespace, IngotSettings.defaultNamespaceKey, &changed) { .string($0) }
        return changed == members ? nil : .object(changed)
    }

    private static func apply<Value>(
        _ step: SettingsChange.Step<Value>?,
        _ key: String,
        _ members: inout JSONMembers,
        _ json: (Value) -> JSONValue
    ) {
        switch step {
        case nil: break
        case .reset: members[key] = nil
        case .set(let value): members[key] = json(value)
        }
    }
}

/// Why settings were not changed.
public enum SettingsFailure: Error, Sendable {
    /// The cluster, which keeps them, cannot be reached.
    case unavailable(ClusterUnavailable)
    /// What is stored cannot be understood; why, for people.
    case unreadable(String)
    /// Others have written them all the time.
    case contended
    /// The API server refused or did not answer; what was being done.
    case kubernetes(KubernetesError, doing: String)
}
