import Capacity
import JSON
import KubernetesModel

/// Reads a DynamoGraphDeployment, whoever has made it (deploy/operator/api/v1alpha1 of Dynamo 1.3).
struct DynamoGraphReader {
    private let object: KubernetesObject

    init(_ object: KubernetesObject) {
        self.object = object
    }

    /// A service that runs an engine.
    private struct Worker {
        let key: String
        let json: JSONValue
        let role: WorkerGroup.Role

        /// Nil for frontends, planners and the like.
        init?(_ key: String, _ json: JSONValue) {
            let type = json["componentType"]?.stringValue?.lowercased() ?? ""
            let subType = json["subComponentType"]?.stringValue?.lowercased() ?? ""
            let name = key.lowercased()
            let isTyped = ["worker", "prefill", "decode"].contains(type)
            guard isTyped || (type.isEmpty && (name.contains("worker") || name.contains("decode")))
            else { return nil }
            self.key = key
            self.json = json
            role =
                if [type, subType].contains("prefill") || (subType.isEmpty && name.contains("prefill")) {
                    .prefill
                } else if [type, subType].contains("decode") || name.contains("decode") {
                    .decode
                } else {
                    .whole
                }
        }

        var container: JSONValue { json["extraPodSpec"]?["mainContainer"] ?? [:] }

        /// GPUs of one replica; nil when it is not told.
        var gpus: Int? {
            let resources = json["resources"]
            let amount = resources?["limits"]?["gpu"] ?? resources?["requests"]?["gpu"]
            return (amount?.stringValue).flatMap { Int($0) } ?? EngineServer.gpus(of: container)
        }
    }

    private var services: JSONMembers { object.spec["services"]?.objectValue ?? JSONMembers() }

    private var workers: [Worker] { services.compactMap { Worker($0.key, $0.value) } }

    var reading: DeploymentReading {
        var reading = DeploymentReading(object, .dynamo)
        reading.pods.append(.label("nvidia.com/dynamo-graph-deployment-name", object.name))
        let workers = workers
        reading.mode = workers.contains { $0.role == .prefill } ? .disaggregated : .aggregated
        reading.replicas = counts(workers)
        if reading.mode == .disaggregated {
            reading.prefill = counts(workers.filter { $0.role == .prefill })
            reading.decode = counts(workers.filter { $0.role != .prefill })
        }
        if reading.spec == nil { readModel(workers, &reading) }
        let frontend = services.first { $0.value["componentType"] == "frontend" || $0.key == "Frontend" }
        reading.endpoint = frontend.map {
            ServiceEndpoint("\(object.name)-\($0.key.lowercased())", port: DynamoService.port)
        }
        readPhase(&reading)
        return reading
    }

    /// The replicas of services. Those of scaling groups are only told as available, those of others sometimes only as ready.
    private func counts(_ workers: [Worker]) -> ReplicaCounts {
        var counts = ReplicaCounts(desired: 0)
        for worker in workers {
            let status = object.status["services"]?[worker.key]
            func count(_ keys: String...) -> Int {
                Int(clamping: keys.lazy.compactMap { status?[$0]?.integerValue }.first ?? 0)
            }
            counts.desired += Int(clamping: worker.json["replicas"]?.integerValue ?? 1)
            counts.ready += count("readyReplicas", "availableReplicas")
            counts.available += count("availableReplicas", "readyReplicas")
        }
        return counts
    }

    private func readModel(_ workers: [Worker], _ reading: inout DeploymentReading) {
        let framework = object.spec["backendFramework"]?.stringValue
        reading.engine =
            framework.flatMap(InferenceEngine.init(rawValue:)) ?? workers.lazy.compactMap(Self.engine).first
        let gpus = Set(workers.map(\.gpus))
        if gpus.count == 1 { reading.gpus = gpus.first ?? nil }
        for worker in workers {
            let arguments = EngineArguments(worker.container)
            if let model = arguments.value("--model", "--model-path"), reading.modelID.isEmpty {
                reading.modelID = model
                // Dynamo serves a model under the name that it is loaded by unless told otherwise.
                reading.servedName = model
            }
            if let name = arguments.value("--served-model-name") {
                reading.servedName = name
                break
            }
        }
    }

    /// The engine that a service runs: by its program, else by its image or its key.
    private static func engine(_ worker: Worker) -> InferenceEngine? {
        let arguments = EngineArguments(worker.container)
        for (module, engine) in [
            ("dynamo.vllm", InferenceEngine.vllm), ("dynamo.sglang", .sglang),
            ("dynamo.trtllm", .tensorRTLLM),
        ] where arguments.contains(module) {
            return engine
        }
        let text = (worker.container["image"]?.stringValue ?? "") + " " + worker.key.lowercased()
        for (word, engine) in [
            ("sglang", InferenceEngine.sglang), ("tensorrtllm", .tensorRTLLM), ("trtllm", .tensorRTLLM),
            ("vllm", .vllm),
        ] where text.contains(word) {
            return engine
        }
        return nil
    }

    private func readPhase(_ reading: inout DeploymentReading) {
        let status = object.status
        let ready = reading.condition("Ready")
        let observed = status["observedGeneration"]?.integerValue
        let isObserved = observed.map { $0 >= object.generation } ?? true
        if ready?.isTrue != true {
            reading.message =
                status["message"]?.stringValue ?? status["error"]?.stringValue ?? ready?.message ?? ""
        }
        switch status["state"]?.stringValue {
        case "failed" where isObserved: reading.phase = .failed
        case "successful" where isObserved && reading.replicas.ready >= reading.replicas.desired:
            reading.phase = .running
        case "successful", "deploying", "initializing", "failed": reading.phase = .deploying
        default: reading.phase = .pending
        }
    }
}
