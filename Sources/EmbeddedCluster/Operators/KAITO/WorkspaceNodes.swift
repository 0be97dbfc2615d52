import JSON
import KubernetesModel

/// The nodes that a workspace selects, which somebody else must provide (pkg/workspace/resource/node.go).
struct WorkspaceNodes: Sendable {
    let all: [KubernetesObject]

    init(_ workspace: KubernetesObject, _ state: ClusterState) {
        let labels = workspace.json["resource"]?["labelSelector"]?["matchLabels"]?.textMembers ?? [:]
        all = state.objects(.nodes).filter { node in
            labels.allSatisfy { node.label($0.key) == $0.value }
        }
    }

    var ready: [KubernetesObject] {
        all.filter { !$0.isBeingDeleted && $0.condition("Ready")?["status"]?.stringValue == "True" }
    }

    var names: [String] { all.map(\.name).sorted() }

    /// How many GPUs each has, by the labels of the first that is ready.
    ///
    /// - Throws: What is missing.
    func gpus() throws(WorkspaceRound.Problem) -> Int64 {
        guard let node = ready.first else {
            throw WorkspaceRound.Problem("no ready nodes found matching the workspace's label selector")
        }
        let labels = ["nvidia.com/gpu.product", "nvidia.com/gpu.count", "nvidia.com/gpu.memory"]
        guard labels.allSatisfy({ node.label($0) != nil }),
            let count = node.label("nvidia.com/gpu.count").flatMap({ Int64($0) })
        else {
            throw WorkspaceRound.Problem(
                "failed to get GPU config: missing required nvidia.com labels on node \(node.name)"
            )
        }
        return count
    }
}
