import JSON
import KubernetesModel

/// The stateful set and the services of a workspace (pkg/workspace/manifests/manifests.go and pkg/workspace/inference).
struct WorkspaceWorkload: Sendable {
    private typealias Label = KaitoOperator.Label

    let workspace: KubernetesObject
    let replicas: Int64
    /// `workspace.kaito.io/revision`.
    let revision: String
    /// How many GPUs each of the nodes has; for presets, which take them all.
    let gpus: Int64

    private var name: JSONValue { .string(workspace.name) }

    private var inference: JSONValue { workspace.json["inference"] ?? [:] }

    /// Whether the pods are the user's own and not a preset's.
    var isFromTemplate: Bool { inference["template"] != nil }

    private var selector: JSONValue {
        var selector: JSONValue = [Label.workspace: name]
        selector[Label.createdBySet] = workspace.label(Label.createdBySet).map(JSONValue.string)
        return selector
    }

    var statefulSet: JSONValue {
        var json: JSONValue = [
            "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": ["name": name],
            "spec": ["replicas": .integer(replicas), "selector": ["matchLabels": selector]],
        ]
        if isFromTemplate {
            json[at: "spec", "template"] = ownTemplate
        } else {
            json[at: "metadata", "annotations"] = [Label.revision: .string(revision)]
            json[at: "spec", "serviceName"] = .string("\(workspace.name)-headless")
            json[at: "spec", "podManagementPolicy"] = "Parallel"
            json[at: "spec", "persistentVolumeClaimRetentionPolicy"] = [
                "whenScaled": "Retain", "whenDeleted": "Delete",
            ]
            json[at: "spec", "template"] = presetTemplate
        }
        if let failures = workspace.annotation(NodeLabels.simulate),
            json["spec"]?["template"]?["metadata"]?["annotations"]?[NodeLabels.simulate] == nil
        {
            json[at: "spec", "template", "metadata", "annotations", NodeLabels.simulate] = .string(failures)
        }
        return json
    }

    // MARK: Pods

    private static let tolerations: [JSONValue] = [
        ["effect": "NoSchedule", "operator": "Exists", "key": "nvidia.com/gpu"],
        ["effect": "NoSchedule", "operator": "Equal", "key": "sku", "value": "gpu"],
    ]

    /// The nodes with the labels that the workspace selects.
    private var affinity: JSONValue {
        let labels = workspace.json["resource"]?["labelSelector"]?["matchLabels"]?.textMembers ?? [:]
        let expressions = labels.sorted { $0.key < $1.key }.map { label -> JSONValue in
            ["key": .string(label.key), "operator": "In", "values": [.string(label.value)]]
        }
        return [
            "nodeAffinity": [
                "requiredDuringSchedulingIgnoredDuringExecution": [
                    "nodeSelectorTerms": [["matchExpressions": .array(expressions)]]
                ]
            ]
        ]
    }

    private var ownTemplate: JSONValue {
        var template = inference["template"] ?? [:]
        for label in selector.textMembers {
            template[at: "metadata", "labels", label.key] = .string(label.value)
        }
        template[at: "spec", "affinity"] = affinity
        let own = template["spec"]?["tolerations"]?.arrayValue ?? []
        template[at: "spec", "tolerations"] = .array(own + Self.tolerations)
        return template
    }

    private var presetTemplate: JSONValue {
        let preset = inference["preset"] ?? [:]
        let model = preset["name"]?.stringValue ?? ""
        func probe(delay: Int64) -> JSONValue {
            [
                "httpGet": ["path": "/health", "port": 5000], "initialDelaySeconds": .integer(delay),
                "periodSeconds": 10,
            ]
        }
        let command =
            "python3 /workspace/vllm/inference_api.py --served-model-name=\(model) --tensor-parallel-size=\(gpus) "
            + "--gpu-memory-utilization=0.84 --max-model-len=2048"
        var container: JSONValue = [
            "name": name, "image": "mcr.microsoft.com/aks/kaito/kaito-base:0.1.1",
            "command": ["/bin/sh", "-c", .string(command)], "ports": [["containerPort": 5000]],
            "resources": [
                "requests": ["nvidia.com/gpu": .string(String(gpus))],
                "limits": ["nvidia.com/gpu": .string(String(gpus))],
            ],
            "livenessProbe": probe(delay: 600), "readinessProbe": probe(delay: 30),
            "volumeMounts": [["name": "dshm", "mountPath": "/dev/shm"]],
        ]
        if !environment.isEmpty { container["env"] = .array(environment) }
        return [
            "metadata": ["labels": selector],
            "spec": [
                "affinity": affinity, "containers": [container], "tolerations": .array(Self.tolerations),
                "volumes": [["name": "dshm", "emptyDir": ["medium": "Memory"]]],
            ],
        ]
    }

    /// What a change of the preset's options changes in a running workload.
    var environment: [JSONValue] {
        guard let secret = inference["preset"]?["presetOptions"]?["modelAccessSecret"]?.stringValue,
            !secret.isEmpty
        else { return [] }
        return [
            [
                "name": "HF_TOKEN",
                "valueFrom": ["secretKeyRef": ["name": .string(secret), "key": "HF_TOKEN"]],
            ]
        ]
    }

    // MARK: Services

    var services: [JSONValue] { [service, headlessService] }

    /// It leads to the first pod, ready or not.
    private var service: JSONValue {
        let isBalanced = workspace.annotation(Label.enableLoadBalancer) == "True"
        func port(_ name: JSONValue, _ number: JSONValue, _ target: JSONValue) -> JSONValue {
            ["name": name, "protocol": "TCP", "port": number, "targetPort": target]
        }
        return [
            "apiVersion": "v1", "kind": "Service", "metadata": ["name": name],
            "spec": [
                "type": isBalanced ? "LoadBalancer" : "ClusterIP", "publishNotReadyAddresses": true,
                "ports": [
                    port("http", 80, 5000), port("ray", 6379, 6379), port("dashboard", 8265, 8265),
                ],
                "selector": [
                    Label.workspace: name,
                    "statefulset.kubernetes.io/pod-name": .string("\(workspace.name)-0"),
                ],
            ],
        ]
    }

    private var headlessService: JSONValue {
        [
            "apiVersion": "v1", "kind": "Service",
            "metadata": ["name": .string("\(workspace.name)-headless")],
            "spec": [
                "clusterIP": "None", "publishNotReadyAddresses": true,
                "selector": [Label.workspace: name],
            ],
        ]
    }
}
