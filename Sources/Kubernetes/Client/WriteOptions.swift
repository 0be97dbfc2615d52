public import JSON
internal import KubernetesModel

/// What goes with a write.
public struct WriteOptions: Sendable, Hashable {
    /// What happens to fields that the API does not know.
    public enum FieldValidation: String, Sendable, Hashable {
        /// They are dropped.
        case ignore = "Ignore"
        /// They are dropped, and the answer warns of it.
        case warn = "Warn"
        /// The write is refused.
        case strict = "Strict"
    }

    /// Who writes, as `managedFields` notes it.
    public var fieldManager: String?
    /// Whether all is done but keeping the result.
    public var isDryRun: Bool
    /// What happens to unknown fields; nil for what the server does by itself.
    public var fieldValidation: FieldValidation?

    /// Options for a write.
    public init(fieldManager: String? = nil, isDryRun: Bool = false, fieldValidation: FieldValidation? = nil)
    {
        self.fieldManager = fieldManager
        self.isDryRun = isDryRun
        self.fieldValidation = fieldValidation
    }
}

/// A change to an object, in one of the forms that the API takes.
public enum Patch: Sendable, Hashable {
    /// A JSON merge patch (RFC 7386).
    case merge(JSONValue)
    /// A JSON patch (RFC 6902).
    case json(JSONValue)
    /// A strategic merge patch, which only built-in types take.
    case strategic(JSONValue)
    /// Server-side apply: the fields that the manager wants to have. With `force` it takes over fields of other managers, which
    /// is a conflict otherwise.
    case apply(JSONValue, force: Bool = false)

    var mediaType: String {
        switch self {
        case .merge: "application/merge-patch+json"
        case .json: "application/json-patch+json"
        case .strategic: "application/strategic-merge-patch+json"
        // JSON is YAML too.
        case .apply: "application/apply-patch+yaml"
        }
    }

    var document: JSONValue {
        switch self {
        case .merge(let document), .json(let document), .strategic(let document), .apply(let document, _):
            document
        }
    }
}

/// How an object is deleted.
public struct DeleteOptions: Sendable, Hashable {
    /// What becomes of the objects that it owns.
    public enum Propagation: String, Sendable, Hashable {
        /// They are deleted afterwards.
        case background = "Background"
        /// They are deleted before.
        case foreground = "Foreground"
        /// They stay, without an owner.
        case orphan = "Orphan"
    }

    /// What becomes of the objects that it owns; nil for what the type does by itself.
    public var propagation: Propagation?
    /// How long its processes may take to end, seconds; nil for what the object says.
    public var gracePeriodSeconds: Int?
    /// Only an object with this UID is deleted.
    public var uid: String?
    /// Only an object with this resource version is deleted.
    public var resourceVersion: String?
    /// Whether all is done but the deletion.
    public var isDryRun: Bool

    /// Options for a deletion.
    public init(
        propagation: Propagation? = nil,
        gracePeriodSeconds: Int? = nil,
        uid: String? = nil,
        resourceVersion: String? = nil,
        isDryRun: Bool = false
    ) {
        self.propagation = propagation
        self.gracePeriodSeconds = gracePeriodSeconds
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.isDryRun = isDryRun
    }

    var json: JSONValue {
        var json: JSONValue = ["kind": "DeleteOptions", "apiVersion": "v1"]
        if let propagation { json["propagationPolicy"] = .string(propagation.rawValue) }
        if let gracePeriodSeconds { json["gracePeriodSeconds"] = .integer(Int64(gracePeriodSeconds)) }
        if let uid { json[at: "preconditions", "uid"] = .string(uid) }
        if let resourceVersion { json[at: "preconditions", "resourceVersion"] = .string(resourceVersion) }
        if isDryRun { json["dryRun"] = ["All"] }
        return json
    }
}

extension APICall {
    mutating func add(_ options: WriteOptions) {
        add("fieldManager", options.fieldManager)
        add("dryRun", options.isDryRun ? "All" : nil)
        add("fieldValidation", options.fieldValidation?.rawValue)
    }
}
