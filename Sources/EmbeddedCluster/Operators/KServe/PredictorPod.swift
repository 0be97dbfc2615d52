import JSON
import KubernetesModel

/// The deployment and the service of a predictor (components/predictor.go and reconcilers of raw deployments).
struct PredictorPod: Sendable {
    private typealias Label = KServeOperator.Label

    private let service: KubernetesObject
    private let predictor: JSONValue
    /// The model, and the runtime that serves it; nil for a container of the user's own.
    private let model: (specification: JSONValue, runtime: KServeRuntimes.Runtime)?

    static let container = "kserve-container"

    init(
        _ service: KubernetesObject,
        model: (specification: JSONValue, runtime: KServeRuntimes.Runtime)?
    ) {
        self.service = service
        self.model = model
        predictor = service.spec["predictor"] ?? [:]
    }

    static func name(of service: KubernetesObject) -> String { "\(service.name)-predictor" }

    private var name: String { Self.name(of: service) }

    /// By which the pods are found.
    var app: String { "isvc.\(name)" }

    // MARK: Metadata

    private var labels: JSONValue {
        var labels = model?.runtime.spec["labels"]?.textMembers ?? [:]
        labels.merge(service.labels) { $1 }
        labels.merge(predictor["labels"]?.textMembers ?? [:]) { $1 }
        labels[Label.service] = service.name
        labels[Label.component] = "predictor"
        labels[Label.app] = app
        return JSONValue(texts: labels)
    }

    private var annotations: JSONValue {
        var annotations = model?.runtime.spec["annotations"]?.textMembers ?? [:]
        annotations.merge(service.annotations) { $1 }
        annotations.merge(predictor["annotations"]?.textMembers ?? [:]) { $1 }
        annotations["kubectl.kubernetes.io/last-applied-configuration"] = nil
        annotations[Label.source] = source
        return JSONValue(texts: annotations)
    }

    // MARK: Deployment

    /// The deployment without the number of its pods.
    var deployment: JSONValue {
        var spec: JSONValue = [
            "selector": ["matchLabels": [Label.app: .string(app)]],
            "template": ["metadata": ["labels": labels, "annotations": annotations], "spec": podSpec],
            "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600,
        ]
        spec["strategy"] =
            predictor["deploymentStrategy"]
            ?? [
                "type": "RollingUpdate", "rollingUpdate": ["maxSurge": "25%", "maxUnavailable": "25%"],
            ]
        return [
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": ["name": .string(name), "labels": labels, "annotations": annotations],
            "spec": spec,
        ]
    }

    /// What of a predictor is about the component and not about its pods.
    private static let componentMembers: Set<String> = [
        "model", "minReplicas", "maxReplicas", "scaleTarget", "scaleMetric", "containerConcurrency",
        "timeout",
        "canaryTrafficPercent", "labels", "annotations", "deploymentStrategy", "logger", "batcher",
        "autoScaling", "workerSpec", "scaleMetricType",
    ]
    /// What of a runtime is about the runtime and not about its pods.
    private static let runtimeMembers: Set<String> = [
        "supportedModelFormats", "protocolVersions", "disabled", "multiModel", "labels", "annotations",
        "containers", "workerSpec", "builtInAdapter", "grpcEndpoint", "httpDataEndpoint", "replicas",
        "storageHelper",
    ]

    private var podSpec: JSONValue {
        var spec: JSONValue = [:]
        for member in model?.runtime.spec.objectValue ?? JSONMembers()
        where !Self.runtimeMembers.contains(member.key) {
            spec[member.key] = member.value
        }
        for member in predictor.objectValue ?? JSONMembers()
        where !Self.componentMembers.contains(member.key)
            && !InferenceServiceRound.frameworks.contains(member.key)
        {
            spec[member.key] = member.value
        }
        var containers = containers
        if let source { addStorage(source, &spec, &containers) }
        spec["containers"] = .array(containers)
        return spec
    }

    private var containers: [JSONValue] {
        let own = predictor["containers"]?.arrayValue ?? []
        guard let model else {
            return own.enumerated().map { index, container in
                index == 0 && container["name"] == nil
                    ? withProbe(container.with("name", .string(Self.container))) : withProbe(container)
            }
        }
        let given = model.runtime.spec["containers"]?.arrayValue ?? []
        guard var server = given.first(where: { $0["name"]?.stringValue == Self.container }) ?? given.first
        else { return own }
        let name = server["name"]
        for member in Self.serverMembers {
            guard let value = model.specification[member] else { continue }
            server[member] =
                member == "env"
                ? .array(Self.merged(server[member]?.arrayValue ?? [], value.arrayValue ?? []))
                : (server[member] ?? [:]).overlaid(with: value)
        }
        // A model's arguments come after the runtime's.
        let arguments = (server["args"]?.arrayValue ?? []) + (model.specification["args"]?.arrayValue ?? [])
        if !arguments.isEmpty { server["args"] = .array(arguments.map(filledIn)) }
        if let version = model.specification["runtimeVersion"]?.stringValue,
            let image = server["image"]?.stringValue
        {
            server["image"] = .string("\(Self.withoutTag(image)):\(version)")
        }
        return [withProbe(server)] + given.filter { $0["name"] != name } + own
    }

    private static let serverMembers = [
        "command", "env", "image", "resources", "ports", "startupProbe", "readinessProbe", "livenessProbe",
    ]

    private static func merged(_ entries: [JSONValue], _ others: [JSONValue]) -> [JSONValue] {
        entries.filter { entry in !others.contains { $0["name"] == entry["name"] } } + others
    }

    private static func withoutTag(_ image: String) -> String {
        guard let colon = image.lastIndex(of: ":"), !image[colon...].contains("/") else { return image }
        return String(image[..<colon])
    }

    /// The placeholders of runtimes, which stand for the service's metadata.
    private func filledIn(_ argument: JSONValue) -> JSONValue {
        guard let text = argument.stringValue else { return argument }
        return .string(
            text.replacing("{{.Name}}", with: service.name)
                .replacing("{{.Namespace}}", with: service.namespace)
        )
    }

    private func withProbe(_ container: JSONValue) -> JSONValue {
        guard container["name"]?.stringValue == Self.container, container["readinessProbe"] == nil else {
            return container
        }
        let port = container["ports"]?[0]?["containerPort"] ?? 8080
        return container.with(
            "readinessProbe",
            [
                "tcpSocket": ["port": port], "timeoutSeconds": 1, "periodSeconds": 10,
                "successThreshold": 1, "failureThreshold": 3,
            ]
        )
    }

    // MARK: Storage

    private var source: String? { model?.specification["storageUri"]?.stringValue }

    static let storageContainer = "storage-initializer"

    /// What KServe's webhook does to pods whose model is to be fetched first.
    private func addStorage(_ source: String, _ spec: inout JSONValue, _ containers: inout [JSONValue]) {
        let volume: JSONValue = "kserve-provision-location"
        let folder: JSONValue = ["name": volume, "mountPath": "/mnt/models"]
        let initializer: JSONValue = [
            "name": .string(Self.storageContainer), "image": "kserve/storage-initializer:v0.15.2",
            "args": [.string(source), "/mnt/models"], "volumeMounts": [folder],
            "terminationMessagePolicy": "FallbackToLogsOnError",
            "resources": [
                "limits": ["cpu": "1", "memory": "1Gi"], "requests": ["cpu": "100m", "memory": "100Mi"],
            ],
        ]
        spec["initContainers"] = .array((spec["initContainers"]?.arrayValue ?? []) + [initializer])
        spec["volumes"] = .array(
            (spec["volumes"]?.arrayValue ?? []) + [["name": volume, "emptyDir": [:]]]
        )
        for index in containers.indices where containers[index]["name"]?.stringValue == Self.container {
            let mounts = containers[index]["volumeMounts"]?.arrayValue ?? []
            containers[index]["volumeMounts"] = .array(mounts + [folder.with("readOnly", true)])
        }
    }

    // MARK: Service

    var clusterService: JSONValue {
        let given = containers.first?["ports"]?.arrayValue ?? []
        var ports = given.enumerated().map { index, port -> JSONValue in
            let number = port["containerPort"] ?? 8080
            var entry: JSONValue = [
                "port": index == 0 ? 80 : number, "targetPort": number,
                "protocol": port["protocol"] ?? "TCP",
            ]
            entry["name"] = port["name"] ?? (given.count > 1 ? .string("port-\(index)") : nil)
            return entry
        }
        if ports.isEmpty {
            ports = [["name": .string(name), "port": 80, "targetPort": 8080, "protocol": "TCP"]]
        }
        return [
            "apiVersion": "v1", "kind": "Service",
            "metadata": ["name": .string(name), "labels": labels, "annotations": annotations],
            "spec": ["selector": [Label.app: .string(app)], "ports": .array(ports)],
        ]
    }
}
