import JSON

/// What Ingot has to be allowed in a cluster for what it is used for, and no more.
struct InClusterRights {
    /// What it is used for beside reading.
    enum Feature: String, CaseIterable {
        /// Making, changing and deleting deployments of models.
        case deployments
        /// Asking the models.
        case serving
        /// Keeping tokens of the Hub in secrets.
        case secrets
        /// Installing runtimes, whose charts may hold any object.
        case installation
    }

    let features: Set<Feature>
    /// The namespace of what Ingot keeps for itself.
    let namespace: String

    private static let read: [String] = ["get", "list", "watch"]
    private static let change: [String] = ["create", "patch", "update", "delete"]

    /// The custom resources by which runtimes serve models.
    private static let runtimes: [(group: String, resource: String)] = [
        ("nvidia.com", "dynamographdeployments"), ("ray.io", "rayservices"), ("kaito.sh", "workspaces"),
        ("serving.kserve.io", "inferenceservices"),
    ]

    /// The rules for the whole cluster.
    var clusterRules: [JSONValue] {
        var rules = [
            Self.rule(
                "",
                ["nodes", "pods", "namespaces", "services", "events", "configmaps", "resourcequotas"],
                Self.read
            ),
            Self.rule("", ["pods/log"], ["get"]),
            Self.rule("apps", ["deployments"], Self.read),
            Self.rule("apiextensions.k8s.io", ["customresourcedefinitions"], Self.read),
            Self.rule("karpenter.sh", ["nodepools"], Self.read),
        ]
        rules += Self.runtimes.map { Self.rule($0.group, [$0.resource], Self.read) }
        // Who callers are, and what they may do.
        rules.append(Self.rule("authentication.k8s.io", ["tokenreviews"], ["create"]))
        rules.append(Self.rule("authorization.k8s.io", ["subjectaccessreviews"], ["create"]))
        if features.contains(.deployments) {
            rules.append(Self.rule("", ["services", "configmaps"], Self.change))
            rules.append(Self.rule("apps", ["deployments"], Self.change))
            rules += Self.runtimes.map { Self.rule($0.group, [$0.resource], Self.change) }
        }
        // For the first deployment, and for the token in namespaces that the API names whether they are there or not.
        if features.contains(.deployments) || features.contains(.secrets) {
            rules.append(Self.rule("", ["namespaces"], ["create"]))
        }
        if features.contains(.serving) {
            rules.append(Self.rule("", ["pods/proxy", "services/proxy"], ["get", "create"]))
        }
        if features.contains(.secrets) {
            rules.append(Self.rule("", ["secrets"], Self.read + Self.change))
        }
        return rules
    }

    /// The rules for Ingot's own namespace, where its settings are.
    var ownRules: [JSONValue] {
        [Self.rule("", ["configmaps"], Self.read + Self.change)]
    }

    /// The role of an installer, which is an administrator's: a chart may hold any object, and roles with any right.
    var installerRole: String? { features.contains(.installation) ? "cluster-admin" : nil }

    private static func rule(_ group: String, _ resources: [String], _ verbs: [String]) -> JSONValue {
        [
            "apiGroups": [.string(group)], "resources": .array(resources.map { .string($0) }),
            "verbs": .array(verbs.map { .string($0) }),
        ]
    }
}
