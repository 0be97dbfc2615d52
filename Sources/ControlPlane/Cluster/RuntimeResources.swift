public import KubernetesModel

/// The custom resources by which runtimes serve models.
public enum RuntimeResources {
    /// Those of every runtime that is known, in the version that it writes.
    public static let all: [GroupVersionResource] = [
        GroupVersionResource(group: "nvidia.com", version: "v1alpha1", resource: "dynamographdeployments"),
        GroupVersionResource(group: "ray.io", version: "v1", resource: "rayservices"),
        GroupVersionResource(group: "kaito.sh", version: "v1beta1", resource: "workspaces"),
        GroupVersionResource(group: "serving.kserve.io", version: "v1beta1", resource: "inferenceservices"),
    ]
}
