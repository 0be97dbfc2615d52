internal import Capacity
public import JSON
internal import KubernetesModel

extension DeploymentSpec {
    /// The specification as the body that would wish for it, without what is as usual. `DeploymentRequest` reads it back.
    public var json: JSONValue {
        var json: JSONValue = [
            "name": .string(name), "namespace": .string(namespace), "provider": .string(runtime.rawValue),
        ]
        // A model that an image brings has none.
        if !model.id.isEmpty { json["modelId"] = .string(model.id) }
        json["engine"] = .string(engine.rawValue)
        json["mode"] = .string(mode.rawValue)
        json["ggufFile"] = model.file.map(JSONValue.string)
        json["modelPath"] = model.path.map(JSONValue.string)
        json["servedModelName"] = model.servedName.map(JSONValue.string)
        json["revision"] = model.revision.map(JSONValue.string)
        if router != .none { json["routerMode"] = .string(router.rawValue) }
        addGroups(to: &json)
        addEngine(to: &json)
        addPlace(to: &json)
        addRuntimeOptions(to: &json)
        return json
    }

    private func addGroups(to json: inout JSONValue) {
        func add(_ range: ReplicaRange, _ key: String, _ minimumKey: String, _ maximumKey: String) {
            json[key] = .integer(Int64(range.count))
            json[minimumKey] = range.minimum.map { .integer(Int64($0)) }
            json[maximumKey] = range.maximum.map { .integer(Int64($0)) }
        }
        var resources: JSONValue = [:]
        if mode == .aggregated {
            add(workers.replicas, "replicas", "minReplicas", "maxReplicas")
            resources["gpu"] = .integer(Int64(workers.gpus))
        } else {
            add(prefill.replicas, "prefillReplicas", "prefillMinReplicas", "prefillMaxReplicas")
            add(decode.replicas, "decodeReplicas", "decodeMinReplicas", "decodeMaxReplicas")
            json["prefillGpus"] = .integer(Int64(prefill.gpus))
            json["decodeGpus"] = .integer(Int64(decode.gpus))
        }
        resources["cpu"] = self.resources.cpu.map(JSONValue.string)
        resources["memory"] = self.resources.memory.map(JSONValue.string)
        if self.resources.gpuResource != WorkerResources().gpuResource {
            resources["gpuResource"] = .string(self.resources.gpuResource)
        }
        if resources != [:] { json["resources"] = resources }
        json["tensorParallelSize"] = tensorParallel.map { .integer(Int64($0)) }
        json["pipelineParallelSize"] = pipelineParallel.map { .integer(Int64($0)) }
    }

    private func addEngine(to json: inout JSONValue) {
        json["contextLength"] = contextLength.map { .integer(Int64($0)) }
        json["enforceEager"] = .bool(isEager)
        json["enablePrefixCaching"] = .bool(cachesPrefixes)
        json["trustRemoteCode"] = .bool(trustsRemoteCode)
        json["gpuMemoryUtilization"] = memoryFraction.map(JSONValue.number)
        json["maxNumSeqs"] = maxSequences.map { .integer(Int64($0)) }
        json["enableChunkedPrefill"] = chunksPrefill.map(JSONValue.bool)
        if !engineArguments.isEmpty { json["engineArgs"] = .object(engineArguments) }
        if !extraArguments.isEmpty { json["engineExtraArgs"] = .array(extraArguments.map(JSONValue.string)) }
        for variable in environment { json[at: "env", variable.name] = .string(variable.value) }
    }

    private func addPlace(to json: inout JSONValue) {
        json["hfTokenSecret"] = tokenSecret.map(JSONValue.string)
        for (key, value) in nodeSelector.sorted(by: { $0.key < $1.key }) {
            json[at: "nodeSelector", key] = .string(value)
        }
        if !tolerations.isEmpty { json["tolerations"] = .array(tolerations.map(\.json)) }
        if let modelCache {
            json["modelCache"] = [
                "claimName": .string(modelCache.claim), "mountPath": .string(modelCache.mountPath),
            ]
        }
        json["image"] = image.map(JSONValue.string)
        for (key, value) in podAnnotations.sorted(by: { $0.key < $1.key }) {
            json[at: "podAnnotations", key] = .string(value)
        }
    }

    private func addRuntimeOptions(to json: inout JSONValue) {
        if runtime == .kuberay {
            json["acceleratorType"] = ray.acceleratorType.map(JSONValue.string)
            json["headCpu"] = .string(ray.headCPU)
            json["headMemory"] = .string(ray.headMemory)
            if mode == .disaggregated { json["kvConnector"] = .string(ray.connector.rawValue) }
        }
        if runtime == .kaito {
            json["modelSource"] = kaito.source.map { .string($0.rawValue) }
            json["premadeModel"] = kaito.premade.map(JSONValue.string)
            json["ggufRunMode"] = .string(kaito.run.rawValue)
            json["computeType"] = .string(kaito.compute.rawValue)
            for (key, value) in kaito.labelSelector.sorted(by: { $0.key < $1.key }) {
                json[at: "labelSelector", key] = .string(value)
            }
        }
    }
}

extension Toleration {
    /// The toleration as Kubernetes has it.
    public var json: JSONValue {
        var json: JSONValue = [:]
        if !key.isEmpty { json["key"] = .string(key) }
        json["operator"] = .string(self.operator)
        if !value.isEmpty { json["value"] = .string(value) }
        if !effect.isEmpty { json["effect"] = .string(effect) }
        return json
    }
}
