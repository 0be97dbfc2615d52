public import Runtimes

/// Which deployment is meant. Two runtimes may each have one of the same name.
public struct DeploymentKey: Sendable, Hashable, Comparable {
    /// The namespace.
    public let namespace: String
    /// The name.
    public let name: String
    /// The runtime.
    public let runtime: RuntimeID

    /// A deployment.
    public init(namespace: String, name: String, runtime: RuntimeID) {
        self.namespace = namespace
        self.name = name
        self.runtime = runtime
    }

    /// Orders by namespace, then by name, then by runtime.
    public static func < (left: DeploymentKey, right: DeploymentKey) -> Bool {
        (left.namespace, left.name, left.runtime.rawValue)
            < (right.namespace, right.name, right.runtime.rawValue)
    }
}

/// A deployment as it is known: what its object says, its pods, and how it stands for all that.
public final class DeploymentRecord: Sendable {
    /// What its object says.
    public let reading: DeploymentReading
    /// Its pods, by name.
    public let pods: [ServingPod]
    /// How it stands.
    public let standing: DeploymentStanding
    /// The change by which it came to be so: of two records, the later one has the greater number.
    public let revision: UInt64

    init(_ reading: DeploymentReading, _ pods: [ServingPod], revision: UInt64) {
        self.reading = reading
        self.pods = pods.sorted { $0.name < $1.name }
        self.revision = revision
        standing = DeploymentStanding(reading, pods)
    }

    /// Which one it is.
    public var key: DeploymentKey {
        DeploymentKey(namespace: reading.namespace, name: reading.name, runtime: reading.runtime)
    }

    /// Whether nothing that is told of a deployment differs.
    func tellsTheSame(as other: DeploymentRecord) -> Bool {
        reading == other.reading && pods == other.pods
    }
}

/// How a deployment is known otherwise than before.
public struct DeploymentChange: Sendable {
    /// The number of the change; each has a greater one than those before it.
    public let revision: UInt64
    /// The deployment.
    public let key: DeploymentKey
    /// How it is; nil when it is gone.
    public let record: DeploymentRecord?
    /// Whether it was not known before.
    public let isNew: Bool
}
