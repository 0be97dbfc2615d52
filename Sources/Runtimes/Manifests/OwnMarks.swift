internal import Capacity
internal import Crypto
internal import JSON
public import KubernetesModel

/// The labels and annotations by which Ingot knows its own objects.
public enum OwnMarks {
    /// The label that says who manages an object (Kubernetes: Recommended Labels).
    public static let managedBy = "app.kubernetes.io/managed-by"
    /// Its value on what Ingot makes.
    public static let manager = "ingot"
    /// The label with the deployment's name, on its objects and on its pods.
    public static let deployment = "ingot.dev/deployment"
    /// The label with the runtime's id, on its objects and on its pods.
    public static let runtime = "ingot.dev/runtime"
    /// The label with what workers do of a request, on pods where the mode is disaggregated.
    public static let role = "ingot.dev/role"
    /// The annotation with the specification, on the object that stands for the deployment.
    static let specification = "ingot.dev/deployment-spec"
    /// The annotation with the version of the renderer.
    static let renderer = "ingot.dev/renderer"
    /// The annotation with the digest of everything that was rendered.
    static let digest = "ingot.dev/manifest-digest"

    /// The labels of an object or a pod of a deployment.
    static func labels(_ spec: DeploymentSpec, role: WorkerGroup.Role = .whole) -> JSONValue {
        var labels = identity(spec)
        labels["app.kubernetes.io/name"] = .string(spec.engine.rawValue)
        labels[managedBy] = .string(manager)
        if role != .whole { labels[Self.role] = .string(role.rawValue) }
        return labels
    }

    /// The labels by which the pods of a deployment, and nothing else, are selected.
    static func identity(_ spec: DeploymentSpec) -> JSONValue {
        [
            "app.kubernetes.io/instance": .string(spec.name), deployment: .string(spec.name),
            runtime: .string(spec.runtime.rawValue),
        ]
    }

    /// The metadata of an object of a deployment.
    static func metadata(_ spec: DeploymentSpec, name: String? = nil) -> JSONValue {
        [
            "name": .string(name ?? spec.name), "namespace": .string(spec.namespace),
            "labels": labels(spec),
        ]
    }

    /// Puts the specification, the renderer's version and the digest of all manifests on the first of them, which stands for the
    /// deployment.
    static func sealed(_ manifests: [Manifest], _ spec: DeploymentSpec, version: Int) -> [Manifest] {
        guard let primary = manifests.first else { return [] }
        var hash = SHA256()
        for manifest in manifests {
            hash.update(data: manifest.object.encoded())
            hash.update(data: [0x0A])
        }
        var object = primary.object
        object[at: "metadata", "annotations", specification] = .string(spec.json.description)
        object[at: "metadata", "annotations", renderer] = .string(String(version))
        object[at: "metadata", "annotations", digest] = .string(
            "sha256:"
                + hash.finalize().map { byte in
                    (byte < 16 ? "0" : "") + String(byte, radix: 16)
                }.joined()
        )
        return [Manifest(primary.resource, object)] + manifests.dropFirst()
    }

    /// Whether Ingot has made an object.
    public static func isOwn(_ object: KubernetesObject) -> Bool {
        object.label(managedBy) == manager
    }

    /// The specification that an object was rendered from, and by which version of the renderer; nil where there is none, or one
    /// that cannot be read.
    public static func specification(of object: KubernetesObject) -> (spec: DeploymentSpec, version: Int)? {
        guard isOwn(object), let text = object.annotation(specification),
            let version = object.annotation(renderer).flatMap(Int.init),
            let json = try? JSONValue(parsing: Array(text.utf8)),
            let request = try? DeploymentRequest(json: json),
            let runtime = request.runtime, let engine = request.engine
        else { return nil }
        return (request.spec(on: runtime, engine: engine, namespace: object.namespace), version)
    }
}
