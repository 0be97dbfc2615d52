import JSON

/// The objects that run Ingot in a cluster, in the order in which they have to be made.
struct InClusterManifests {
    let namespace: String
    let image: String
    let storage: String
    let rights: InClusterRights

    private static let name = "ingot"
    private static let port: JSONValue = 3001
    private static let user: JSONValue = 65532
    private static let rbac = "rbac.authorization.k8s.io"

    /// All objects.
    var all: [JSONValue] {
        var objects: [JSONValue] = [
            object("v1", "Namespace", namespace, isNamespaced: false),
            object("v1", "ServiceAccount", Self.name),
            object(
                "\(Self.rbac)/v1",
                "ClusterRole",
                Self.name,
                isNamespaced: false,
                ["rules": .array(rights.clusterRules)]
            ),
            binding("ClusterRoleBinding", Self.name, role: "ClusterRole", Self.name),
            object("\(Self.rbac)/v1", "Role", Self.name, ["rules": .array(rights.ownRules)]),
            binding("RoleBinding", Self.name, role: "Role", Self.name),
        ]
        if let role = rights.installerRole {
            objects.append(
                binding("ClusterRoleBinding", "\(Self.name)-installer", role: "ClusterRole", role)
            )
        }
        return objects + [claim, deployment, service]
    }

    private func object(
        _ version: String,
        _ kind: String,
        _ name: String,
        isNamespaced: Bool = true,
        _ content: JSONValue = [:]
    ) -> JSONValue {
        var metadata: JSONValue = ["name": .string(name)]
        if isNamespaced { metadata["namespace"] = .string(namespace) }
        metadata["labels"] = ["app.kubernetes.io/name": .string(Self.name)]
        var object: JSONValue = [
            "apiVersion": .string(version), "kind": .string(kind), "metadata": metadata,
        ]
        for member in content.objectValue ?? JSONMembers() { object[member.key] = member.value }
        return object
    }

    private func binding(_ kind: String, _ name: String, role: String, _ roleName: String) -> JSONValue {
        object(
            "\(Self.rbac)/v1",
            kind,
            name,
            isNamespaced: kind == "RoleBinding",
            [
                "roleRef": [
                    "apiGroup": .string(Self.rbac), "kind": .string(role), "name": .string(roleName),
                ],
                "subjects": [
                    [
                        "kind": "ServiceAccount", "name": .string(Self.name),
                        "namespace": .string(namespace),
                    ]
                ],
            ]
        )
    }

    private var claim: JSONValue {
        object(
            "v1",
            "PersistentVolumeClaim",
            "\(Self.name)-data",
            [
                "spec": [
                    "accessModes": ["ReadWriteOnce"],
                    "resources": ["requests": ["storage": .string(storage)]],
                ]
            ]
        )
    }

    private var service: JSONValue {
        object(
            "v1",
            "Service",
            Self.name,
            [
                "spec": [
                    "selector": ["app.kubernetes.io/name": .string(Self.name)],
                    "ports": [["name": "http", "port": 80, "targetPort": "http"]],
                ]
            ]
        )
    }

    private var deployment: JSONValue {
        let labels: JSONValue = ["app.kubernetes.io/name": .string(Self.name)]
        return object(
            "apps/v1",
            "Deployment",
            Self.name,
            [
                "spec": [
                    // Its data belongs to one process at a time.
                    "replicas": 1, "strategy": ["type": "Recreate"], "selector": ["matchLabels": labels],
                    "template": ["metadata": ["labels": labels], "spec": pod],
                ]
            ]
        )
    }

    private var pod: JSONValue {
        [
            "serviceAccountName": .string(Self.name), "enableServiceLinks": false,
            "securityContext": [
                "runAsNonRoot": true, "runAsUser": Self.user, "runAsGroup": Self.user,
                "fsGroup": Self.user, "seccompProfile": ["type": "RuntimeDefault"],
            ],
            "containers": [container],
            "volumes": [
                [
                    "name": "data",
                    "persistentVolumeClaim": ["claimName": .string("\(Self.name)-data")],
                ], ["name": "tmp", "emptyDir": ["sizeLimit": "256Mi"]],
            ],
        ]
    }

    private var container: JSONValue {
        let variables: [(String, String)] = [
            ("INGOT_HOST", "0.0.0.0"), ("INGOT_PORT", "3001"), ("INGOT_DATA_DIR", "/data"),
            ("INGOT_CLUSTER_MODE", "kubernetes"), ("INGOT_AUTH_MODE", "token-review"),
            ("INGOT_LOG_FORMAT", "json"),
        ]
        func probe(_ path: String) -> JSONValue {
            ["httpGet": ["path": .string(path), "port": "http"], "periodSeconds": 10, "timeoutSeconds": 5]
        }
        return [
            "name": .string(Self.name), "image": .string(image), "args": ["serve"],
            "env": .array(variables.map { ["name": .string($0.0), "value": .string($0.1)] }),
            "ports": [["name": "http", "containerPort": Self.port]],
            "livenessProbe": probe("/livez"), "readinessProbe": probe("/readyz"),
            "resources": [
                "requests": ["cpu": "100m", "memory": "128Mi"], "limits": ["memory": "1Gi"],
            ],
            "securityContext": [
                "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                "capabilities": ["drop": ["ALL"]],
            ],
            "volumeMounts": [
                ["name": "data", "mountPath": "/data"], ["name": "tmp", "mountPath": "/tmp"],
            ],
        ]
    }
}
