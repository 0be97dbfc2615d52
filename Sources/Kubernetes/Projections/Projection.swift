public import JSON
public import KubernetesModel

/// What is kept of an object of the API: only what is used of it, so that a large cluster fits in memory.
protocol Projection: Sendable {
    /// What every object has.
    var metadata: ObjectMetadata { get }

    /// Reads the object at the scanner.
    init(_ scanner: inout JSONScanner) throws(JSONScanError)
}

/// Where an object stands among those of its resource.
public struct ResourceKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The namespace; empty for a resource without namespaces.
    public let namespace: String
    /// The name.
    public let name: String

    /// A place.
    public init(namespace: String = "", name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// `namespace/name`, or the name alone.
    public var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    /// Orders by namespace, then by name.
    public static func < (left: ResourceKey, right: ResourceKey) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }
}

/// What is kept of every object's `metadata`.
public struct ObjectMetadata: Sendable, Hashable {
    /// The name.
    public var name = ""
    /// The namespace; empty for a resource without namespaces.
    public var namespace = ""
    /// The identity, which no other object ever has.
    public var uid = ""
    /// Which state of the object this is.
    public var resourceVersion = ""
    /// Counts the changes of what is wished for; 0 where that is not counted.
    public var generation: Int64 = 0
    /// When it was made.
    public var created: Timestamp?
    /// When it is to be gone; nil unless it is being deleted.
    public var deletion: Timestamp?
    /// The labels.
    public var labels: [String: String] = [:]
    /// The owner that manages it.
    public var controller: OwnerReference?

    /// Where the object stands.
    public var key: ResourceKey { ResourceKey(namespace: namespace, name: name) }

    /// Empty metadata.
    public init() {}

    /// Whether both are of one state of one object.
    func isSameVersion(as other: ObjectMetadata) -> Bool {
        uid == other.uid && resourceVersion == other.resourceVersion && !resourceVersion.isEmpty
    }

    init(_ scanner: inout JSONScanner) throws(JSONScanError) {
        self.init()
        var metadata = self
        try scanner.object { (key, scanner) throws(JSONScanError) in
            switch key {
            case "name": metadata.name = try scanner.string()
            case "namespace": metadata.namespace = try scanner.sharedText()
            case "uid": metadata.uid = try scanner.optionalString() ?? ""
            case "resourceVersion": metadata.resourceVersion = try scanner.optionalString() ?? ""
            case "generation": metadata.generation = try scanner.integer()
            case "creationTimestamp": metadata.created = try scanner.time()
            case "deletionTimestamp": metadata.deletion = try scanner.time()
            case "labels": metadata.labels = try scanner.sharedTexts()
            case "ownerReferences":
                try scanner.elements { (scanner) throws(JSONScanError) in
                    let owner = try OwnerReference(&scanner)
                    if owner.isController { metadata.controller = owner }
                }
            default: break
            }
        }
        self = metadata
    }
}

extension OwnerReference {
    fileprivate init(_ scanner: inout JSONScanner) throws(JSONScanError) {
        var owner = OwnerReference(apiVersion: "", kind: "", name: "", uid: "")
        try scanner.object { (key, scanner) throws(JSONScanError) in
            switch key {
            case "apiVersion": owner.apiVersion = try scanner.sharedString()
            case "kind": owner.kind = try scanner.sharedString()
            case "name": owner.name = try scanner.sharedString()
            case "uid": owner.uid = try scanner.sharedString()
            case "controller": owner.isController = try scanner.boolean()
            default: break
            }
        }
        self = owner
    }
}

/// Values that objects of the API have in many places. What is `null` counts as absent.
extension JSONScanner {
    /// A time; nil when it is absent or malformed.
    mutating func time() throws(JSONScanError) -> Timestamp? {
        try optionalString().flatMap { Timestamp(rfc3339: $0) }
    }

    /// An object whose values are texts.
    mutating func texts() throws(JSONScanError) -> [String: String] {
        var texts: [String: String] = [:]
        try fields { (key, scanner) throws(JSONScanError) in
            if try !scanner.skipNull() { texts[key.string] = try scanner.sharedString() }
        }
        return texts
    }

    /// An object whose values are quantities; one that is malformed is left out.
    mutating func quantities() throws(JSONScanError) -> [String: Quantity] {
        var quantities: [String: Quantity] = [:]
        try fields { (key, scanner) throws(JSONScanError) in
            if let quantity = try scanner.quantity() { quantities[key.string] = quantity }
        }
        return quantities
    }

    /// A quantity, written as a text or as a number; nil when it is malformed.
    mutating func quantity() throws(JSONScanError) -> Quantity? {
        if isAtString { return Quantity(try string()) }
        return Quantity(String(decoding: try skippedBytes(), as: UTF8.self))
    }

    /// The members of an object; none for `null`.
    mutating func fields(
        _ body: (Key, inout JSONScanner) throws(JSONScanError) -> Void
    ) throws(JSONScanError) {
        if try !skipNull() { try object(body) }
    }

    /// The elements of an array; none for `null`.
    mutating func elements(
        _ body: (inout JSONScanner) throws(JSONScanError) -> Void
    ) throws(JSONScanError) {
        if try !skipNull() { try array(body) }
    }
}
