import JSON
import KubernetesModel

/// The pods of a Ray cluster (controllers/ray/common/pod.go).
struct RayPod: Sendable {
    enum Role: String, Sendable {
        case head, worker
    }

    private let cluster: KubernetesObject
    let role: Role
    /// `headGroupSpec` or one of `workerGroupSpecs`.
    private let group: JSONValue

    init(_ cluster: KubernetesObject, _ role: Role, _ group: JSONValue) {
        self.cluster = cluster
        self.role = role
        self.group = group
    }

    static let headGroup = "headgroup"

    /// The name of a group of workers, or that of the head's.
    var groupName: String {
        role == .head ? Self.headGroup : group["groupName"]?.stringValue ?? ""
    }

    /// Whether the cluster was made by a Ray service.
    private var serves: Bool {
        cluster.label(KubeRayOperator.Label.originKind) == KubeRayOperator.serviceKind
    }

    /// The pod as the operator creates it.
    var object: KubernetesObject {
        let template = group["template"] ?? [:]
        var pod = KubernetesObject(["apiVersion": "v1", "kind": "Pod", "metadata": [:]])
        let prefix = role == .head ? cluster.name : "\(cluster.name)-\(groupName)"
        pod.json[at: "metadata", "generateName"] = .string("\(prefix.prefix(50))-\(role)-".lowercased())
        pod.namespace = cluster.namespace
        pod.ownerReferences = [OwnerReference(controller: cluster)]
        pod.json[at: "metadata", "labels"] = JSONValue(texts: labels)
        var annotations = template["metadata"]?["annotations"]?.textMembers ?? [:]
        if let failures = cluster.annotation(NodeLabels.simulate), annotations[NodeLabels.simulate] == nil {
            annotations[NodeLabels.simulate] = failures
        }
        if role == .head { annotations[KubeRayOperator.Label.version] = KubeRayOperator.version }
        if !annotations.isEmpty { pod.json[at: "metadata", "annotations"] = JSONValue(texts: annotations) }
        pod.spec = spec(template["spec"] ?? [:], annotations)
        return pod
    }

    private var labels: [String: String] {
        typealias Label = KubeRayOperator.Label
        var labels = [
            Label.isNode: "yes", Label.identifier: "\(cluster.name)-\(role)",
            "app.kubernetes.io/name": "kuberay", "app.kubernetes.io/created-by": "kuberay-operator",
        ]
        labels.merge(group["template"]?["metadata"]?["labels"]?.textMembers ?? [:]) { $1 }
        labels.merge(group["labels"]?.textMembers ?? [:]) { $1 }
        // These cannot be overridden.
        labels[Label.cluster] = cluster.name
        labels[Label.nodeType] = role.rawValue
        labels[Label.group] = groupName
        // The head serves once its proxy is healthy, workers as soon as they are ready.
        if serves { labels[Label.serve] = role == .head ? "false" : "true" }
        return labels
    }

    private func spec(_ template: JSONValue, _ annotations: [String: String]) -> JSONValue {
        var spec = template
        var containers = spec["containers"]?.arrayValue ?? []
        guard var ray = containers.first else { return spec }
        let own = ray
        let command = start.command(of: role, resources: ray["resources"] ?? [:])
        let given = (ray["command"]?.arrayValue ?? []) + (ray["args"]?.arrayValue ?? [])
        let words = given.compactMap(\.stringValue).joined(separator: " ")
        if annotations[KubeRayOperator.Label.overwriteCommand]?.lowercased() != "true",
            !words.contains("ray start")
        {
            let limit = "ulimit -n ${RAY_START_ULIMIT_OPEN_FILES:-65536}; \(command)"
            ray["command"] = ["/bin/bash", "-c", "--"]
            ray["args"] = [.string(words.isEmpty ? limit : "\(words) && \(limit)")]
        }
        ray["env"] = .array(environment(ray["env"]?.arrayValue ?? [], command))
        if role == .head { addMetricsPort(&ray) }
        addProbes(&ray)
        if start.parameters["plasma-directory"] == nil { addSharedMemory(&ray, &spec) }
        containers[0] = ray
        spec["containers"] = .array(containers)
        if role == .worker {
            spec["initContainers"] = .array((spec["initContainers"]?.arrayValue ?? []) + [waiting(own)])
        }
        return spec
    }

    // MARK: Where the head is

    private var headPort: String {
        cluster.spec["headGroupSpec"]?["rayStartParams"]?["port"]?.stringValue ?? "6379"
    }

    private var headHost: String {
        "\(RayServices.headName(of: cluster)).\(cluster.namespace).svc.cluster.local"
    }

    private var start: RayStart {
        RayStart(role, group["rayStartParams"]?.textMembers ?? [:], head: "\(headHost):\(headPort)")
    }

    // MARK: Parts

    private func environment(_ given: [JSONValue], _ command: String) -> [JSONValue] {
        var entries = given
        func add(_ name: String, _ value: String) {
            guard !entries.contains(where: { $0["name"]?.stringValue == name }) else { return }
            entries.append(["name": .string(name), "value": .string(value)])
        }
        func add(_ name: String, field: String) {
            entries.append([
                "name": .string(name), "valueFrom": ["fieldRef": ["fieldPath": .string(field)]],
            ])
        }
        if role == .worker {
            add("FQ_RAY_IP", headHost)
            add("RAY_IP", RayServices.headName(of: cluster))
        }
        add("RAY_CLUSTER_NAME", field: "metadata.labels['\(KubeRayOperator.Label.cluster)']")
        add("RAY_CLOUD_INSTANCE_ID", field: "metadata.name")
        add("RAY_NODE_TYPE_NAME", field: "metadata.labels['\(KubeRayOperator.Label.group)']")
        add("KUBERAY_GEN_RAY_START_CMD", command)
        add("RAY_PORT", headPort)
        if serves {
            add("RAY_timeout_ms_task_wait_for_death_info", "0")
            add("RAY_gcs_server_request_timeout_seconds", "5")
            add("RAY_SERVE_KV_TIMEOUT_S", "5")
        }
        add("RAY_ADDRESS", "\(role == .head ? "127.0.0.1" : headHost):\(headPort)")
        add("RAY_USAGE_STATS_KUBERAY_IN_USE", "1")
        if role == .head {
            let kind = serves ? KubeRayOperator.serviceKind : KubeRayOperator.clusterKind
            add("RAY_USAGE_STATS_EXTRA_TAGS", "kuberay_version=v1.5.1;kuberay_crd=\(kind)")
        }
        add("RAY_DASHBOARD_ENABLE_K8S_DISK_USAGE", "1")
        return entries
    }

    private func addMetricsPort(_ ray: inout JSONValue) {
        let ports = ray["ports"]?.arrayValue ?? []
        guard !ports.contains(where: { $0["name"] == "metrics" }) else { return }
        ray["ports"] = .array(ports + [["name": "metrics", "containerPort": 8080, "protocol": "TCP"]])
    }

    private func addProbes(_ ray: inout JSONValue) {
        func check(_ port: String, _ path: String, timeout: Int) -> String {
            "wget --tries 1 -T \(timeout) -q -O- http://localhost:\(port)/\(path) | grep success"
        }
        func probe(_ checks: [String], delay: Int64, failures: Int64) -> JSONValue {
            [
                "exec": ["command": ["bash", "-c", .string(checks.joined(separator: " && "))]],
                "initialDelaySeconds": .integer(delay), "periodSeconds": 5, "successThreshold": 1,
                "timeoutSeconds": role == .head ? 5 : 2, "failureThreshold": .integer(failures),
            ]
        }
        let agent = start.parameters["dashboard-agent-listen-port"] ?? "52365"
        var checks = [check(agent, "api/local_raylet_healthz", timeout: 2)]
        if role == .head {
            let dashboard = start.parameters["dashboard-port"] ?? "8265"
            checks.append(check(dashboard, "api/gcs_healthz", timeout: 10))
        }
        if ray["livenessProbe"] == nil { ray["livenessProbe"] = probe(checks, delay: 30, failures: 120) }
        guard ray["readinessProbe"] == nil else { return }
        let isServing = serves && role == .worker
        if isServing {
            let port = ray["ports"]?.arrayValue?.first { $0["name"] == "serve" }
            let number = port?["containerPort"]?.integerValue ?? 8000
            checks.append(check(String(number), "-/healthz", timeout: 10))
        }
        ray["readinessProbe"] = probe(checks, delay: 10, failures: isServing ? 1 : 10)
    }

    private func addSharedMemory(_ ray: inout JSONValue, _ spec: inout JSONValue) {
        let mounts = ray["volumeMounts"]?.arrayValue ?? []
        guard !mounts.contains(where: { $0["mountPath"] == "/dev/shm" }) else { return }
        ray["volumeMounts"] = .array(mounts + [["name": "shared-mem", "mountPath": "/dev/shm"]])
        let volumes = spec["volumes"]?.arrayValue ?? []
        guard !volumes.contains(where: { $0["name"] == "shared-mem" }) else { return }
        var memory: JSONValue = ["medium": "Memory"]
        memory["sizeLimit"] =
            ray["resources"]?["requests"]?["memory"] ?? ray["resources"]?["limits"]?["memory"]
        spec["volumes"] = .array(volumes + [["name": "shared-mem", "emptyDir": memory]])
    }

    /// Holds a worker back until the head answers.
    private func waiting(_ ray: JSONValue) -> JSONValue {
        let check = "ray health-check --address \(headHost):\(headPort)"
        var container: JSONValue = [
            "name": "wait-gcs-ready", "image": ray["image"] ?? "", "command": ["/bin/bash", "-c", "--"],
            "args": [.string("until \(check) > /dev/null 2>&1; do sleep 5; done")],
            "resources": [
                "limits": ["cpu": "200m", "memory": "256Mi"], "requests": ["cpu": "200m", "memory": "256Mi"],
            ],
        ]
        for member in ["imagePullPolicy", "securityContext", "volumeMounts"] {
            container[member] = ray[member]
        }
        let own: [JSONValue] = [
            ["name": "FQ_RAY_IP", "value": .string(headHost)],
            ["name": "RAY_IP", "value": .string(RayServices.headName(of: cluster))],
        ]
        container["env"] = .array((ray["env"]?.arrayValue ?? []) + own)
        return container
    }
}
