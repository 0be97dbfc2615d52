import Capacity
import JSON
import KubernetesModel

/// Reads a Workspace, whoever has made it.
struct KaitoReading {
    private let object: KubernetesObject
    private let inference: JSONValue
    private(set) var reading: DeploymentReading

    /// Nil when the workspace does not serve a model.
    init?(_ object: KubernetesObject) {
        guard let inference = object.json["inference"], inference.objectValue != nil else { return nil }
        self.object = object
        self.inference = inference
        reading = DeploymentReading(object, .kaito)
        if let spec = reading.spec { readOwn(spec) } else { readForeign() }
        readStatus()
    }

    /// Which source a model of Ingot's own comes from settles what it is called and where it is asked.
    private mutating func readOwn(_ spec: DeploymentSpec) {
        switch KaitoRuntime.source(spec) {
        case .premade:
            let name = spec.kaito.premade.flatMap(PremadeModel.named)?.modelName ?? ""
            if reading.modelID.isEmpty { reading.modelID = name }
            reading.servedName = name
        case .huggingFace:
            reading.servedName = spec.model.file.map(AIKitImage.servedName) ?? spec.model.alias
        case .vllm: break
        }
        reading.endpoint = KaitoWorkspace.service(spec) ?? ServiceEndpoint(object.name, port: 80)
    }

    // MARK: Others' workspaces

    private static let sourceLabel = "kubefoundry.io/model-source"

    private mutating func readForeign() {
        reading.pods = [.label(KaitoRuntime.workspaceLabel, object.name)]
        reading.endpoint = ServiceEndpoint(object.name, port: 80)
        if let preset = inference["preset"] {
            reading.modelID = preset["name"]?.stringValue ?? ""
            reading.servedName = reading.modelID
            // KAITO's other runtime is transformers', which is none of the engines here (api/v1beta1/labels.go).
            reading.engine = object.annotation("kaito.sh/runtime") == "transformers" ? nil : .vllm
            let target = object.status["targetNodeCount"]?.integerValue ?? 0
            reading.replicas.desired = target > 0 ? Int(clamping: target) : count
            return
        }
        reading.replicas.desired = count
        guard let container = inference["template"]?["spec"]?["containers"]?[0] else { return }
        let arguments = EngineArguments(container)
        let image = container["image"]?.stringValue ?? ""
        let isVLLM =
            object.label(Self.sourceLabel) == "vllm" || image.contains("kaito-base") || image.contains("vllm")
            || arguments.contains("vllm.entrypoints.openai.api_server")
        if isVLLM {
            reading.engine = .vllm
            reading.modelID =
                arguments.value("--model") ?? arguments.word(after: "serve") ?? ""
            reading.servedName = arguments.value("--served-model-name") ?? reading.modelID
            // KAITO's own service leads to port 5000, where such a server does not listen unless it is told to.
            if arguments.value("--port") != "5000" {
                reading.endpoint = ServiceEndpoint("\(object.name)-vllm", port: 8000)
            }
            return
        }
        reading.engine = .llamaCpp
        if let model = PremadeModel.all.first(where: { $0.image == image }) {
            reading.modelID = model.modelName
            reading.servedName = model.modelName
        } else if let reference = arguments.first(where: { $0.contains("://") }) {
            readReference(reference)
        } else {
            reading.modelID = image
        }
    }

    /// `huggingface://owner/name/file`, or the address of a file.
    private mutating func readReference(_ reference: String) {
        var parts = reference.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if let start = parts.firstIndex(of: "resolve"), parts.count > 5, parts[2] == "huggingface.co" {
            parts = ["huggingface:", ""] + parts[3..<start] + parts[(start + 2)...]
        }
        guard parts.first == "huggingface:", parts.count >= 4 else {
            reading.modelID = parts.last ?? reference
            return
        }
        reading.modelID = parts[2...3].joined(separator: "/")
        if parts.count > 4, let file = parts.last { reading.servedName = AIKitImage.servedName(file) }
    }

    private var count: Int { Int(clamping: object.json["resource"]?["count"]?.integerValue ?? 1) }

    // MARK: Status

    private mutating func readStatus() {
        let succeeded = reading.condition("WorkspaceSucceeded")
        if let state = object.status["state"]?.stringValue, !state.isEmpty {
            // KAITO 0.10 and newer (api/v1beta1/workspace_types.go).
            switch state {
            case "Ready", "Succeeded": reading.phase = .running
            case "NotReady", "Running": reading.phase = .deploying
            case "Failed": reading.phase = .failed
            default: reading.phase = isResourceReady ? .deploying : .pending
            }
        } else if succeeded?.isTrue == true {
            reading.phase = .running
        } else if let succeeded, succeeded.isFalse, succeeded.reason != "workspacePending" {
            reading.phase = .failed
            reading.message = succeeded.message
        } else {
            reading.phase = isResourceReady ? .deploying : .pending
        }
        if reading.phase == .running {
            reading.replicas.ready = reading.replicas.desired
            reading.replicas.available = reading.replicas.desired
        } else if reading.message.isEmpty {
            // What lacks is told in order: nodes first, then pods, then the whole.
            let lacking = ["ResourceReady", "InferenceReady", "WorkspaceSucceeded"]
                .compactMap(reading.condition)
                .first(where: \.isFalse)
            reading.message = lacking?.message ?? ""
        }
    }

    private var isResourceReady: Bool { reading.condition("ResourceReady")?.isTrue == true }
}
