import Capacity
import JSON
import Testing

@testable import Runtimes

/// The wish that the API's document shows.
private let documented: JSONValue = [
    "name": "qwen-deployment", "namespace": "kubefoundry", "modelId": "Qwen/Qwen3-0.6B", "engine": "vllm",
    "mode": "aggregated", "replicas": 1, "hfTokenSecret": "hf-token-secret", "enforceEager": true,
    "enablePrefixCaching": false, "trustRemoteCode": false,
]

private func problems(_ changes: JSONValue) -> [String] {
    var json = documented
    for member in changes.objectValue ?? JSONMembers() { json[member.key] = member.value }
    do throws(InvalidDeployment) {
        _ = try DeploymentRequest(json: json)
        return []
    } catch {
        return error.problems.map(\.path)
    }
}

@Test func theDocumentedBodyIsRead() throws {
    let request = try DeploymentRequest(json: documented)
    let spec = request.spec(on: .dynamo, engine: .vllm, namespace: "default")
    #expect(spec.name == "qwen-deployment" && spec.namespace == "kubefoundry")
    #expect(spec.model == ServedModel(id: "Qwen/Qwen3-0.6B"))
    #expect(spec.workers == WorkerGroup(role: .whole))
    #expect(spec.tokenSecret == "hf-token-secret")
    #expect(spec.isEager && !spec.cachesPrefixes && !spec.trustsRemoteCode)
}

@Test func aSpecificationIsReadBackFromItsJSON() throws {
    var json = documented
    let more: JSONValue = [
        "mode": "disaggregated", "routerMode": "kv", "prefillReplicas": 2, "decodeReplicas": 3,
        "prefillGpus": 2,
        "decodeGpus": 4, "contextLength": 32768, "gpuMemoryUtilization": 0.85, "maxNumSeqs": 64,
        "engineArgs": ["max-num-batched-tokens": 8192, "swap-space": 4], "engineExtraArgs": ["--x", "y z"],
        "env": ["A": "1", "B": "two words"], "nodeSelector": ["pool": "gpu"], "image": "vllm/vllm-openai:v1",
        "tolerations": [["key": "dedicated", "operator": "Equal", "value": "ml", "effect": "NoSchedule"]],
        "modelCache": ["claimName": "models", "mountPath": "/models"], "servedModelName": "qwen",
        "kvConnector": "SimpleConnector", "headCpu": "2", "acceleratorType": "L4",
        "podAnnotations": ["a.b/c": "d"],
    ]
    for member in more.objectValue ?? JSONMembers() { json[member.key] = member.value }
    let spec = try DeploymentRequest(json: json).spec(on: .kuberay, engine: .vllm, namespace: "default")
    let again = try DeploymentRequest(json: spec.json)
    #expect(again.spec(on: .kuberay, engine: .vllm, namespace: "other") == spec)
    #expect(spec.decode.gpus == 4 && spec.environment.map(\.name) == ["A", "B"])
}

@Test(
    arguments: [
        (["name": "Bad_Name"], "name"), (["name": .null], "name"), (["namespace": "-x"], "namespace"),
        (["modelId": "../../etc"], "modelId"), (["modelId": "a/b; rm -rf /"], "modelId"),
        (["modelId": "--model"], "modelId"), (["modelId": ""], "modelId"), (["engine": "vlm"], "engine"),
        (["mode": 7], "mode"), (["replicas": "1"], "replicas"), (["replicas": -1], "replicas"),
        (["resources": ["gpus": 1]], "resources.gpus"),
        (["resources": ["memory": "lots"]], "resources.memory"),
        (["minReplicas": 3, "maxReplicas": 2], "minReplicas"), (["contextLength": 0], "contextLength"),
        (["engineArgs": ["port": 1]], "engineArgs.port"), (["engineArgs": ["a b": 1]], "engineArgs.a b"),
        (["engineArgs": ["max_model_len": 1]], "engineArgs.max_model_len"),
        (["engineExtraArgs": ["--port=1"]], "engineExtraArgs"), (["env": ["1A": "x"]], "env.1A"),
        (["env": ["A": 1]], "env.A"),
        (["hfTokenSecret": "a/b"], "hfTokenSecret"),
        (["nodeSelector": ["a b": "c"]], "nodeSelector.a b"), (["image": "x y"], "image"),
        (["tolerations": [["key": "k", "operator": "Maybe"]]], "tolerations[0].operator"),
        (["modelCache": ["mountPath": "/a/../b"]], "modelCache.claimName"), (["replicsa": 2], "replicsa"),
        (["servedModelName": "a\u{7}b"], "servedModelName"), (["provider": "nomad"], "provider"),
    ] as [(JSONValue, String)]
)
func aBadFieldIsNamed(changes: JSONValue, path: String) {
    #expect(problems(changes).contains(path))
}

@Test func everythingThatIsWrongIsToldAtOnceWithWhatWasMeant() {
    do throws(InvalidDeployment) {
        _ = try DeploymentRequest(json: ["name": "X", "engine": "vlm", "replics": 1])
        Issue.record("it was taken")
    } catch {
        #expect(error.problems.map(\.path) == ["engine", "name", "modelId", "replics"])
        #expect(error.description.contains("did you mean vllm?"))
        #expect(error.description.contains("did you mean replicas?"))
    }
}
