import JSON
import KubernetesModel
import KubernetesSchema

/// How a write is to be made.
struct WriteOptions: Sendable {
    /// Whose change it is, for `metadata.managedFields`.
    var manager: String
    /// The time of the change.
    var now: Timestamp
    /// What to do about unknown fields.
    var fieldValidation = FieldValidation.ignore
    /// Whether the object comes with an account of who owns its fields, made by server-side apply.
    var hasOwnership = false
}

/// The part of an object that a write may change.
enum ObjectPart: Sendable {
    /// All but the status, of objects that have the status apart.
    case main
    /// The status.
    case status
    /// The number of replicas.
    case scale

    /// The name of the subresource, as in `managedFields`; nil for the object itself.
    var subresource: String? {
        switch self {
        case .main: nil
        case .status: "status"
        case .scale: "scale"
        }
    }
}

/// How an object is to be deleted (meta/v1 DeleteOptions).
public struct DeleteOptions: Sendable, Hashable {
    /// What becomes of the dependents.
    public enum Propagation: String, Sendable {
        /// The object goes at once, its dependents after it.
        case background = "Background"
        /// The dependents go first.
        case foreground = "Foreground"
        /// The dependents stay and lose the owner.
        case orphan = "Orphan"
    }

    /// What becomes of the dependents.
    public var propagation: Propagation?
    /// How long a pod may take to end, seconds; nil for what its spec says.
    public var gracePeriodSeconds: Int64?
    /// The UID that the object must have.
    public var uid: String?
    /// The resource version that the object must have.
    public var resourceVersion: String?

    /// A deletion with what is not nil.
    public init(
        propagation: Propagation? = nil,
        gracePeriodSeconds: Int64? = nil,
        uid: String? = nil,
        resourceVersion: String? = nil
    ) {
        self.propagation = propagation
        self.gracePeriodSeconds = gracePeriodSeconds
        self.uid = uid
        self.resourceVersion = resourceVersion
    }
}
