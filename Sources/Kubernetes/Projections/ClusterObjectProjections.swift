public import JSON
import KubernetesModel

/// What is kept of a namespace.
public final class NamespaceProjection: Projection {
    /// What every object has.
    public let metadata: ObjectMetadata
    /// `Active` or `Terminating`.
    public let phase: String

    init(_ scanner: inout JSONScanner) throws(JSONScanError) {
        var metadata = ObjectMetadata()
        var phase = ""
        try scanner.object { (key, scanner) throws(JSONScanError) in
            switch key {
            case "metadata": metadata = try ObjectMetadata(&scanner)
            case "status":
                try scanner.fields { (key, scanner) throws(JSONScanError) in
                    if key == "phase" { phase = try scanner.optionalString() ?? "" }
                }
            default: break
            }
        }
        self.metadata = metadata
        self.phase = phase
    }
}

/// What is kept of a custom resource definition.
public final class CustomResourceDefinitionProjection: Projection {
    /// What every object has; the name is `plural.group`.
    public let metadata: ObjectMetadata
    /// The group.
    public let group: String
    /// The plural name.
    public let plural: String
    /// The kind.
    public let kind: String
    /// Whether its objects are in namespaces.
    public let isNamespaced: Bool
    /// The versions that are served.
    public let servedVersions: [String]
    /// The version in which objects are stored; empty when it is not known.
    public let storedVersion: String
    /// Whether its objects can be read and written.
    public let isEstablished: Bool

    init(_ scanner: inout JSONScanner) throws(JSONScanError) {
        var content = Content()
        try scanner.object { (key, scanner) throws(JSONScanError) in
            switch key {
            case "metadata": content.metadata = try ObjectMetadata(&scanner)
            case "spec": try content.readSpec(&scanner)
            case "status":
                try scanner.fields { (key, scanner) throws(JSONScanError) in
                    if key == "conditions" { content.conditions = try scanner.conditions() }
                }
            default: break
            }
        }
        metadata = content.metadata
        group = content.group
        plural = content.plural
        kind = content.kind
        isNamespaced = content.isNamespaced
        servedVersions = content.served
        storedVersion = content.stored
        isEstablished = content.conditions.first { $0.type == "Established" }?.isTrue == true
    }

    private struct Content {
        var metadata = ObjectMetadata()
        var group = ""
        var plural = ""
        var kind = ""
        var isNamespaced = true
        var served: [String] = []
        var stored = ""
        var conditions: [ObjectCondition] = []

        mutating func readSpec(_ scanner: inout JSONScanner) throws(JSONScanError) {
            var content = self
            try scanner.fields { (key, scanner) throws(JSONScanError) in
                switch key {
                case "group": content.group = try scanner.string()
                case "scope": content.isNamespaced = try scanner.string() != "Cluster"
                case "names":
                    try scanner.object { (key, scanner) throws(JSONScanError) in
                        if key == "plural" { content.plural = try scanner.string() }
                        if key == "kind" { content.kind = try scanner.string() }
                    }
                case "versions":
                    try scanner.elements { (scanner) throws(JSONScanError) in
                        var (name, isServed, isStored) = ("", false, false)
                        try scanner.object { (key, scanner) throws(JSONScanError) in
                            if key == "name" { name = try scanner.string() }
                            if key == "served" { isServed = try scanner.boolean() }
                            if key == "storage" { isStored = try scanner.boolean() }
                        }
                        if isServed { content.served.append(name) }
                        if isStored { content.stored = name }
                    }
                default: break
                }
            }
            self = content
        }
    }
}

/// What is kept of an event.
public final class EventProjection: Projection {
    /// What every object has.
    public let metadata: ObjectMetadata
    /// The kind of the object that it is about.
    public let involvedKind: String
    /// The name of the object that it is about.
    public let involvedName: String
    /// The UID of the object that it is about.
    public let involvedUID: String
    /// Why, in one word.
    public let reason: String
    /// What happened, for people.
    public let message: String
    /// `Normal` or `Warning`.
    public let type: String
    /// How often it happened.
    public let count: Int64
    /// When it happened last.
    public let last: Timestamp?

    init(_ scanner: inout JSONScanner) throws(JSONScanError) {
        var metadata = ObjectMetadata()
        var involved = ("", "", "")
        var (reason, message, type) = ("", "", "")
        var count: Int64 = 1
        var (last, eventTime): (Timestamp?, Timestamp?) = (nil, nil)
        try scanner.object { (key, scanner) throws(JSONScanError) in
            switch key {
            case "metadata": metadata = try ObjectMetadata(&scanner)
            case "involvedObject":
                try scanner.fields { (key, scanner) throws(JSONScanError) in
                    if key == "kind" { involved.0 = try scanner.optionalString() ?? "" }
                    if key == "name" { involved.1 = try scanner.optionalString() ?? "" }
                    if key == "uid" { involved.2 = try scanner.optionalString() ?? "" }
                }
            case "reason": reason = try scanner.optionalString() ?? ""
            case "message": message = try scanner.optionalString() ?? ""
            case "type": type = try scanner.optionalString() ?? ""
            case "count": if try !scanner.skipNull() { count = max(count, try scanner.integer()) }
            case "lastTimestamp": last = try scanner.time()
            case "eventTime": eventTime = try scanner.time()
            case "series":
                try scanner.fields { (key, scanner) throws(JSONScanError) in
                    if key == "count" { count = max(count, try scanner.integer()) }
                    if key == "lastObservedTime" { eventTime = try scanner.time() ?? eventTime }
                }
            default: break
            }
        }
        self.metadata = metadata
        (involvedKind, involvedName, involvedUID) = involved
        self.reason = reason
        self.message = message
        self.type = type
        self.count = count
        self.last = last ?? eventTime ?? metadata.created
    }
}
