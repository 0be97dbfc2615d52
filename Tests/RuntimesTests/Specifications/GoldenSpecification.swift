import Capacity
import JSON
import Testing

@testable import Runtimes

/// A specification whose manifests are on record, one file for each version of the renderer.
struct GoldenSpecification: Sendable, CustomTestStringConvertible {
    /// The name: of the deployment and of the file.
    let name: String
    /// The wish, as the API takes it, without its name, runtime and namespace.
    let wish: JSONValue
    let runtime: RuntimeID
    let engine: InferenceEngine

    var testDescription: String { fileName }

    init(_ name: String, _ runtime: RuntimeID, _ engine: InferenceEngine, _ wish: JSONValue) {
        self.name = name
        self.runtime = runtime
        self.engine = engine
        self.wish = wish
    }

    /// The file, in the folder of the version.
    var fileName: String { "\(runtime.rawValue)-\(name).yaml" }

    /// The specification: a GPU, eager, without prefix caching, unless the wish says otherwise.
    func spec() throws -> DeploymentSpec {
        var json = wish
        json["name"] = .string(name)
        return try DeploymentRequest(json: json).spec(on: runtime, engine: engine, namespace: "models")
    }

    /// All of them. Every runtime has its list in a file of its own.
    static let all = ofDynamo + ofKubeRay + ofKServe + ofVLLM + ofLlamaCpp
}
