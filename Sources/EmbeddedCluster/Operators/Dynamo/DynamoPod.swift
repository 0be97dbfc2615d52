import JSON
import KubernetesModel

/// The pods and the service of a component deployment (internal/dynamo/graph.go and component_*.go).
struct DynamoPod: Sendable {
    private let component: KubernetesObject
    /// `frontend`, `worker`, `planner` and so on.
    private let type: String
    let labels: JSONValue

    init(_ component: KubernetesObject) {
        self.component = component
        let spec = component.spec
        type = spec["componentType"]?.stringValue ?? "worker"
        var labels = spec["labels"] ?? [:]
        labels[DynamoOperator.Label.selector] = .string(component.name)
        labels[DynamoOperator.Label.type] = .string(type)
        if let name = spec["serviceName"] { labels[DynamoOperator.Label.component] = name }
        if let space = spec["dynamoNamespace"] { labels[DynamoOperator.Label.namespace] = space }
        if let subType = spec["subComponentType"] { labels[DynamoOperator.Label.subType] = subType }
        for member in spec["extraPodMetadata"]?["labels"]?.objectValue ?? JSONMembers() {
            labels[member.key] = member.value
        }
        self.labels = labels
    }

    private var isFrontend: Bool { type == "frontend" }

    /// `spec.template` of the deployment.
    var template: JSONValue {
        let spec = component.spec
        var pod = spec["extraPodSpec"] ?? [:]
        let main = pod["mainContainer"] ?? [:]
        pod["mainContainer"] = nil
        let others = (pod["containers"]?.arrayValue ?? []).filter { $0["name"] != "main" }
        pod["containers"] = .array([container(main)] + others)
        if spec["sharedMemory"]?["disabled"]?.boolValue != true {
            let memory: JSONValue = [
                "name": "shared-memory",
                "emptyDir": [
                    "medium": "Memory", "sizeLimit": spec["sharedMemory"]?["size"] ?? "8Gi",
                ],
            ]
            pod["volumes"] = .array((pod["volumes"]?.arrayValue ?? []) + [memory])
        }
        if pod["terminationGracePeriodSeconds"] == nil {
            pod["terminationGracePeriodSeconds"] = isFrontend ? 10 : 60
        }
        var annotations = spec["annotations"] ?? [:]
        for member in spec["extraPodMetadata"]?["annotations"]?.objectValue ?? JSONMembers() {
            annotations[member.key] = member.value
        }
        return ["metadata": ["labels": labels, "annotations": annotations], "spec": pod]
    }

    private func container(_ own: JSONValue) -> JSONValue {
        let spec = component.spec
        var container: JSONValue = [
            "name": "main", "resources": resources, "ports": .array(ports),
        ]
        if isFrontend {
            container["command"] = ["python3"]
            container["args"] = ["-m", "dynamo.frontend"]
        }
        for (probe, value) in probes { container[probe] = spec[probe] ?? value }
        if spec["sharedMemory"]?["disabled"]?.boolValue != true {
            container["volumeMounts"] = [["name": "shared-memory", "mountPath": "/dev/shm"]]
        }
        for member in own.objectValue ?? JSONMembers() where member.key != "name" {
            switch member.key {
            case "env", "envFrom": continue
            case "volumeMounts":
                container[member.key] = .array(
                    (container[member.key]?.arrayValue ?? []) + (member.value.arrayValue ?? [])
                )
            default: container[member.key] = member.value
            }
        }
        // Arguments alone belong to the image's command, not to the operator's.
        if own["args"] != nil, own["command"] == nil, !isFrontend { container["command"] = nil }
        let wished = (spec["envs"]?.arrayValue ?? []) + (own["env"]?.arrayValue ?? [])
        let names = Set(wished.compactMap { $0["name"]?.stringValue })
        container["env"] = .array(
            environment.filter { !names.contains($0["name"]?.stringValue ?? "") } + wished
        )
        var sources = own["envFrom"]?.arrayValue ?? []
        if let secret = spec["envFromSecret"] { sources.append(["secretRef": ["name": secret]]) }
        if !sources.isEmpty { container["envFrom"] = .array(sources) }
        return container
    }

    private var environment: [JSONValue] {
        var entries: [JSONValue] = [
            ["name": "DYN_NAMESPACE", "value": component.spec["dynamoNamespace"] ?? ""],
            ["name": "DYN_COMPONENT", "value": .string(type)],
            [
                "name": "DYN_PARENT_DGD_K8S_NAME",
                "value": .string(component.label(DynamoOperator.Label.graph) ?? ""),
            ],
            ["name": "DYN_PARENT_DGD_K8S_NAMESPACE", "value": .string(component.namespace)],
        ]
        for (name, field) in [
            ("POD_NAME", "metadata.name"), ("POD_NAMESPACE", "metadata.namespace"),
            ("POD_UID", "metadata.uid"),
        ] {
            entries.append([
                "name": .string(name), "valueFrom": ["fieldRef": ["fieldPath": .string(field)]],
            ])
        }
        if isFrontend {
            entries += [
                ["name": "DYNAMO_PORT", "value": "8000"], ["name": "DYN_HTTP_PORT", "value": "8000"],
            ]
        } else {
            entries += [
                ["name": "DYN_SYSTEM_ENABLED", "value": "true"],
                ["name": "DYN_SYSTEM_PORT", "value": "9090"],
            ]
        }
        return entries
    }

    private var ports: [JSONValue] {
        isFrontend
            ? [["name": "http", "containerPort": 8000, "protocol": "TCP"]]
            : [["name": "system", "containerPort": 9090, "protocol": "TCP"]]
    }

    private var probes: [(String, JSONValue)] {
        func http(_ path: String, _ port: String, period: Int64, timeout: Int64, failures: Int64) -> JSONValue
        {
            [
                "httpGet": ["path": .string(path), "port": .string(port)], "periodSeconds": .integer(period),
                "timeoutSeconds": .integer(timeout), "failureThreshold": .integer(failures),
            ]
        }
        if isFrontend {
            return [
                ("livenessProbe", http("/live", "http", period: 10, timeout: 1, failures: 3)),
                ("readinessProbe", http("/health", "http", period: 10, timeout: 3, failures: 3)),
            ]
        }
        guard type == "worker" else { return [] }
        return [
            ("startupProbe", http("/live", "system", period: 10, timeout: 5, failures: 720)),
            ("livenessProbe", http("/live", "system", period: 5, timeout: 4, failures: 1)),
            ("readinessProbe", http("/health", "system", period: 10, timeout: 4, failures: 3)),
        ]
    }

    /// The wished resources, with Kubernetes' name for GPUs.
    private var resources: JSONValue {
        var resources: JSONValue = [:]
        for side in ["limits", "requests"] {
            guard let wished = component.spec["resources"]?[side] else { continue }
            var list: JSONValue = [:]
            for member in wished.objectValue ?? JSONMembers() {
                switch member.key {
                case "gpu": list[wished["gpuType"]?.stringValue ?? "nvidia.com/gpu"] = member.value
                case "gpuType": continue
                case "custom":
                    for custom in member.value.objectValue ?? JSONMembers() {
                        list[custom.key] = custom.value
                    }
                default: list[member.key] = member.value
                }
            }
            resources[side] = list
        }
        // An extended resource is asked for by its limit.
        if resources["limits"]?["nvidia.com/gpu"] == nil, let count = resources["requests"]?["nvidia.com/gpu"]
        {
            resources[at: "limits", "nvidia.com/gpu"] = count
        }
        return resources
    }

    /// The service of the component: the frontend's serves HTTP, the others' their state.
    var service: JSONValue {
        let (name, port): (JSONValue, JSONValue) = isFrontend ? ("http", 8000) : ("system", 9090)
        var selector: JSONValue = [:]
        for label in [
            DynamoOperator.Label.component, DynamoOperator.Label.namespace, DynamoOperator.Label.type,
        ] {
            if let value = labels[label] { selector[label] = value }
        }
        return [
            "apiVersion": "v1", "kind": "Service",
            "metadata": ["name": .string(component.name), "labels": labels],
            "spec": [
                "type": "ClusterIP", "selector": selector,
                "ports": [["name": name, "port": port, "targetPort": name, "protocol": "TCP"]],
            ],
        ]
    }
}
