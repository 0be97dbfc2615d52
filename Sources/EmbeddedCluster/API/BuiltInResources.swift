import KubernetesModel

/// The collections that are there without any custom resource definition.
enum BuiltInResources {
    static let definitions: [ResourceDefinition] = core + apps + batch + access + storage + others + reviews

    private static func row(
        _ group: String,
        _ version: String,
        _ kind: String,
        _ plural: String,
        _ shortNames: [String] = [],
        all: Bool = false,
        namespaced: Bool = true,
        subresources: [String] = [],
        verbs: ResourceDefinition.Verbs = .all
    ) -> ResourceDefinition {
        ResourceDefinition(
            group: group,
            version: version,
            plural: plural,
            singular: kind.lowercased(),
            kind: kind,
            listKind: kind + "List",
            shortNames: shortNames,
            categories: all ? ["all"] : [],
            isNamespaced: namespaced,
            verbs: verbs,
            subresources: subresources
        )
    }

    private static let core = [
        row("", "v1", "ConfigMap", "configmaps", ["cm"]),
        row("", "v1", "Endpoints", "endpoints", ["ep"]),
        row("", "v1", "Event", "events", ["ev"]),
        row(
            "",
            "v1",
            "Namespace",
            "namespaces",
            ["ns"],
            namespaced: false,
            subresources: ["status", "finalize"]
        ),
        row("", "v1", "Node", "nodes", ["no"], namespaced: false, subresources: ["status", "proxy"]),
        row("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", ["pvc"], subresources: ["status"]),
        row(
            "",
            "v1",
            "PersistentVolume",
            "persistentvolumes",
            ["pv"],
            namespaced: false,
            subresources: ["status"]
        ),
        row(
            "",
            "v1",
            "Pod",
            "pods",
            ["po"],
            all: true,
            subresources: [
                "status", "log", "binding", "eviction", "proxy", "exec", "attach", "portforward",
                "ephemeralcontainers",
                "resize",
            ]
        ),
        row("", "v1", "Secret", "secrets"),
        row("", "v1", "ServiceAccount", "serviceaccounts", ["sa"], subresources: ["token"]),
        row("", "v1", "Service", "services", ["svc"], all: true, subresources: ["status", "proxy"]),
        row("", "v1", "LimitRange", "limitranges", ["limits"]),
        row("", "v1", "ResourceQuota", "resourcequotas", ["quota"], subresources: ["status"]),
    ]

    private static let apps = [
        row("apps", "v1", "ControllerRevision", "controllerrevisions"),
        row("apps", "v1", "DaemonSet", "daemonsets", ["ds"], all: true, subresources: ["status"]),
        row(
            "apps",
            "v1",
            "Deployment",
            "deployments",
            ["deploy"],
            all: true,
            subresources: ["status", "scale"]
        ),
        row("apps", "v1", "ReplicaSet", "replicasets", ["rs"], all: true, subresources: ["status", "scale"]),
        row(
            "apps",
            "v1",
            "StatefulSet",
            "statefulsets",
            ["sts"],
            all: true,
            subresources: ["status", "scale"]
        ),
    ]

    private static let batch = [
        row("batch", "v1", "Job", "jobs", all: true, subresources: ["status"])
    ]

    private static let access = [
        row(
            "rbac.authorization.k8s.io",
            "v1",
            "ClusterRoleBinding",
            "clusterrolebindings",
            namespaced: false
        ),
        row("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", namespaced: false),
        row("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings"),
        row("rbac.authorization.k8s.io", "v1", "Role", "roles"),
    ]

    private static let storage = [
        row("storage.k8s.io", "v1", "StorageClass", "storageclasses", ["sc"], namespaced: false)
    ]

    private static let others = [
        row(
            "apiextensions.k8s.io",
            "v1",
            "CustomResourceDefinition",
            "customresourcedefinitions",
            ["crd", "crds"],
            namespaced: false,
            subresources: ["status"]
        ),
        row("coordination.k8s.io", "v1", "Lease", "leases"),
        row("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices"),
        row("events.k8s.io", "v1", "Event", "events", ["ev"]),
        row("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", ["pdb"], subresources: ["status"]),
        row("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", ["pc"], namespaced: false),
    ]

    private static let reviews = [
        row("authentication.k8s.io", "v1", "TokenReview", "tokenreviews", namespaced: false, verbs: .create),
        row(
            "authentication.k8s.io",
            "v1",
            "SelfSubjectReview",
            "selfsubjectreviews",
            namespaced: false,
            verbs: .create
        ),
        row(
            "authorization.k8s.io",
            "v1",
            "SubjectAccessReview",
            "subjectaccessreviews",
            namespaced: false,
            verbs: .create
        ),
        row(
            "authorization.k8s.io",
            "v1",
            "SelfSubjectAccessReview",
            "selfsubjectaccessreviews",
            namespaced: false,
            verbs: .create
        ),
        row(
            "authorization.k8s.io",
            "v1",
            "SelfSubjectRulesReview",
            "selfsubjectrulesreviews",
            namespaced: false,
            verbs: .create
        ),
        row(
            "authorization.k8s.io",
            "v1",
            "LocalSubjectAccessReview",
            "localsubjectaccessreviews",
            verbs: .create
        ),
    ]
}
