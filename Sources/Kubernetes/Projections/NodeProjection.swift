public import JSON
public import KubernetesModel

/// What is kept of a node.
public final class NodeProjection: Projection {
    /// A taint, which keeps away pods that do not tolerate it.
    public struct Taint: Sendable, Hashable {
        /// The key.
        public var key = ""
        /// The value; empty for none.
        public var value = ""
        /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
        public var effect = ""
    }

    /// What every object has.
    public let metadata: ObjectMetadata
    /// Whether the node is cordoned.
    public let isUnschedulable: Bool
    /// The taints.
    public let taints: [Taint]
    /// What the node has, such as `nvidia.com/gpu`.
    public let capacity: [String: Quantity]
    /// What of it pods may request.
    public let allocatable: [String: Quantity]
    /// The conditions, such as `Ready`.
    public let conditions: [ObjectCondition]
    /// The kubelet's version; empty when it is not known.
    public let kubeletVersion: String
    /// The cloud's name for the machine; empty for none.
    public let providerID: String
    /// The address inside the cluster; empty for none.
    public let internalAddress: String

    /// Whether the kubelet says that it can run pods, and has said so lately.
    public var isReady: Bool { conditions.first { $0.type == "Ready" }?.isTrue == true }

    init(_ scanner: inout JSONScanner) throws(JSONScanError) {
        var content = Content()
        try scanner.object { (key, scanner) throws(JSONScanError) in
            switch key {
            case "metadata": content.metadata = try ObjectMetadata(&scanner)
            case "spec": try content.readSpec(&scanner)
            case "status": try content.readStatus(&scanner)
            default: break
            }
        }
        metadata = content.metadata
        isUnschedulable = content.isUnschedulable
        taints = content.taints
        capacity = content.capacity
        allocatable = content.allocatable
        conditions = content.conditions
        kubeletVersion = content.kubeletVersion
        providerID = content.providerID
        internalAddress = content.internalAddress
    }

    private struct Content {
        var metadata = ObjectMetadata()
        var isUnschedulable = false
        var taints: [Taint] = []
        var capacity: [String: Quantity] = [:]
        var allocatable: [String: Quantity] = [:]
        var conditions: [ObjectCondition] = []
        var kubeletVersion = ""
        var providerID = ""
        var internalAddress = ""

        mutating func readSpec(_ scanner: inout JSONScanner) throws(JSONScanError) {
            var content = self
            try scanner.fields { (key, scanner) throws(JSONScanError) in
                switch key {
                case "unschedulable": content.isUnschedulable = try scanner.boolean()
                case "providerID": content.providerID = try scanner.optionalString() ?? ""
                case "taints":
                    try scanner.elements { (scanner) throws(JSONScanError) in
                        content.taints.append(try Self.taint(&scanner))
                    }
                default: break
                }
            }
            self = content
        }

        private static func taint(_ scanner: inout JSONScanner) throws(JSONScanError) -> Taint {
            var taint = Taint()
            try scanner.object { (key, scanner) throws(JSONScanError) in
                switch key {
                case "key": taint.key = try scanner.sharedString()
                case "value": taint.value = try scanner.optionalString() ?? ""
                case "effect": taint.effect = try scanner.sharedString()
                default: break
                }
            }
            return taint
        }

        mutating func readStatus(_ scanner: inout JSONScanner) throws(JSONScanError) {
            var content = self
            try scanner.fields { (key, scanner) throws(JSONScanError) in
                switch key {
                case "capacity": content.capacity = try scanner.sharedQuantities()
                case "allocatable": content.allocatable = try scanner.sharedQuantities()
                case "conditions": content.conditions = try scanner.conditions()
                case "nodeInfo":
                    try scanner.fields { (key, scanner) throws(JSONScanError) in
                        if key == "kubeletVersion" { content.kubeletVersion = try scanner.sharedString() }
                    }
                case "addresses":
                    try scanner.elements { (scanner) throws(JSONScanError) in
                        let (type, address) = try Self.address(&scanner)
                        if type == "InternalIP", content.internalAddress.isEmpty {
                            content.internalAddress = address
                        }
                    }
                default: break
                }
            }
            self = content
        }

        private static func address(_ scanner: inout JSONScanner) throws(JSONScanError) -> (String, String) {
            var type = ""
            var address = ""
            try scanner.object { (key, scanner) throws(JSONScanError) in
                if key == "type" { type = try scanner.string() }
                if key == "address" { address = try scanner.string() }
            }
            return (type, address)
        }
    }
}

/// A condition in an object's status.
public struct ObjectCondition: Sendable, Hashable {
    /// Its type, such as `Ready`.
    public var type = ""
    /// `True`, `False` or `Unknown`.
    public var status = ""
    /// Why, in one word.
    public var reason = ""
    /// Why, for people.
    public var message = ""
    /// When the status last changed.
    public var since: Timestamp?

    /// Whether it holds.
    public var isTrue: Bool { status == "True" }
}

extension JSONScanner {
    /// A list of conditions.
    mutating func conditions() throws(JSONScanError) -> [ObjectCondition] {
        var conditions: [ObjectCondition] = []
        try elements { (scanner) throws(JSONScanError) in
            var condition = ObjectCondition()
            try scanner.object { (key, scanner) throws(JSONScanError) in
                switch key {
                case "type": condition.type = try scanner.sharedText()
                case "status": condition.status = try scanner.sharedText()
                case "reason": condition.reason = try scanner.sharedText()
                case "message": condition.message = try scanner.sharedText()
                case "lastTransitionTime": condition.since = try scanner.time()
                default: break
                }
            }
            conditions.append(condition)
        }
        return conditions
    }
}
