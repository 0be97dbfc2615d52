import JSON
public import KubernetesModel

/// What is kept of a service.
public final class ServiceProjection: Projection {
    /// A port that the service answers on.
    public struct Port: Sendable, Hashable {
        /// Its name; empty for none.
        public var name = ""
        /// The number.
        public var port: Int64 = 0
    }

    /// What every object has.
    public let metadata: ObjectMetadata
    /// `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`.
    public let type: String
    /// The address inside the cluster; `None` for a headless service.
    public let clusterAddress: String
    /// The ports.
    public let ports: [Port]
    /// The labels of the pods behind it.
    public let selector: [String: String]

    init(_ scanner: inout JSONScanner) throws(JSONScanError) {
        var metadata = ObjectMetadata()
        var (type, address) = ("", "")
        var ports: [Port] = []
        var selector: [String: String] = [:]
        try scanner.object { (key, scanner) throws(JSONScanError) in
            switch key {
            case "metadata": metadata = try ObjectMetadata(&scanner)
            case "spec":
                try scanner.fields { (key, scanner) throws(JSONScanError) in
                    switch key {
                    case "type": type = try scanner.optionalString() ?? ""
                    case "clusterIP": address = try scanner.optionalString() ?? ""
                    case "selector": selector = try scanner.texts()
                    case "ports":
                        try scanner.elements { (scanner) throws(JSONScanError) in
                            var port = Port()
                            try scanner.object { (key, scanner) throws(JSONScanError) in
                                if key == "name" { port.name = try scanner.optionalString() ?? "" }
                                if key == "port" { port.port = try scanner.integer() }
                            }
                            ports.append(port)
                        }
                    default: break
                    }
                }
            default: break
            }
        }
        self.metadata = metadata
        self.type = type
        clusterAddress = address
        self.ports = ports
        self.selector = selector
    }
}

/// What is kept of a deployment.
public final class DeploymentProjection: Projection {
    /// What every object has.
    public let metadata: ObjectMetadata
    /// How many pods are wished for.
    public let replicas: Int64
    /// How many there are.
    public let currentReplicas: Int64
    /// How many are ready.
    public let readyReplicas: Int64
    /// How many have been ready for long enough.
    public let availableReplicas: Int64
    /// How many have the present template.
    public let updatedReplicas: Int64
    /// The generation that the status speaks of.
    public let observedGeneration: Int64
    /// The conditions.
    public let conditions: [ObjectCondition]
    /// The images of its containers.
    public let images: [String]
    /// The object itself, where its containers may be servers of models; nil for all others.
    public let object: KubernetesObject?

    init(_ scanner: inout JSONScanner) throws(JSONScanError) {
        let bytes = try scanner.skippedBytes()
        var inner = JSONScanner(bytes, shared: scanner.shared)
        var metadata = ObjectMetadata()
        var replicas: Int64 = 1
        var images: [String] = []
        var counts: [String: Int64] = [:]
        var conditions: [ObjectCondition] = []
        try inner.object { (key, scanner) throws(JSONScanError) in
            switch key {
            case "metadata": metadata = try ObjectMetadata(&scanner)
            case "spec":
                try scanner.fields { (key, scanner) throws(JSONScanError) in
                    if key == "replicas" { replicas = try scanner.integer() }
                    if key == "template" { images = try Self.images(&scanner) }
                }
            case "status":
                try scanner.fields { (key, scanner) throws(JSONScanError) in
                    switch key {
                    case "replicas", "readyReplicas", "availableReplicas", "updatedReplicas",
                        "observedGeneration":
                        counts[key.string] = try scanner.integer()
                    case "conditions": conditions = try scanner.conditions()
                    default: break
                    }
                }
            default: break
            }
        }
        self.metadata = metadata
        self.replicas = replicas
        self.images = images
        self.conditions = conditions
        object =
            metadata.controller == nil
                && (metadata.labels[Self.managedBy] == "ingot" || images.contains(where: Self.mayServe))
            ? try JSONScanner(bytes).wholeObject() : nil
        currentReplicas = counts["replicas"] ?? 0
        readyReplicas = counts["readyReplicas"] ?? 0
        availableReplicas = counts["availableReplicas"] ?? 0
        updatedReplicas = counts["updatedReplicas"] ?? 0
        observedGeneration = counts["observedGeneration"] ?? 0
    }

    /// The label that says who manages an object (Kubernetes: Recommended Labels).
    private static let managedBy = "app.kubernetes.io/managed-by"
    /// What is in the names of images of servers of models.
    private static let servers = ["vllm", "sglang", "tensorrt", "llama"]

    private static func mayServe(_ image: String) -> Bool {
        let image = image.lowercased()
        return servers.contains(where: image.contains)
    }

    private static func images(_ scanner: inout JSONScanner) throws(JSONScanError) -> [String] {
        var images: [String] = []
        try scanner.fields { (key, scanner) throws(JSONScanError) in
            guard key == "spec" else { return }
            try scanner.fields { (key, scanner) throws(JSONScanError) in
                guard key == "containers" else { return }
                try scanner.elements { (scanner) throws(JSONScanError) in
                    try scanner.object { (key, scanner) throws(JSONScanError) in
                        if key == "image" { images.append(try scanner.optionalString() ?? "") }
                    }
                }
            }
        }
        return images
    }
}

/// What is kept of a config map that is watched: all of its texts.
public final class ConfigMapProjection: Projection {
    /// What every object has.
    public let metadata: ObjectMetadata
    /// The texts.
    public let data: [String: String]

    init(_ scanner: inout JSONScanner) throws(JSONScanError) {
        var metadata = ObjectMetadata()
        var data: [String: String] = [:]
        try scanner.object { (key, scanner) throws(JSONScanError) in
            switch key {
            case "metadata": metadata = try ObjectMetadata(&scanner)
            case "data": data = try scanner.texts()
            default: break
            }
        }
        self.metadata = metadata
        self.data = data
    }
}

/// What is kept of a secret that is watched: what it holds, never the values.
public final class SecretProjection: Projection {
    /// What every object has.
    public let metadata: ObjectMetadata
    /// What it is for, such as `Opaque`.
    public let type: String
    /// The names of its values.
    public let keys: [String]

    init(_ scanner: inout JSONScanner) throws(JSONScanError) {
        var metadata = ObjectMetadata()
        var type = ""
        var keys: [String] = []
        try scanner.object { (key, scanner) throws(JSONScanError) in
            switch key {
            case "metadata": metadata = try ObjectMetadata(&scanner)
            case "type": type = try scanner.optionalString() ?? ""
            case "data":
                try scanner.fields { (key, _) throws(JSONScanError) in keys.append(key.string) }
            default: break
            }
        }
        self.metadata = metadata
        self.type = type
        self.keys = keys
    }
}

/// A custom resource of a runtime: all of it but the account of who wrote which field, since each runtime reads other fields.
public final class CustomResourceProjection: Projection {
    /// What every object has.
    public let metadata: ObjectMetadata
    /// The object.
    public let object: KubernetesObject

    init(_ scanner: inout JSONScanner) throws(JSONScanError) {
        let bytes = try scanner.skippedBytes()
        var inner = JSONScanner(bytes)
        var metadata = ObjectMetadata()
        try inner.object { (key, scanner) throws(JSONScanError) in
            if key == "metadata" { metadata = try ObjectMetadata(&scanner) }
        }
        self.metadata = metadata
        object = try JSONScanner(bytes).wholeObject()
    }
}

extension JSONScanner {
    /// The object that the scanner is at the beginning of, without the account of who wrote which field.
    fileprivate func wholeObject() throws(JSONScanError) -> KubernetesObject {
        var rest = self
        let bytes = try rest.skippedBytes()
        guard var json = try? JSONValue(parsing: bytes, maximumDepth: Self.deepest) else {
            throw failure("an object")
        }
        json[at: "metadata", "managedFields"] = nil
        return KubernetesObject(json)
    }
}
