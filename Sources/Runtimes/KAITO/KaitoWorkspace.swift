import Capacity
import JSON
import KubernetesModel

/// The Workspace of a deployment, and the service in front of its pods where KAITO's own does not do.
struct KaitoWorkspace {
    let spec: DeploymentSpec
    let version: Int

    /// The image of vLLM with KAITO's own additions (presets/workspace/models/supported_models.yaml of kaito-project/kaito).
    private static let baseImage = "mcr.microsoft.com/aks/kaito/kaito-base:0.5.0"
    /// Where a GGUF server listens: KAITO's service leads there.
    private static let aikitPort = 5000
    /// Where a GGUF server keeps its models.
    private static let modelsPath = "/models"

    private var usesGPU: Bool { spec.workers.gpus > 0 }

    var manifests: [Manifest] {
        let source = KaitoRuntime.source(spec)
        let (pod, template) =
            switch source {
            case .vllm: vllm
            case .premade, .huggingFace: aikit(source)
            }
        let workspace = KaitoRuntime.primary.manifest(
            metadata: OwnMarks.metadata(spec),
            [
                "resource": [
                    "count": .integer(Int64(spec.workers.replicas.count)),
                    "labelSelector": ["matchLabels": labelSelector],
                ],
                "inference": ["template": template],
            ]
        )
        guard let service = Self.service(spec) else { return [workspace] }
        let manifest = ManifestType.service.manifest(
            metadata: OwnMarks.metadata(spec, name: service.service),
            [
                "spec": [
                    "type": "ClusterIP",
                    "selector": [KaitoRuntime.workspaceLabel: .string(spec.name)],
                    "ports": [
                        [
                            "name": "http", "port": .integer(Int64(service.port)),
                            "targetPort": .integer(Int64(pod.port)), "protocol": "TCP",
                        ]
                    ],
                ]
            ]
        )
        return [workspace, manifest]
    }

    /// The service that a deployment needs beside KAITO's own, which leads to port 5000 of the first pod alone; nil for none.
    static func service(_ spec: DeploymentSpec) -> ServiceEndpoint? {
        if KaitoRuntime.source(spec) == .vllm { return ServiceEndpoint("\(spec.name)-vllm", port: 8000) }
        guard spec.workers.replicas.count > 1 else { return nil }
        return ServiceEndpoint("\(spec.name)-llamacpp", port: 80)
    }

    private var labelSelector: JSONValue {
        var labels = spec.kaito.labelSelector
        if labels.isEmpty {
            labels = usesGPU ? ["nvidia.com/gpu.present": "true"] : ["kubernetes.io/os": "linux"]
        }
        var json: JSONValue = [:]
        for (key, value) in labels.sorted(by: { $0.key < $1.key }) { json[key] = .string(value) }
        return json
    }

    // MARK: Pods

    private var vllm: (EnginePod, JSONValue) {
        let model = spec.model.path ?? spec.model.id
        let pod = EnginePod(
            spec: spec,
            group: spec.workers,
            container: "model",
            image: spec.image ?? Self.baseImage,
            command: ["python3", "-m", "vllm.entrypoints.openai.api_server"],
            arguments: ["--model", model, "--host", "0.0.0.0", "--port", "8000"]
                + VLLMCommand.options(spec, spec.workers),
            port: 8000
        )
        return (pod, pod.template)
    }

    /// A server of AIKit: LocalAI with llama.cpp.
    private func aikit(_ source: KaitoOptions.Source) -> (EnginePod, JSONValue) {
        var own = spec
        // A token is for who loads the model, which is not the server; and where AIKit keeps models is fixed.
        own.tokenSecret = nil
        own.modelCache = nil
        var options = CommandWords(["--address=:\(Self.aikitPort)"])
        if let length = spec.contextLength { options.add("--context-size=\(length)", if: true) }
        options.add(spec.engineArguments)
        let file = source == .huggingFace && spec.kaito.run == .direct ? spec.model.file : nil
        let first = file.map(address) ?? "run"
        let pod = EnginePod(
            spec: own,
            group: spec.workers,
            container: "model",
            image: image(source),
            command: [],
            arguments: [first] + options.words + spec.extraArguments,
            port: Self.aikitPort,
            healthPath: "/readyz"
        )
        var template = pod.template
        guard let file, spec.tokenSecret != nil || spec.modelCache != nil else { return (pod, template) }
        addModelFolder(to: &template)
        if let secret = spec.tokenSecret { addLoader(file, secret, pod.image, to: &template) }
        return (pod, template)
    }

    /// Where the file of a model is kept. AIKit deletes other models' files, so each deployment has a folder of its own.
    private var modelsMount: JSONValue {
        var mount: JSONValue = ["name": "models", "mountPath": .string(Self.modelsPath)]
        if spec.modelCache != nil { mount["subPath"] = .string("aikit/\(spec.name)") }
        return mount
    }

    private func addModelFolder(to template: inout JSONValue) {
        let volume: JSONValue =
            spec.modelCache.map { cache in
                ["name": "models", "persistentVolumeClaim": ["claimName": .string(cache.claim)]]
            } ?? ["name": "models", "emptyDir": [:]]
        let volumes = template["spec"]?["volumes"]?.arrayValue ?? []
        template[at: "spec", "volumes"] = .array(volumes + [volume])
        guard var container = template["spec"]?["containers"]?[0] else { return }
        container["volumeMounts"] = .array((container["volumeMounts"]?.arrayValue ?? []) + [modelsMount])
        template[at: "spec", "containers"] = [container]
    }

    private func image(_ source: KaitoOptions.Source) -> String {
        if let image = spec.image { return image }
        if source == .premade, let model = spec.kaito.premade.flatMap(PremadeModel.named) {
            return model.image
        }
        if spec.kaito.run == .build, let file = spec.model.file {
            return AIKitImage.built(model: spec.model.id, file: file)
        }
        return AIKitImage.runner(usesGPU: usesGPU, version: version)
    }

    /// Where a file of the Hub is loaded from.
    private func address(_ file: String) -> String {
        "https://huggingface.co/\(spec.model.id)/resolve/\(spec.model.revision ?? "main")/\(file)"
    }

    /// AIKit's runner loads addresses without a token, and repositories with one, but then all their files. So another container
    /// loads the file before it, and leaves the mark by which the runner knows that it has the model
    /// (kaito-project/aikit, pkg/aikit2llb/inference/runner.go).
    private func addLoader(_ file: String, _ secret: String, _ image: String, to template: inout JSONValue) {
        let script =
            "set -eu; cd \(Self.modelsPath); hf download \"$1\" \"$2\" --revision \"$3\" --local-dir .; "
            // The runner looks for its file in the folder itself.
            + "if [ \"$2\" != \"${2##*/}\" ]; then mv -f \"$2\" .; fi; "
            + "printf '%s\\n' \"$4\" > .aikit-model-ref"
        let words = [
            "load", spec.model.id, file, spec.model.revision ?? "main", address(file),
        ]
        template[at: "spec", "initContainers"] = [
            [
                "name": "load", "image": .string(image), "command": ["/bin/bash", "-c", .string(script)],
                "args": .array(words.map(JSONValue.string)),
                "env": [
                    [
                        "name": "HF_TOKEN",
                        "valueFrom": ["secretKeyRef": ["name": .string(secret), "key": "HF_TOKEN"]],
                    ]
                ],
                "volumeMounts": [modelsMount],
            ]
        ]
    }
}
