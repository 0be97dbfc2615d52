import JSON
import KubernetesModel

/// The objects that every cluster has from its first moment.
enum ClusterBootstrap {
    private static let namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"]
    private static let manager = "kube-apiserver"

    /// Makes what is missing.
    static func run(_ api: ClusterAPI, port: Int) async throws(APIStatus) {
        for name in namespaces { try await make(api, .namespaces, ["metadata": ["name": .string(name)]]) }
        try await make(
            api,
            .services,
            [
                "metadata": [
                    "name": "kubernetes", "namespace": "default",
                    "labels": ["component": "apiserver", "provider": "kubernetes"],
                ],
                "spec": [
                    "type": "ClusterIP", "clusterIP": .string(ServiceAddresses.apiServer),
                    "ports": [
                        [
                            "name": "https", "port": 443, "protocol": "TCP",
                            "targetPort": .integer(Int64(port)),
                        ]
                    ],
                ],
            ]
        )
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
