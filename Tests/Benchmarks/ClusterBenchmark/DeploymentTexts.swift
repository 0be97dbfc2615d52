import Capacity
import JSON
import KubernetesModel
import Runtimes

/// A kind of deployments as Ingot renders them, each with one pod.
struct DeploymentTexts {
    /// The object that stands for a deployment.
    let object: ObjectTemplate
    /// Its pod.
    let pod: ObjectTemplate

    /// The same for all but what the places say.
    ///
    /// - Parameters:
    ///   - pod: the pods' specification, which is a Deployment's own and stands for what operators make of theirs.
    ///   - label: the label by which the operator's pods are known, with the deployment's name; nil for none.
    ///   - status: the status as its controller writes it.
    init(_ runtime: any Runtime.Type, pod: JSONValue?, label: String? = nil, status: String) throws {
        let manifest = try Self.manifest(runtime)
        object = ObjectTemplate(
            Self.text(
                manifest,
                Self.marks + #","generation":1,"managedFields":[\#(ObjectTemplate.managedFields)]"#
            )
            .dropLast() + #","status":\#(status)}"#
        )
        var labels = manifest["metadata"]?["labels"] ?? [:]
        if let label { labels[label] = .string(Self.standInName) }
        let spec = Self.filled(pod ?? manifest["spec"]?["template"]?["spec"] ?? [:])
        self.pod = ObjectTemplate(
            """
            {"metadata":{"name":"model-<number>-6f8d9c7b5d-x7k2p","generateName":"model-<number>-6f8d9c7b5d-",
            "namespace":"team-<team>","uid":"0d9a3f7e-11c2-4f6e-8a55-0000000<number>","resourceVersion":"<version>",
            "generation":1,"creationTimestamp":"<time>",
            "labels":\(Self.filled(labels).dropLast()),"pod-template-hash":"6f8d9c7b5d"},
            "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"model-<number>-6f8d9c7b5d",
            "uid":"77aa33f7-0b1e-4a55-9f10-0000000<number>","controller":true,"blockOwnerDeletion":true}],
            "managedFields":[\(ObjectTemplate.managedFields)]},
            "spec":\(spec.dropLast()),"nodeName":"ip-10-0-<node>.compute.internal","schedulerName":"default-scheduler"},
            "status":{"phase":"<phase>","conditions":[\(ObjectTemplate.podConditions)],
            "hostIP":"10.0.<node>","podIP":"10.4.<number>","podIPs":[{"ip":"10.4.<number>"}],
            "startTime":"<time>","containerStatuses":[{"name":"server","state":{"running":{"startedAt":"<time>"}},
            "lastState":{},"ready":true,"restartCount":<value>,"image":"vllm/vllm-openai:v0.33.0","imageID":
            "docker.io/vllm/vllm-openai@sha256:9d2f6d6c3c3c0d4a7c7d4f1d8f6f5c5be0a1b2c3d4e5f60718293a4b5c6d7e8f",
            "started":true}],"qosClass":"Burstable"}}
            """
        )
    }

    /// What a runtime makes first of a deployment, with names that stand for others.
    static func manifest(_ runtime: any Runtime.Type) throws -> JSONValue {
        let spec = DeploymentSpec(
            name: standInName,
            namespace: standInNamespace,
            runtime: runtime.id,
            model: ServedModel(id: "Qwen/Qwen3-0.6B"),
            engine: .vllm
        )
        return try runtime.render(spec).first?.object ?? .null
    }

    private static let standInName = "any-deployment"
    private static let standInNamespace = "any-team"

    private static let marks =
        #""uid":"2c1f6a6e-4b7d-4d38-9d0c-0000000<number>","resourceVersion":"<version>","creationTimestamp":"<time>""#

    /// An object with more members of its metadata.
    private static func text(_ object: JSONValue, _ more: String) -> String {
        var members = object.objectValue ?? JSONMembers()
        let metadata = filled(members["metadata"] ?? [:])
        members["metadata"] = nil
        return #"{"metadata":\#(metadata.dropLast()),\#(more)},\#(filled(.object(members)).dropFirst())"#
    }

    /// The text of a value, with places for the names.
    private static func filled(_ value: JSONValue) -> String {
        value.description.replacing(standInName, with: "model-<number>")
            .replacing(standInNamespace, with: "team-<team>")
    }
}

extension DeploymentTexts {
    /// Those of ten in turn: eight Deployments of vLLM, an InferenceService and a graph of Dynamo's.
    static func ofTen() throws -> [DeploymentTexts] {
        let pod = try manifest(VLLMRuntime.self)["spec"]?["template"]?["spec"]
        let plain = try DeploymentTexts(
            VLLMRuntime.self,
            pod: pod,
            status: """
                {"observedGeneration":1,"replicas":1,"updatedReplicas":1,"readyReplicas":<phase>,"availableReplicas":<phase>,
                "conditions":[\(condition("Available", "MinimumReplicasAvailable")),
                \(condition("Progressing", "NewReplicaSetAvailable"))]}
                """
        )
        let kserve = try DeploymentTexts(
            KServeRuntime.self,
            pod: pod,
            label: "serving.kserve.io/inferenceservice",
            status: """
                {"observedGeneration":1,"deploymentMode":"Standard",
                "address":{"url":"http://model-<number>-predictor.team-<team>.svc.cluster.local"},
                "url":"http://model-<number>-team-<team>.example.com",
                "conditions":[\(condition("IngressReady", "")),\(condition("PredictorReady", "NewReplicaSetAvailable")),
                \(condition("Ready", ""))],"modelStatus":{"copies":{"failedCopies":0,"totalCopies":<phase>},
                "states":{"activeModelState":"Loaded","targetModelState":"Loaded"},"transitionStatus":"UpToDate"}}
                """
        )
        let dynamo = try DeploymentTexts(
            DynamoRuntime.self,
            pod: pod,
            label: "nvidia.com/dynamo-graph-deployment-name",
            status: """
                {"observedGeneration":1,"state":"successful",
                "conditions":[\(condition("Ready", "all_resources_are_ready"))]}
                """
        )
        return Array(repeating: plain, count: 8) + [kserve, dynamo]
    }

    private static func condition(_ type: String, _ reason: String) -> String {
        #"{"type":"\#(type)","status":"True","reason":"\#(reason)","message":"","lastTransitionTime":"<time>"}"#
    }

    /// The definition of a runtime's custom resource.
    static func definition(_ type: ManifestType) -> ObjectTemplate {
        let name = "\(type.resource.resource).\(type.resource.group)"
        return ObjectTemplate(
            """
            {"metadata":{"name":"\(name)","uid":"4a7c7d4f-1d8f-4f5c-8be0-a1b2c3d4e5f6","resourceVersion":"<version>",
            "creationTimestamp":"2026-01-05T10:00:00Z"},"spec":{"group":"\(type.resource.group)","names":{
            "plural":"\(type.resource.resource)","kind":"\(type.kind)","listKind":"\(type.kind)List"},"scope":"Namespaced",
            "versions":[{"name":"\(type.resource.version)","served":true,"storage":true}]},
            "status":{"conditions":[{"type":"Established","status":"True","reason":"InitialNamesAccepted",
            "message":"the initial names have been accepted","lastTransitionTime":"2026-01-05T10:00:00Z"}]}}
            """
        )
    }
}
