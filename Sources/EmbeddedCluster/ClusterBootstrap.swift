import JSON
import KubernetesModel

/// The objects that every cluster has from its first moment.
enum ClusterBootstrap {
    private static let namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"]
    private static let manager = "kube-apiserver"

    /// Makes what is missing.
    static func run(_ api: ClusterAPI, port: Int) async throws(APIStatus) {
        for name in namespaces { try await make(api, .namespaces, ["metadata": ["name": .string(name)]]) }
        try await nameListener(api, port: port)
        for (name, value) in [
            ("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000),
        ] {
            try await make(
                api,
                GroupResource(group: "scheduling.k8s.io", resource: "priorityclasses"),
                ["metadata": ["name": .string(name)], "value": .integer(Int64(value))]
            )
        }
        try await make(
            api,
            GroupResource(group: "rbac.authorization.k8s.io", resource: "clusterroles"),
            [
                "metadata": ["name": "cluster-admin"],
                "rules": [
                    ["apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]],
                    ["nonResourceURLs": ["*"], "verbs": ["*"]],
                ],
            ]
        )
        try await make(
            api,
            GroupResource(group: "storage.k8s.io", resource: "storageclasses"),
            [
                "metadata": [
                    "name": "standard",
                    "annotations": ["storageclass.kubernetes.io/is-default-class": "true"],
                ],
                "provisioner": "ingot.dev/simulated", "reclaimPolicy": "Delete",
                "volumeBindingMode": "Immediate",
            ]
        )
    }

    /// Says in which place the service `kubernetes` is answered. The port is another one when that of the last time is taken.
    private static func nameListener(_ api: ClusterAPI, port: Int) async throws(APIStatus) {
        let port = JSONValue.integer(Int64(port))
        let address: JSONValue = "127.0.0.1"
        let ports: JSONValue = [["name": "https", "port": port, "protocol": "TCP"]]
        try await bring(
            api,
            .services,
            [
                "metadata": listener.with("labels", ["component": "apiserver", "provider": "kubernetes"]),
                "spec": ["type": "ClusterIP", "clusterIP": .string(ServiceAddresses.apiServer)],
            ]
        ) { service in
            service.json[at: "spec", "ports"] = [
                ["name": "https", "port": 443, "protocol": "TCP", "targetPort": port]
            ]
        }
        try await bring(
            api,
            .endpoints,
            ["metadata": listener.with("labels", ["endpointslice.kubernetes.io/skip-mirror": "true"])]
        ) { endpoints in
            endpoints.json["subsets"] = [["addresses": [["ip": address]], "ports": ports]]
        }
        try await bring(
            api,
            .endpointSlices,
            [
                "metadata": listener.with("labels", ["kubernetes.io/service-name": "kubernetes"]),
                "addressType": "IPv4", "endpoints": [],
            ]
        ) { slice in
            slice.json["endpoints"] = [["addresses": [address], "conditions": ["ready": true]]]
            slice.json["ports"] = ports
        }
    }

    /// Where the service `kubernetes` and its endpoints are.
    private static let listener: JSONValue = ["name": "kubernetes", "namespace": "default"]

    /// Makes an object, or changes the one that is there.
    private static func bring(
        _ api: ClusterAPI,
        _ resource: GroupResource,
        _ json: JSONValue,
        _ change: @escaping @Sendable (inout KubernetesObject) -> Void
    ) async throws(APIStatus) {
        var object = KubernetesObject(json)
        change(&object)
        try await make(api, resource, object.json)
        try await api.update(resource, ObjectKey(object), as: manager, change)
    }

    private static func make(_ api: ClusterAPI, _ resource: GroupResource, _ json: JSONValue)
        async throws(APIStatus)
    {
        let object = KubernetesObject(json)
        guard api.get(resource, ObjectKey(object)) == nil else { return }
        do throws(APIStatus) {
            try await api.create(resource, object, as: manager)
        } catch  where error.reason == .alreadyExists {
            return
        }
    }
}
