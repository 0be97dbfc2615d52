import JSON
import KubernetesModel

/// Gives each namespace what pods expect in it: a service account `default`.
struct ServiceAccountController: Controller {
    let name = "serviceaccount-controller"

    var triggers: [Trigger] { NamespaceContent.triggers(.serviceAccounts, named: "default") }

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        guard NamespaceContent.isWanted(in: key, api) else { return nil }
        let place = ObjectKey(namespace: key.name, name: "default")
        guard api.get(.serviceAccounts, place) == nil else { return nil }
        let account = KubernetesObject(["metadata": ["name": "default", "namespace": .string(key.name)]])
        try await NamespaceContent.create(.serviceAccounts, account, api, as: name)
        return nil
    }
}

/// Gives each namespace the certificate by which pods know the API server, in the config map `kube-root-ca.crt`.
struct RootCertificatePublisher: Controller {
    let name = "root-ca-cert-publisher"
    /// In PEM form.
    let certificate: String

    var triggers: [Trigger] { NamespaceContent.triggers(.configMaps, named: Self.mapName) }

    private static let mapName = "kube-root-ca.crt"
    private static let description =
        "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal "
        + "service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters."

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        guard NamespaceContent.isWanted(in: key, api) else { return nil }
        let place = ObjectKey(namespace: key.name, name: Self.mapName)
        let data: JSONValue = ["ca.crt": .string(certificate)]
        if let present = api.get(.configMaps, place) {
            if present.json["data"] != data {
                try await api.update(.configMaps, place, as: name) { $0.json["data"] = data }
            }
            return nil
        }
        let map = KubernetesObject([
            "metadata": [
                "name": .string(Self.mapName), "namespace": .string(key.name),
                "annotations": [
                    "kubernetes.io/description": .string(Self.description)
                ],
            ],
            "data": data,
        ])
        try await NamespaceContent.create(.configMaps, map, api, as: name)
        return nil
    }
}

/// An object that each namespace is to have.
private enum NamespaceContent {
    /// The namespaces themselves, and that of an object with the name when it changes.
    static func triggers(_ resource: GroupResource, named name: String) -> [Trigger] {
        [
            .itself(.namespaces),
            Trigger(resource) { change, _ in
                change.key.name == name ? [ObjectKey(name: change.key.namespace)] : []
            },
        ]
    }

    static func isWanted(in key: ObjectKey, _ api: ClusterAPI) -> Bool {
        api.get(.namespaces, key).map { !$0.isBeingDeleted } ?? false
    }

    /// Creates an object. A namespace that has begun to end meanwhile needs it no more.
    static func create(
        _ resource: GroupResource,
        _ object: KubernetesObject,
        _ api: ClusterAPI,
        as manager: String
    ) async throws(APIStatus) {
        do throws(APIStatus) {
            try await api.create(resource, object, as: manager)
        } catch
            where error.reason == .alreadyExists || error.reason == .notFound
            || error.causes.contains(where: { $0.reason == "NamespaceTerminating" })
        {}
    }
}
