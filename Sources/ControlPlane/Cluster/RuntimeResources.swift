public import KubernetesModel

/// The custom resources by which runtimes serve models.
public enum RuntimeResources {
    /// Those of every runtime that is known.
    public static let all: [GroupResource] = [
        GroupResource(group: "nvidia.com", resource: "dynamographdeployments"),
        GroupResource(group: "ray.io", resource: "rayservices"),
        GroupResource(group: "kaito.sh", resource: "workspaces"),
        GroupResource(group: "serving.kserve.io", resource: "inferenceservices"),
    ]
}
