import Capacity
import JSON
import KubernetesModel

/// Reads the fields of a wish for a deployment, each under the name that the KubeFoundry API has for it.
struct DeploymentRequestReader {
    let fields: JSONFields

    /// A deployment of more workers is taken for a mistake.
    private static let replicaCounts = 0...1000
    /// No node has more GPUs.
    private static let gpuCounts = 0...64
    private static let parallelCounts = 1...1024

    mutating func read(into spec: inout DeploymentSpec) {
        if let mode = fields.choice("mode", of: ServingMode.allCases.map(\.rawValue)) {
            spec.mode = ServingMode(rawValue: mode) ?? spec.mode
        }
        let routers = RouterMode.allCases.map(\.rawValue) + ["default"]
        if let router = fields.choice("routerMode", of: routers) {
            spec.router = RouterMode(rawValue: router) ?? .none
        }
        readGroups(&spec)
        readEngine(&spec)
        readPlace(&spec)
        readRay(&spec)
        readKaito(&spec)
    }

    static func model(_ fields: JSONFields) -> ServedModel {
        let id = fields.text("modelId", SpecSyntax.modelRule, where: SpecSyntax.isModelID)
        if id == nil, fields.value("modelId") == nil, fields.value("premadeModel") == nil {
            fields.reportMissing("modelId")
        }
        var model = ServedModel(id: id ?? "")
        model.file = fields.text(
            "ggufFile",
            "the path of a GGUF file in the repository",
            where: { SpecSyntax.isPath($0) && $0.lowercased().hasSuffix(".gguf") }
        )
        model.path = fields.text(
            "modelPath",
            "an absolute path on the nodes",
            where: SpecSyntax.isAbsolutePath
        )
        model.servedName = fields.text(
            "servedModelName",
            SpecSyntax.servedNameRule,
            where: SpecSyntax.isServedName
        )
        model.revision = fields.text("revision", "a branch, a tag or a commit", where: SpecSyntax.isPath)
        return model
    }

    // MARK: Workers

    private func readGroups(_ spec: inout DeploymentSpec) {
        spec.workers.replicas = replicas("replicas", "minReplicas", "maxReplicas")
        spec.prefill.replicas = replicas("prefillReplicas", "prefillMinReplicas", "prefillMaxReplicas")
        spec.decode.replicas = replicas("decodeReplicas", "decodeMinReplicas", "decodeMaxReplicas")
        spec.prefill.gpus = fields.integer("prefillGpus", in: Self.gpuCounts) ?? 1
        spec.decode.gpus = fields.integer("decodeGpus", in: Self.gpuCounts) ?? 1
        if let resources = fields.object("resources") {
            spec.workers.gpus = resources.integer("gpu", in: Self.gpuCounts) ?? 1
            spec.resources.cpu = quantity(resources, "cpu")
            spec.resources.memory = quantity(resources, "memory")
            if let name = resources.text(
                "gpuResource",
                "a resource's name such as nvidia.com/gpu",
                where: { NameSyntax.isQualifiedName($0) && $0.contains("/") }
            ) {
                spec.resources.gpuResource = name
            }
            resources.reportUnknown()
        }
        if let cpu = quantity(fields, "workerCpu") { spec.resources.cpu = cpu }
        if let memory = quantity(fields, "workerMemory") { spec.resources.memory = memory }
        spec.tensorParallel = fields.integer("tensorParallelSize", in: Self.parallelCounts)
        spec.pipelineParallel = fields.integer("pipelineParallelSize", in: Self.parallelCounts)
    }

    private func replicas(_ key: String, _ minimumKey: String, _ maximumKey: String) -> ReplicaRange {
        let range = ReplicaRange(
            fields.integer(key, in: Self.replicaCounts) ?? 1,
            minimum: fields.integer(minimumKey, in: Self.replicaCounts),
            maximum: fields.integer(maximumKey, in: 1...Self.replicaCounts.upperBound)
        )
        if let minimum = range.minimum, let maximum = range.maximum, minimum > maximum {
            fields.report(minimumKey, "must not be more than \(maximumKey), which is \(maximum)")
        }
        if fields.value(key) != nil, let maximum = range.maximum, range.count > maximum {
            fields.report(key, "must not be more than \(maximumKey), which is \(maximum)")
        }
        if fields.value(key) != nil, let minimum = range.minimum, range.count < minimum {
            fields.report(key, "must not be less than \(minimumKey), which is \(minimum)")
        }
        return range
    }

    private func quantity(_ fields: JSONFields, _ key: String) -> String? {
        // Numbers are taken too, as Kubernetes does.
        if let number = fields.value(key)?.integerValue, number > 0 { return String(number) }
        return fields.text(key, SpecSyntax.quantityRule, where: SpecSyntax.isQuantity)
    }

    // MARK: Engine

    private func readEngine(_ spec: inout DeploymentSpec) {
        let lengths = 1...(1 << 31)
        spec.contextLength = fields.integer("contextLength", in: lengths)
        // KAITO's name for the same.
        if let length = fields.integer("maxModelLen", in: lengths) { spec.contextLength = length }
        if let flag = fields.flag("enforceEager") { spec.isEager = flag }
        if let flag = fields.flag("enablePrefixCaching") { spec.cachesPrefixes = flag }
        if let flag = fields.flag("trustRemoteCode") { spec.trustsRemoteCode = flag }
        spec.memoryFraction = fields.number("gpuMemoryUtilization", in: 0.1...1)
        spec.maxSequences = fields.integer("maxNumSeqs", in: 1...65_536)
        spec.chunksPrefill = fields.flag("enableChunkedPrefill")
        if let arguments = fields.object("engineArgs") {
            for member in arguments.members {
                guard let value = arguments.value(member.key) else { continue }
                readArgument(member.key, value, arguments, &spec)
            }
        }
        spec.extraArguments =
            fields.texts("engineExtraArgs", atMost: 128, of: "words of a command line") ?? []
        if !spec.extraArguments.allSatisfy(SpecSyntax.isPrintable) {
            fields.report("engineExtraArgs", "must be words without control characters")
        }
        for word in spec.extraArguments where word.hasPrefix("-") {
            let name = String(word.drop { $0 == "-" }.prefix { $0 != "=" }).replacing("_", with: "-")
            guard let field = EngineOption.fields[name] else { continue }
            fields.report(
                "engineExtraArgs",
                "must not have \(word), which Ingot sets; use the field \(field) instead"
            )
        }
        if let environment = fields.object("env") {
            for member in environment.members {
                guard SpecSyntax.isVariable(member.key) else {
                    environment.report(member.key, "must be named with \(SpecSyntax.variableRule)")
                    continue
                }
                if let value = environment.text(member.key, "a string", where: { !$0.utf8.contains(0) }) {
                    spec.environment.append(EnvironmentVariable(member.key, value))
                }
            }
        }
    }

    private func readArgument(
        _ key: String,
        _ value: JSONValue,
        _ arguments: JSONFields,
        _ spec: inout DeploymentSpec
    ) {
        let name = String(key.drop { $0 == "-" })
        guard SpecSyntax.isOption(name) else {
            arguments.report(key, "must be named by \(SpecSyntax.optionRule)")
            return
        }
        if let field = EngineOption.fields[name.replacing("_", with: "-")] {
            arguments.report(key, "is set by Ingot; use the field \(field) instead")
            return
        }
        if let text = value.stringValue, !SpecSyntax.isPrintable(text) {
            arguments.report(key, "must not have control characters")
            return
        }
        spec.engineArguments[name] = value
    }

    // MARK: Place

    private func readPlace(_ spec: inout DeploymentSpec) {
        // The front end sends an empty name for none.
        if let secret = fields.value("hfTokenSecret"), secret.stringValue != "" {
            spec.tokenSecret = fields.text("hfTokenSecret", "a secret's name", where: NameSyntax.isSubdomain)
        }
        spec.nodeSelector = labels("nodeSelector")
        for toleration in fields.objects("tolerations", atMost: 64) ?? [] {
            spec.tolerations.append(Self.toleration(toleration))
        }
        if let cache = fields.object("modelCache") {
            let claim = cache.text("claimName", "a claim's name", where: NameSyntax.isSubdomain)
            if claim == nil, cache.value("claimName") == nil { cache.reportMissing("claimName") }
            var volume = ModelCache(claim: claim ?? "")
            if let path = cache.text("mountPath", "an absolute path", where: SpecSyntax.isAbsolutePath) {
                volume.mountPath = path
            }
            cache.reportUnknown()
            spec.modelCache = volume
        }
        for key in ["image", "imageRef", "rayImage"] {
            if let image = fields.text(key, SpecSyntax.imageRule, where: SpecSyntax.isImage) {
                spec.image = image
            }
        }
        if let annotations = fields.object("podAnnotations") {
            for member in annotations.members {
                guard NameSyntax.isQualifiedName(member.key) else {
                    annotations.report(member.key, "must be named as annotations are")
                    continue
                }
                spec.podAnnotations[member.key] = annotations.text(
                    member.key,
                    "a string",
                    where: { _ in true }
                )
            }
        }
    }

    private func labels(_ key: String) -> [String: String] {
        var labels: [String: String] = [:]
        guard let fields = fields.object(key) else { return labels }
        for member in fields.members {
            guard NameSyntax.isQualifiedName(member.key) else {
                fields.report(member.key, "must be a label's key")
                continue
            }
            labels[member.key] = fields.text(member.key, "a label's value", where: NameSyntax.isLabelValue)
        }
        return labels
    }

    private static func toleration(_ fields: JSONFields) -> Toleration {
        var toleration = Toleration()
        toleration.key = fields.text("key", "a taint's key", where: NameSyntax.isQualifiedName) ?? ""
        toleration.value = fields.text("value", "a taint's value", where: NameSyntax.isLabelValue) ?? ""
        toleration.operator =
            fields.choice("operator", of: ["Exists", "Equal"])
            ?? (toleration.value.isEmpty ? "Exists" : "Equal")
        toleration.effect =
            fields.choice("effect", of: ["NoSchedule", "PreferNoSchedule", "NoExecute"]) ?? ""
        if toleration.operator == "Exists", !toleration.value.isEmpty {
            fields.report("value", "must be left out where operator is Exists")
        }
        if toleration.operator == "Equal", toleration.key.isEmpty { fields.reportMissing("key") }
        fields.reportUnknown()
        return toleration
    }

    // MARK: Runtimes

    private func readRay(_ spec: inout DeploymentSpec) {
        spec.ray.acceleratorType = fields.text(
            "acceleratorType",
            "a kind of accelerator as Ray names it",
            where: SpecSyntax.isOption
        )
        if let cpu = quantity(fields, "headCpu") { spec.ray.headCPU = cpu }
        if let memory = quantity(fields, "headMemory") { spec.ray.headMemory = memory }
        if let connector = fields.choice("kvConnector", of: RayOptions.Connector.allCases.map(\.rawValue)) {
            spec.ray.connector = RayOptions.Connector(rawValue: connector) ?? spec.ray.connector
        }
    }

    private func readKaito(_ spec: inout DeploymentSpec) {
        spec.kaito.source = fields.choice("modelSource", of: KaitoOptions.Source.allCases.map(\.rawValue))
            .flatMap(KaitoOptions.Source.init(rawValue:))
        spec.kaito.premade = fields.text("premadeModel", SpecSyntax.modelRule, where: SpecSyntax.isModelID)
        if let run = fields.choice("ggufRunMode", of: KaitoOptions.GGUFRun.allCases.map(\.rawValue)) {
            spec.kaito.run = KaitoOptions.GGUFRun(rawValue: run) ?? spec.kaito.run
        }
        if let compute = fields.choice("computeType", of: KaitoOptions.Compute.allCases.map(\.rawValue)) {
            spec.kaito.compute = KaitoOptions.Compute(rawValue: compute) ?? spec.kaito.compute
        }
        spec.kaito.labelSelector = labels("labelSelector")
    }
}
