import Capacity
import JSON
import Runtimes
import Testing

@testable import ControlPlane

@Suite struct DeploymentPlannerTests {
    private static func plan(_ wish: JSONValue) async throws -> DeploymentPlan {
        let planner = DeploymentPlanner(
            cluster: .none,
            models: .none,
            fit: FitService(models: nil, cluster: .none)
        )
        return try await planner.plan(try DeploymentRequest(json: wish), token: nil, isPatient: false)
    }

    @Test func anImageThatBringsAModelBringsItsEngineToo() async throws {
        let plan = try await Self.plan([
            "name": "llama", "provider": "kaito", "modelSource": "premade", "premadeModel": "llama3.2:1b",
        ])
        #expect(plan.spec.engine == .llamaCpp && plan.choice == "engine llamacpp")
    }

    @Test func aRepositoryIsServedByTheRuntimesUsualEngine() async throws {
        let kaito = try await Self.plan(["name": "q", "provider": "kaito", "modelId": "Qwen/Qwen3-0.6B"])
        #expect(kaito.spec.engine == .vllm)
        let file = try await Self.plan([
            "name": "q", "modelId": "Qwen/Qwen3-0.6B-GGUF", "ggufFile": "q.gguf",
        ])
        #expect(file.spec.engine == .llamaCpp && file.spec.runtime == .llamacpp)
    }

    @Test func llamaCppGivesEachGPUSomeOfTheLayers() throws {
        let request = try DeploymentRequest(json: [
            "name": "q", "modelId": "a/b", "ggufFile": "q.gguf", "resources": ["gpu": 4],
        ])
        let own = request.spec(on: .llamacpp, engine: .llamaCpp, namespace: "default")
        let shared = own.split(of: own.workers)
        #expect(shared.tensor == 1 && shared.pipeline == 4)
        let other = request.spec(on: .vllm, engine: .vllm, namespace: "default")
        let cut = other.split(of: other.workers)
        #expect(cut.tensor == 4 && cut.pipeline == 1)
    }
}
