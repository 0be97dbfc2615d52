import Capacity
import JSON
import Testing

@testable import Runtimes

private let file: JSONValue = ["name": "m", "modelId": "o/m-GGUF", "ggufFile": "m-Q4_K_M.gguf"]
private let premade: JSONValue = ["name": "m", "premadeModel": "llama3.2:1b"]
private let repository: JSONValue = ["name": "m", "modelId": "o/m"]

private func problems(_ wish: JSONValue, _ changes: JSONValue) throws -> [String] {
    var json = wish
    for member in changes.objectValue ?? JSONMembers() { json[member.key] = member.value }
    let request = try DeploymentRequest(json: json)
    let engine = request.engine ?? KaitoRuntime.usualEngine(for: request)
    do throws(InvalidDeployment) {
        _ = try KaitoRuntime.render(request.spec(on: .kaito, engine: engine, namespace: "models"))
        return []
    } catch {
        return error.problems.map(\.path)
    }
}

@Test func whereTheModelComesFromIsToldByItsFields() throws {
    for (wish, engine) in [(file, InferenceEngine.llamaCpp), (premade, .llamaCpp), (repository, .vllm)] {
        let request = try DeploymentRequest(json: wish)
        #expect(KaitoRuntime.usualEngine(for: request) == engine)
        #expect(try problems(wish, [:]) == [])
    }
}

@Test(
    arguments: [
        (premade, ["premadeModel": "llama9:1b"], ["premadeModel"]),
        (repository, ["modelSource": "premade", "engine": "llamacpp"], ["premadeModel"]),
        (premade, ["modelSource": "huggingface"], ["premadeModel", "modelId", "ggufFile"]),
        (repository, ["modelSource": "huggingface"], ["ggufFile"]),
        (file, ["modelSource": "vllm"], ["ggufFile"]),
        (premade, ["modelSource": "vllm"], ["premadeModel", "modelId"]),
        (file, ["engine": "vllm"], ["engine"]),
        (repository, ["engine": "llamacpp"], ["engine", "resources.gpu"]),
        (repository, ["engine": "sglang"], ["engine"]), (repository, ["mode": "disaggregated"], ["engine"]),
        (repository, ["resources": ["gpu": 0]], ["resources.gpu"]),
        (repository, ["replicas": 0], ["replicas"]),
        (repository, ["resources": ["gpu": 4], "tensorParallelSize": 2], ["tensorParallelSize"]),
        (file, ["computeType": "gpu", "resources": ["gpu": 0]], ["resources.gpu"]),
        (premade, ["contextLength": 4096], ["contextLength"]),
        (premade, ["servedModelName": "x"], ["servedModelName"]),
        (premade, ["modelCache": ["claimName": "models"]], ["modelCache"]),
        (file, ["ggufRunMode": "build", "maxModelLen": 4096], ["contextLength"]),
        (file, ["servedModelName": "x"], ["servedModelName"]), (file, ["servedModelName": "m-Q4_K_M"], []),
        (file, ["name": .string(String(repeating: "n", count: 53))], ["name"]),
    ] as [(JSONValue, JSONValue, [String])]
)
func whatKaitoCannotDoIsNamed(wish: JSONValue, changes: JSONValue, paths: [String]) throws {
    #expect(try problems(wish, changes) == paths)
}

@Test(
    arguments: [
        (
            "TheBloke/Llama-2-7B-Chat-GGUF", "llama-2-7b-chat.Q4_K_M.gguf",
            "aikit-thebloke-llama-2-7b-chat-gguf:Q4_K_M"
        ),
        ("o/m_x.y", "sub/m-IQ2_XXS.gguf", "aikit-o-m-x-y:IQ2_XXS"), ("o/m", "m-f16.gguf", "aikit-o-m:F16"),
        ("o/m", "q4/m.gguf", "aikit-o-m:custom"), ("o/m", "m.Q8_0.gguf", "aikit-o-m:Q8_0"),
        ("o/m", "m-Q4.gguf", "aikit-o-m:Q4"),
    ]
)
func aBuiltImageIsNamedAfterTheModelAndItsQuantization(model: String, file: String, image: String) {
    #expect(AIKitImage.built(model: model, file: file) == "localhost:30500/\(image)")
}

@Test func aTokenGoesToWhoLoadsTheModelAndToNobodyElse() throws {
    var json = file
    json["hfTokenSecret"] = "hf"
    let spec = try DeploymentRequest(json: json).spec(on: .kaito, engine: .llamaCpp, namespace: "models")
    let pod = try #require(try KaitoRuntime.render(spec).first).object["inference"]?["template"]?["spec"]
    #expect(pod?["initContainers"]?[0]?["env"]?[0]?["name"] == "HF_TOKEN")
    #expect(pod?["containers"]?[0]?["env"] == nil)
    let arguments = pod?["initContainers"]?[0]?["args"]?.arrayValue ?? []
    // By this the runner knows that it has the model.
    #expect(arguments.last == pod?["containers"]?[0]?["args"]?[0])
}
