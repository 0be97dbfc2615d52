import Capacity
import JSON
import Testing

@testable import Runtimes

/// Replaces variables as Kubernetes does in commands, arguments and values of variables: `$(NAME)` by its value where it has one,
/// `$$` by `$` (kubernetes/kubernetes, third_party/forked/golang/expansion).
private func expanded(_ text: String, _ variables: [String: String]) -> String {
    var result = ""
    var rest = text[...]
    while let character = rest.popFirst() {
        guard character == "$", let next = rest.first else {
            result.append(character)
            continue
        }
        if next == "$" {
            result.append(next)
            rest.removeFirst()
        } else if next == "(", let end = rest.firstIndex(of: ")") {
            let name = String(rest[..<end].dropFirst())
            result += variables[name] ?? "$(\(name))"
            rest = rest[end...].dropFirst()
        } else {
            result.append(character)
        }
    }
    return result
}

/// What somebody may write who wants to break out of a place, or to bring a secret into one.
private let attempts = [
    #"a"; rm -rf / #"#, "$(HF_TOKEN)", "$$(HF_TOKEN)", "$$$(HF_TOKEN)", "${HF_TOKEN}", "$HF_TOKEN", "`id`",
    "$", "$$",
    "a' || true", "- a: b", "{}", "&anchor *alias", "| sh", "\\$(HF_TOKEN)", "%s%n", "--host 1", "a\tb c",
    "ünï🦙",
]

@Test(arguments: attempts)
func whatSomebodyWritesStaysOneWordAndComesOutAsItIs(text: String) throws {
    // Control characters are refused before.
    let word = text.replacing("\t", with: " ")
    let json: JSONValue = [
        "name": "d", "modelId": "a/b", "hfTokenSecret": "hf", "engineArgs": ["chat-template": .string(word)],
        "engineExtraArgs": [.string(word)], "env": ["TEXT": .string(text)],
    ]
    for (runtime, engine) in [
        (RuntimeID.vllm, InferenceEngine.vllm), (.vllm, .sglang), (.vllm, .tensorRTLLM),
        (.llamacpp, .llamaCpp),
        (.kserve, .vllm),
    ] {
        let spec = try DeploymentRequest(json: json).spec(on: runtime, engine: engine, namespace: "ml")
        let type = try #require(Runtimes.runtime(runtime))
        let object = try #require(try type.render(spec).first).object
        let container =
            object["spec"]?["template"]?["spec"]?["containers"]?[0] ?? object["spec"]?["predictor"]?["model"]
            ?? .null
        let secrets = ["HF_TOKEN": "secret"]
        let words = (container["args"]?.arrayValue ?? []).compactMap(\.stringValue).map {
            expanded($0, secrets)
        }
        #expect(Array(words.suffix(3)) == ["--chat-template", word, word])
        let entry = (container["env"]?.arrayValue ?? []).first { $0["name"] == "TEXT" }
        #expect(expanded(try #require(entry?["value"]?.stringValue), secrets) == text)
    }
}

@Test(arguments: ["a/b\"; id", "$(HF_TOKEN)", "a/b\nc", "a/../b", "-x/y", "a b", "a/b&c"])
func aModelsIdThatCouldBreakOutIsRefused(id: String) {
    #expect(throws: InvalidDeployment.self) {
        try DeploymentRequest(json: ["name": "d", "modelId": .string(id)])
    }
}

@Test func aSplitModelOnANodeBringsAllItsFilesAndNothingElse() throws {
    let json: JSONValue = ["name": "d", "modelId": "local/m", "modelPath": "/srv/m-00001-of-00003.gguf"]
    let spec = try DeploymentRequest(json: json).spec(on: .llamacpp, engine: .llamaCpp, namespace: "ml")
    let pod = try #require(try LlamaCppRuntime.render(spec).first).object["spec"]?["template"]?["spec"]
    let paths = (pod?["volumes"]?.arrayValue ?? []).map { $0["hostPath"]?["path"]?.stringValue }
    #expect(
        paths == ["/srv/m-00001-of-00003.gguf", "/srv/m-00002-of-00003.gguf", "/srv/m-00003-of-00003.gguf"]
    )
    let mounts = pod?["containers"]?[0]?["volumeMounts"]?.arrayValue ?? []
    #expect(mounts.map { $0["mountPath"]?.stringValue } == paths)
    #expect(mounts.allSatisfy { $0["readOnly"] == true })
}
