import JSON
import KubernetesModel

/// What a kubelet runs containers with: real processes, or simulated ones.
///
/// The kubelet asks again and again how things are; a runtime that has news in between says so through `signals`.
protocol ContainerRuntime: Sendable {
    /// Pods for which there is news; nil when the runtime has none of its own accord. There is one reader.
    var signals: AsyncStream<ObjectKey>? { get }

    /// The addresses of a new pod.
    func addresses(of pod: KubernetesObject, in state: ClusterState) async -> PodAddresses

    /// Whether an image is there, and what it takes to get it.
    func image(of container: JSONValue, in pod: KubernetesObject) -> ImageAvailability

    /// An image has been pulled.
    func keep(_ image: String, for pod: KubernetesObject)

    /// Why a volume cannot be there, whatever the API says of its sources; nil when nothing stands against it.
    func problem(of volume: JSONValue) -> String?

    /// How long it takes to create a container once its image is there.
    func creationTime(of container: JSONValue, in pod: KubernetesObject) -> Duration

    /// Starts a container.
    func start(_ request: ContainerStart, now: Timestamp) async -> ContainerStartOutcome

    /// Takes up a container that ran, by the pod's status, when Ingot ended; returns whether it runs.
    func resume(_ request: ContainerStart, id: String, startedAt: Timestamp) -> Bool

    /// How a container is.
    func state(of id: String, now: Timestamp) -> ContainerObservation

    /// Ends a container, at the latest after the grace period. Returns at once.
    func stop(_ id: String, grace: Duration, now: Timestamp)

    /// Makes a check, or tells how one that is being made ended.
    func check(_ probe: ContainerProbe, of id: String, address: String, now: Timestamp) -> ProbeCheck

    /// When the first check of a container is to be made.
    func firstCheck(_ probe: ContainerProbe, of id: String, startedAt: Timestamp) -> Timestamp

    /// When the next check is to be made after one that failed.
    func nextCheck(_ probe: ContainerProbe, failedAt: Timestamp) -> Timestamp

    /// Forgets an ended container. Its log is kept while the pod is there.
    func remove(_ id: String)

    /// Removes what is left of a pod.
    func remove(pod uid: String)
}

/// Where a pod is reached.
struct PodAddresses: Sendable, Hashable {
    let pod: String
    let host: String
}

/// Whether an image can be used.
enum ImageAvailability: Sendable {
    /// It is there.
    case present(id: String)
    /// It is there always and is never pulled.
    case builtIn(id: String)
    /// It can be pulled.
    case pullable(id: String, time: Duration, bytes: Int64)
    /// A pull fails with that message.
    case unpullable(time: Duration, message: String)
    /// No pull helps: the waiting state's reason and message.
    case unusable(reason: String, message: String)
}

/// What is to be started.
struct ContainerStart: Sendable {
    let pod: KubernetesObject
    /// The container's specification.
    let container: JSONValue
    let kind: ContainerKind
    /// How often it has been started before.
    let restarts: Int64
    let environment: [String: String]
    let address: String

    var name: String { container["name"]?.stringValue ?? "" }
}

/// How a start ended.
enum ContainerStartOutcome: Sendable {
    /// It runs, under that ID.
    case started(id: String)
    /// It could not be started; the reason and message of the terminated state.
    case failed(reason: String, message: String)
}

/// How a container is.
enum ContainerObservation: Sendable {
    /// It runs; it may end by itself at that time.
    case running(until: Timestamp?)
    /// It has ended.
    case ended(ContainerEnd)
    /// Nobody knows of it.
    case unknown
}

/// How a container ended.
struct ContainerEnd: Sendable, Hashable {
    let exitCode: Int64
    /// `Completed`, `Error`, `OOMKilled`, …
    let reason: String
    var message: String = ""
    let finishedAt: Timestamp
}

/// Which part a container plays in its pod.
enum ContainerKind: Sendable, Hashable {
    /// Runs to its end before the next one starts.
    case initial
    /// Starts before the main containers and ends after them.
    case sidecar
    /// One of those that the pod is there for.
    case main
}
