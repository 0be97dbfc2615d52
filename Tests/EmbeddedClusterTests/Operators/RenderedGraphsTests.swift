import Capacity
import JSON
import KubernetesModel
import Testing
import YAML

@testable import EmbeddedCluster
@testable import Runtimes

/// What the runtimes make of specifications, brought up by the operators that they are made for, and read back.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct RenderedGraphsTests {
    /// A deployment on record (Tests/RuntimesTests/Golden), in the namespace `default`.
    struct Recorded: Sendable, CustomTestStringConvertible {
        let file: String
        let object: KubernetesObject
        let runtime: any Runtime.Type

        var testDescription: String { file }
        var name: String { object.name }
        var resource: GroupResource { runtime.primary.groupResource }
    }

    static let recorded: [Recorded] = {
        let folder = SourceFolder("../../RuntimesTests/Golden/\(Runtimes.rendererVersion)")
        let runtimes: [any Runtime.Type] = [DynamoRuntime.self, KubeRayRuntime.self]
        return runtimes.flatMap { runtime in
            folder.names(beginningWith: "\(runtime.id.rawValue)-").compactMap { file in
                guard let json = try? YAMLNode(parsing: folder.text(of: file)).json else { return nil }
                var object = KubernetesObject(json)
                object.namespace = "default"
                return Recorded(file: file, object: object, runtime: runtime)
            }
        }
    }()

    @Test func deploymentsAreOnRecord() {
        #expect(Self.recorded.count >= 10)
    }

    private static func cluster(_ recorded: Recorded) async throws -> OperatorCluster {
        let cluster = try await OperatorCluster()
        try await cluster.install(recorded.runtime.id.rawValue)
        try await cluster.running.create(.secrets, "hf-token-secret", ["data": ["HF_TOKEN": "aGY="]])
        try await cluster.running.create(
            .persistentVolumeClaims,
            "models",
            [
                "spec": [
                    "accessModes": ["ReadWriteMany"], "volumeName": "models",
                    "resources": ["requests": ["storage": "1Gi"]],
                ]
            ]
        )
        let claim = ObjectKey(namespace: "default", name: "models")
        try await cluster.api.updateStatus(.persistentVolumeClaims, claim, as: "test") {
            $0.json[at: "status", "phase"] = "Bound"
        }
        return cluster
    }

    private static func pods(_ reading: DeploymentReading, _ state: ClusterState) -> [KubernetesObject] {
        state.objects(.pods, in: "default").filter { pod in
            reading.pods.contains { mark in
                guard case .label(let key, let value) = mark else { return false }
                return pod.label(key) == value
            }
        }
    }

    private static func standing(_ recorded: Recorded, _ state: ClusterState) -> DeploymentStanding? {
        guard let object = state.object(recorded.resource, "default", recorded.name),
            let reading = recorded.runtime.read(object)
        else { return nil }
        return DeploymentStanding(reading, pods(reading, state).map(ServingPod.init))
    }

    /// Waits until a deployment runs with that many workers.
    private static func runs(
        _ recorded: Recorded,
        _ workers: Int,
        _ cluster: OperatorCluster
    ) async throws -> DeploymentReading {
        let state = try await cluster.running.eventually("it runs with \(workers) workers") { state in
            guard standing(recorded, state)?.phase == .running,
                let object = state.object(recorded.resource, "default", recorded.name),
                let reading = recorded.runtime.read(object)
            else { return false }
            // A frontend or a head beside the workers.
            return reading.replicas == ReplicaCounts(desired: workers, ready: workers)
                && pods(reading, state).count == workers + 1
        }
        let object = try #require(state.object(recorded.resource, "default", recorded.name))
        let reading = recorded.runtime.read(object)
        return try #require(reading)
    }

    @Test("a deployment runs, is scaled, and leaves nothing behind when it is deleted", arguments: recorded)
    func isBroughtUp(_ recorded: Recorded) async throws {
        let cluster = try await Self.cluster(recorded)
        var spec = try #require(OwnMarks.specification(of: recorded.object)).spec
        try await cluster.running.create(recorded.resource, recorded.name, recorded.object.json)
        let count = spec.groups.reduce(0) { $0 + $1.replicas.count }
        let reading = try await Self.runs(recorded, count, cluster)
        #expect(reading.isManaged && reading.mode == spec.mode && reading.modelID == spec.model.id)
        let endpoint = try #require(reading.endpoint)
        let service = try #require(cluster.running.get(.services, endpoint.service))
        #expect(
            service.spec["ports"]?.arrayValue?.contains { $0["port"] == .integer(Int64(endpoint.port)) }
                == true
        )
        // Every mark by itself knows all the pods, of which there are no others.
        let all = cluster.api.list(.pods, in: "default").map(\.name).sorted()
        for mark in reading.pods {
            guard case .label(let key, let value) = mark else { continue }
            #expect(cluster.pods(key, value).map(\.name).sorted() == all, "\(key)")
        }
        if spec.mode == .disaggregated {
            #expect(reading.prefill?.ready == spec.prefill.replicas.count)
            #expect(reading.decode?.ready == spec.decode.replicas.count)
            #expect(cluster.pods(OwnMarks.role, "decode").count == spec.decode.replicas.count)
        }

        if spec.mode == .disaggregated {
            spec.decode.replicas.count += 1
        } else {
            spec.workers.replicas.count += 1
        }
        let scaled = try recorded.runtime.render(spec).first?.object["spec"]
        try await cluster.running.update(recorded.resource, recorded.name) { $0.spec = scaled ?? [:] }
        _ = try await Self.runs(recorded, count + 1, cluster)

        try await cluster.running.delete(recorded.resource, recorded.name)
        try await cluster.eventuallyNone([
            recorded.resource, DynamoOperator.components, KubeRayOperator.clusters, .deployments, .pods,
            .services,
        ])
    }

    @Test("bounds of Ray's replicas move in the cluster that runs")
    func movesBounds() async throws {
        let recorded = try #require(Self.recorded.first { $0.file == "kuberay-usual.yaml" })
        let cluster = try await Self.cluster(recorded)
        var spec = try #require(OwnMarks.specification(of: recorded.object)).spec
        spec.namespace = "default"
        spec.workers.replicas = ReplicaRange(1, minimum: 1, maximum: 2)
        let first = try #require(try recorded.runtime.render(spec).first?.object)
        try await cluster.running.create(recorded.resource, recorded.name, first)
        _ = try await Self.runs(recorded, 1, cluster)
        let before = cluster.api.list(KubeRayOperator.clusters, in: "default").map(\.uid)

        spec.workers.replicas = ReplicaRange(4, minimum: 4, maximum: 6)
        let moved = try recorded.runtime.render(spec).first?.object["spec"]
        try await cluster.running.update(recorded.resource, recorded.name) { $0.spec = moved ?? [:] }
        _ = try await Self.runs(recorded, 4, cluster)
        #expect(cluster.api.list(KubeRayOperator.clusters, in: "default").map(\.uid) == before)
    }

    @Test(
        "a deployment whose images cannot be pulled has failed, whatever its operator says",
        arguments: ["dynamo-vllm-usual.yaml", "kuberay-usual.yaml"]
    )
    func showsFailures(_ file: String) async throws {
        let recorded = try #require(Self.recorded.first { $0.file == file })
        let cluster = try await Self.cluster(recorded)
        var object = recorded.object
        object.setAnnotation(NodeLabels.simulate, "ImagePullBackOff")
        try await cluster.running.create(recorded.resource, recorded.name, object.json)
        try await cluster.running.eventually("it has failed") { state in
            let standing = Self.standing(recorded, state)
            return standing?.phase == .failed && standing?.failure?.reason == "ImagePullBackOff"
        }
    }
}

extension ServingPod {
    /// What a pod of the cluster says, as far as deployments are judged by it.
    fileprivate init(_ object: KubernetesObject) {
        self.init(name: object.name, phase: object.status["phase"]?.stringValue ?? "Pending")
        isReady = object.isTrue("Ready")
        isBeingDeleted = object.isBeingDeleted
        node = object.spec["nodeName"]?.stringValue ?? ""
        containers = ["initContainerStatuses", "containerStatuses"].flatMap { key in
            (object.status[key]?.arrayValue ?? []).map { status in
                var container = Container(name: status["name"]?.stringValue ?? "")
                container.isInitial = key == "initContainerStatuses"
                container.isReady = status["ready"]?.boolValue == true
                container.waitingReason = status["state"]?["waiting"]?["reason"]?.stringValue ?? ""
                container.terminatedReason = status["state"]?["terminated"]?["reason"]?.stringValue ?? ""
                container.exitCode = status["state"]?["terminated"]?["exitCode"]?.integerValue.map {
                    Int(clamping: $0)
                }
                return container
            }
        }
    }
}
