import Capacity
import ControlPlane
import HTTPTypes
import JSON
import KubernetesModel
import Runtimes
import Testing

@testable import EmbeddedCluster

/// One case on its way, and what is asserted on it.
struct DeploymentCourse: Sendable {
    private let one: DeploymentCase
    private let ingot: RunningIngot
    private let api: ClusterAPI

    init(_ one: DeploymentCase, _ ingot: RunningIngot) throws {
        self.one = one
        self.ingot = ingot
        api = try #require(ingot.cluster).api
    }

    private var query: String { "?namespace=\(one.namespace)" }

    // MARK: What there is

    /// All objects of the namespace.
    var objects: Set<String> { api.objects(in: one.namespace) }

    private var workers: [KubernetesObject] {
        api.list(.pods, in: one.namespace).filter {
            one.nodeNames.contains($0.spec["nodeName"]?.stringValue ?? "")
        }
    }

    @discardableResult
    private func until(
        _ phase: DeploymentPhase,
        _ what: String = "",
        _ isFulfilled: (JSONValue) -> Bool = { _ in true }
    ) async throws -> JSONValue {
        let found = try await ingot.feed.until("\(phase.rawValue) \(what)", one.name, in: one.namespace) {
            deployment in
            deployment.map { $0["phase"]?.stringValue == phase.rawValue && isFulfilled($0) } ?? false
        }
        return try #require(found)
    }

    /// Waits until it runs with that many workers, and asserts what is told of it then.
    private func runs(workers count: Int, _ what: String) async throws {
        try await until(.running, "with \(count) workers, \(what)") { deployment in
            // Pods that were evicted stay where their end can be read.
            let pods = (deployment["pods"]?.arrayValue ?? []).filter { $0["phase"] != "Failed" }
            return deployment["replicas"] == Self.counts(count)
                && pods.allSatisfy { $0["ready"] == true && $0["phase"] == "Running" }
        }
        try await settles("it runs \(what)") { $0["code"]?.stringValue == DiagnosisCode.running.rawValue }
    }

    /// Waits until the diagnosis is so, and stays so: on its way from one state to another a deployment may look like a third.
    @discardableResult
    private func settles(_ what: String, _ isSo: (JSONValue) -> Bool) async throws -> JSONValue {
        var answers = 0
        var last = JSONValue.null
        do {
            try await ingot.eventually("\(one.name): \(what)") {
                last = try await ingot.get("\(one.path)/diagnosis\(query)").body
                answers = isSo(last) ? answers + 1 : 0
                return answers == 10
            }
        } catch {
            Issue.record("\(one.name) was told of at last: \(last)")
            throw error
        }
        return last
    }

    private static func counts(_ count: Int) -> JSONValue {
        let count = JSONValue.integer(Int64(count))
        return ["desired": count, "ready": count, "available": count]
    }

    // MARK: Steps

    func create() async throws {
        let answer = try await ingot.call(.post, "/api/deployments", one.wish)
        try #require(answer.status == 201, "\(answer.body)")
        #expect(answer.body["name"]?.stringValue == one.name)
        #expect(answer.body["provider"]?.stringValue == one.runtime.rawValue)
        try await runs(workers: one.workers, "once it was made")
        let detail = try await ingot.get(one.path + query).body
        #expect(detail["engine"]?.stringValue == one.engine.rawValue)
        #expect(detail["mode"]?.stringValue == one.mode.rawValue)
        #expect(detail["provider"]?.stringValue == one.runtime.rawValue)
        #expect(detail["managed"] == true)
        let listed = try await ingot.get("\(one.path)/pods\(query)").body["pods"]
        let names = api.list(.pods, in: one.namespace).map(\.name).sorted()
        #expect(listed?.arrayValue?.compactMap { $0["name"]?.stringValue } == names)
        if one.mode == .disaggregated {
            #expect(detail["prefillReplicas"] == ["desired": 1, "ready": 1])
            #expect(detail["decodeReplicas"] == ["desired": 1, "ready": 1])
            #expect(Set(names.count == 0 ? [] : roles(detail)).isSuperset(of: ["prefill", "decode"]))
        }
    }

    private func roles(_ deployment: JSONValue) -> [String] {
        (deployment["pods"]?.arrayValue ?? []).compactMap { $0["role"]?.stringValue }
    }

    /// One worker more, and one less.
    func scale() async throws {
        guard !one.isFixed else {
            let answer = try await ingot.call(.patch, one.path + query, ["replicas": 2])
            #expect(answer.status == 400, "\(answer.body)")
            #expect(answer.body["details"]?["fields"]?[0]?["field"] == "replicas", "\(answer.body)")
            let restart = try await ingot.call(.post, "\(one.path)/restart\(query)")
            #expect(restart.status == 409, "\(restart.body)")
            return
        }
        for count in [2, 1] {
            try await change(workers: count)
            try await runs(workers: one.workers - 1 + count, "once it was scaled")
        }
    }

    /// Breaks the workers, asserts what is told of it, and heals them.
    func endure(_ failure: InjectedFailure) async throws {
        try await start(failure)
        try await until(failure.phase(of: one), "by \(failure)") { deployment in
            let reasons = (deployment["pods"]?.arrayValue ?? []).compactMap { $0["reason"]?.stringValue }
            return failure.reason.map(reasons.contains) ?? true
        }
        try await isDiagnosed(failure)
        try await end(failure)
        try await runs(workers: one.workers, "after \(failure)")
    }

    private func start(_ failure: InjectedFailure) async throws {
        switch failure.means {
        case .startingPods:
            try await mark(failure.name)
            try await replaceWorkers()
        case .runningPods: try await mark(failure.name)
        case .lostNodes:
            try await mark(failure.name)
            try await ingot.eventually("the nodes of \(one.name) are tainted") {
                one.nodeNames.allSatisfy { name in
                    api.get(.nodes, ObjectKey(name: name))?.spec["taints"]?.arrayValue?.contains {
                        $0["key"]?.stringValue?.hasPrefix("node.kubernetes.io/") == true
                    } == true
                }
            }
            try await replaceWorkers()
        case .evictedPods:
            try await close(true)
            for pod in workers {
                try await api.update(.pods, ObjectKey(pod), as: "test") {
                    $0.setAnnotation(NodeLabels.simulate, failure.name)
                }
            }
        case .closedNodes:
            try await close(true)
            try await replaceWorkers()
        case .manyWorkers: try await change(workers: 9)
        }
    }

    private func end(_ failure: InjectedFailure) async throws {
        switch failure.means {
        case .startingPods:
            try await mark(nil)
            try await replaceWorkers()
        case .runningPods, .lostNodes: try await mark(nil)
        case .evictedPods, .closedNodes: try await close(false)
        case .manyWorkers: try await change(workers: 1)
        }
    }

    private func isDiagnosed(_ failure: InjectedFailure) async throws {
        let phase = failure.phase(of: one).rawValue
        let answer = try await settles("\(phase), \(failure.code.rawValue) after \(failure)") { diagnosis in
            let evidence = diagnosis["evidence"]?.arrayValue ?? []
            return diagnosis["code"]?.stringValue == failure.code.rawValue
                && diagnosis["phase"]?.stringValue == phase
                && evidence.contains { $0["text"]?.stringValue?.contains(failure.evidence) == true }
        }
        #expect(answer["nextSteps"]?.arrayValue?.isEmpty == false)
    }

    private func mark(_ failure: String?) async throws {
        for node in one.nodeNames {
            try await api.update(.nodes, ObjectKey(name: node), as: "test") {
                $0.setAnnotation(NodeLabels.simulate, failure)
            }
        }
    }

    private func close(_ isClosed: Bool) async throws {
        for node in one.nodeNames {
            try await api.update(.nodes, ObjectKey(name: node), as: "test") {
                $0.json[at: "spec", "unschedulable"] = isClosed ? true : nil
            }
        }
    }

    private func change(workers count: Int) async throws {
        let count = JSONValue.integer(Int64(count))
        let answer = try await ingot.call(.patch, one.path + query, [one.replicasField: count])
        #expect(answer.status == 200, "\(answer.body)")
    }

    private func replaceWorkers() async throws {
        for pod in workers {
            try await api.delete(.pods, ObjectKey(pod), DeleteOptions(uid: pod.uid))
        }
    }

    func delete(leaving before: Set<String>) async throws {
        let answer = try await ingot.call(.delete, one.path + query)
        #expect(answer.status == 200, "\(answer.body)")
        try await ingot.feed.until("it is gone", one.name, in: one.namespace) { $0 == nil }
        do {
            try await ingot.eventually("nothing is left of \(one.name)") { objects.isSubset(of: before) }
        } catch {
            let left = objects.subtracting(before)
            Issue.record("left: \(left.sorted())")
            throw error
        }
        #expect(objects == before)
        #expect(try await ingot.get(one.path + query).status == 404)
    }
}
