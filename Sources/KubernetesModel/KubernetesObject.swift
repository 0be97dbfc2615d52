public import JSON

/// An API object of any type, held as its JSON, with access to what all objects have.
public struct KubernetesObject: Sendable, Hashable {
    /// The object as it is on the wire.
    public var json: JSONValue

    /// An object from its JSON.
    public init(_ json: JSONValue) {
        self.json = json
    }

    /// `apiVersion`, such as `apps/v1`; empty when absent.
    public var apiVersion: String { json["apiVersion"]?.stringValue ?? "" }
    /// `kind`; empty when absent.
    public var kind: String { json["kind"]?.stringValue ?? "" }
    /// The group, version and kind; nil when `apiVersion` is malformed.
    public var type: GroupVersionKind? {
        GroupVersion(apiVersion: apiVersion).map {
            GroupVersionKind(group: $0.group, version: $0.version, kind: kind)
        }
    }

    /// `metadata.name`; empty when absent. Setting an empty text removes it, as for every text here.
    public var name: String {
        get { metadataText("name") }
        set { setMetadataText("name", newValue) }
    }
    /// `metadata.namespace`; empty when absent or when the type has no namespaces.
    public var namespace: String {
        get { metadataText("namespace") }
        set { setMetadataText("namespace", newValue) }
    }
    /// `metadata.uid`; empty when absent.
    public var uid: String {
        get { metadataText("uid") }
        set { setMetadataText("uid", newValue) }
    }
    /// `metadata.resourceVersion`; empty when absent.
    public var resourceVersion: String {
        get { metadataText("resourceVersion") }
        set { setMetadataText("resourceVersion", newValue) }
    }
    /// `metadata.generation`; 0 when absent.
    public var generation: Int64 {
        get { json["metadata"]?["generation"]?.integerValue ?? 0 }
        set { json[at: "metadata", "generation"] = .integer(newValue) }
    }
    /// When the object was created; nil when the field is absent or malformed.
    public var creationTimestamp: Timestamp? {
        Timestamp(rfc3339: metadataText("creationTimestamp"))
    }
    /// When the object is to be gone; nil unless it is being deleted.
    public var deletionTimestamp: Timestamp? {
        Timestamp(rfc3339: metadataText("deletionTimestamp"))
    }
    /// Whether the object is being deleted.
    public var isBeingDeleted: Bool { json["metadata"]?["deletionTimestamp"]?.stringValue != nil }
    /// `metadata.finalizers`.
    public var finalizers: [String] {
        get { (json["metadata"]?["finalizers"]?.arrayValue ?? []).compactMap(\.stringValue) }
        set {
            json[at: "metadata", "finalizers"] =
                newValue.isEmpty ? nil : .array(newValue.map(JSONValue.string))
        }
    }
    /// The value of that label.
    public func label(_ key: String) -> String? { json["metadata"]?["labels"]?[key]?.stringValue }
    /// The value of that annotation.
    public func annotation(_ key: String) -> String? { json["metadata"]?["annotations"]?[key]?.stringValue }
    /// Sets a label, or removes it with nil.
    public mutating func setLabel(_ key: String, _ value: String?) {
        guard value != nil || label(key) != nil else { return }
        json[at: "metadata", "labels", key] = value.map(JSONValue.string)
    }
    /// Sets an annotation, or removes it with nil.
    public mutating func setAnnotation(_ key: String, _ value: String?) {
        guard value != nil || annotation(key) != nil else { return }
        json[at: "metadata", "annotations", key] = value.map(JSONValue.string)
    }
    /// All labels.
    public var labels: [String: String] { Self.texts(json["metadata"]?["labels"]) }
    /// All annotations.
    public var annotations: [String: String] { Self.texts(json["metadata"]?["annotations"]) }
    /// The owners.
    public var ownerReferences: [OwnerReference] {
        get {
            (json["metadata"]?["ownerReferences"]?.arrayValue ?? []).compactMap(OwnerReference.init(json:))
        }
        set {
            json[at: "metadata", "ownerReferences"] =
                newValue.isEmpty ? nil : .array(newValue.map(\.json))
        }
    }
    /// The owner that manages this object, if one does.
    public var controller: OwnerReference? { ownerReferences.first(where: \.isController) }

    /// `spec`; `null` when absent.
    public var spec: JSONValue {
        get { json["spec"] ?? .null }
        set { json["spec"] = newValue }
    }
    /// `status`; `null` when absent.
    public var status: JSONValue {
        get { json["status"] ?? .null }
        set { json["status"] = newValue }
    }

    /// Whether `selector` selects the object by its labels.
    public func matches(_ selector: LabelSelector) -> Bool {
        selector.matches { label($0) }
    }

    /// The status condition of that type.
    public func condition(_ type: String) -> JSONValue? {
        status["conditions"]?.arrayValue?.first { $0["type"]?.stringValue == type }
    }

    private func metadataText(_ key: String) -> String { json["metadata"]?[key]?.stringValue ?? "" }

    private mutating func setMetadataText(_ key: String, _ value: String) {
        json[at: "metadata", key] = value.isEmpty ? nil : .string(value)
    }

    private static func texts(_ value: JSONValue?) -> [String: String] {
        var texts: [String: String] = [:]
        for member in value?.objectValue ?? JSONMembers() {
            if let text = member.value.stringValue { texts[member.key] = text }
        }
        return texts
    }
}

/// One entry of `metadata.ownerReferences`.
public struct OwnerReference: Sendable, Hashable {
    /// The owner's `apiVersion`.
    public var apiVersion: String
    /// The owner's kind.
    public var kind: String
    /// The owner's name; it is in the same namespace, or has none.
    public var name: String
    /// The owner's UID.
    public var uid: String
    /// Whether the owner manages this object.
    public var isController: Bool
    /// Whether a foreground deletion of the owner waits for this object.
    public var blocksOwnerDeletion: Bool

    /// A reference to an owner.
    public init(
        apiVersion: String,
        kind: String,
        name: String,
        uid: String,
        isController: Bool = false,
        blocksOwnerDeletion: Bool = false
    ) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
        self.uid = uid
        self.isController = isController
        self.blocksOwnerDeletion = blocksOwnerDeletion
    }

    /// A reference that makes `owner` the controller, as controllers set it.
    public init(controller owner: KubernetesObject) {
        self.init(
            apiVersion: owner.apiVersion,
            kind: owner.kind,
            name: owner.name,
            uid: owner.uid,
            isController: true,
            blocksOwnerDeletion: true
        )
    }

    /// Reads an entry; nil without name or UID.
    public init?(json: JSONValue) {
        guard let name = json["name"]?.stringValue, let uid = json["uid"]?.stringValue else { return nil }
        self.init(
            apiVersion: json["apiVersion"]?.stringValue ?? "",
            kind: json["kind"]?.stringValue ?? "",
            name: name,
            uid: uid,
            isController: json["controller"]?.boolValue ?? false,
            blocksOwnerDeletion: json["blockOwnerDeletion"]?.boolValue ?? false
        )
    }

    /// The entry as JSON.
    public var json: JSONValue {
        var entry: JSONValue = [
            "apiVersion": .string(apiVersion), "kind": .string(kind), "name": .string(name),
            "uid": .string(uid),
        ]
        if isController { entry["controller"] = true }
        if blocksOwnerDeletion { entry["blockOwnerDeletion"] = true }
        return entry
    }
}
