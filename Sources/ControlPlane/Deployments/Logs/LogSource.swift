import Kubernetes
import Runtimes

/// A container whose log is read.
public struct LogSource: Sendable, Hashable {
    /// The pod.
    public let pod: String
    /// The container.
    public let container: String
    /// Whether the pod has other containers beside it, those that run before it not counted.
    public let hasSiblings: Bool

    /// What containers that serve are called, the likeliest first.
    private static let servingNames = [
        "main", "server", "vllm", "model", "kserve-container", "ray-head", "ray-worker",
    ]

    init(pod: String, container: String, hasSiblings: Bool = false) {
        self.pod = pod
        self.container = container
        self.hasSiblings = hasSiblings
    }

    /// The container of a pod that is called so, or else the one that serves; nil when there is none.
    init?(_ containers: PodContainers, named name: String?) {
        let known = name.map { containers.all.contains($0) ? $0 : nil } ?? Self.serving(containers.main)
        guard let known else { return nil }
        self.init(pod: containers.pod, container: known, hasSiblings: containers.main.count > 1)
    }

    /// The one of them that serves.
    static func serving(_ containers: [String]) -> String? {
        servingNames.first(where: containers.contains) ?? containers.first
    }
}

/// The names of a pod's containers.
struct PodContainers {
    let pod: String
    /// Those that run before the others first.
    let all: [String]
    /// Those that do not run before the others.
    let main: [String]

    /// - Parameter specified: the pod as it was asked for. A kubelet tells of containers in the order of their names, and only once
    ///   it has taken the pod up.
    init(_ pod: ServingPod, specified: PodProjection?) {
        self.pod = pod.name
        if let specified {
            all = specified.containers.map(\.name)
            main = specified.containers.filter { $0.role == .main }.map(\.name)
        } else {
            all = pod.containers.map(\.name)
            main = pod.containers.filter { !$0.isInitial }.map(\.name)
        }
    }
}
