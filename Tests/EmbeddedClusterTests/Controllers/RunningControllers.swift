import JSON
import KubernetesModel
import Logging
import Testing

@testable import EmbeddedCluster

/// A cluster in memory and in a temporary database whose controllers run, until it is let go.
final class RunningControllers: Sendable {
    struct GaveUp: Error {}

    let api: ClusterAPI
    let clock: ManualClock?
    private let directory: TemporaryDirectory
    private let task: Task<Void, Never>

    /// - Parameters:
    ///   - kubelet: Plays the nodes' part; nil when the test does so itself.
    ///   - clock: The time for all; the system's when nil.
    convenience init(
        _ controllers: [any Controller],
        kubelet: PlayedKubelet? = PlayedKubelet(),
        clock: ManualClock? = nil
    ) async throws {
        try await self.init({ _ in controllers + [kubelet].compactMap { $0 } }, clock: clock)
    }

    /// - Parameter controllers: Makes the controllers, for those that need the API.
    init(_ controllers: (ClusterAPI) -> [any Controller], clock: ManualClock? = nil) async throws {
        directory = try TemporaryDirectory()
        let store = try ObjectStore(path: directory.file("cluster.db"))
        let api =
            clock.map { clock in ClusterAPI(store: store, now: { clock.time }) } ?? ClusterAPI(store: store)
        self.api = api
        self.clock = clock
        try await api.create(.namespaces, KubernetesObject(["metadata": ["name": "default"]]), as: "test")
        let loops = controllers(api).map { controller in
            ControllerLoop(
                controller: controller,
                api: api,
                clock: clock ?? ContinuousClock(),
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            )
        }
        task = Task {
            await withTaskGroup(of: Void.self) { group in
                for loop in loops { group.addTask { await loop.run() } }
            }
        }
    }

    deinit { task.cancel() }

    /// Returns the first state seen that fulfils a condition, or throws when the test's time is over. The state now may be another:
    /// nothing waits for who has waited.
    ///
    /// - Parameter step: Lets the manual clock go on by that much whenever somebody sleeps for no longer. A controller may look
    ///   again before and after a step, and then sleeps anew.
    @discardableResult
    func eventually(
        _ what: Comment,
        passing step: Duration? = nil,
        _ isFulfilled: @Sendable (ClusterState) -> Bool,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> ClusterState {
        while true {
            let state = api.state
            if isFulfilled(state) { return state }
            if Task.isCancelled {
                Issue.record(what, sourceLocation: sourceLocation)
                throw GaveUp()
            }
            let resources = Set(api.catalog.definitions.map(\.groupResource))
            await withTaskGroup(of: Void.self) { group in
                for resource in resources {
                    group.addTask { await self.api.store.waitForChange(of: resource, since: state.revision) }
                }
                if let clock, let step {
                    group.addTask {
                        await clock.somebodySleeps(within: step)
                        if !Task.isCancelled { clock.advance(by: step) }
                    }
                }
                await group.next()
                group.cancelAll()
            }
        }
    }

    /// Makes an object from its JSON, in the namespace `default`.
    @discardableResult
    func create(_ resource: GroupResource, _ name: String, _ json: JSONValue) async throws -> KubernetesObject
    {
        var object = KubernetesObject(json)
        object.name = name
        if try api.definition(of: resource).isNamespaced, object.namespace.isEmpty {
            object.namespace = "default"
        }
        return try await api.create(resource, object, as: "test")
    }

    func get(_ resource: GroupResource, _ name: String) -> KubernetesObject? {
        api.state.object(resource, "default", name)
    }

    func update(
        _ resource: GroupResource,
        _ name: String,
        _ change: @escaping @Sendable (inout KubernetesObject) -> Void
    ) async throws {
        try await api.update(resource, ObjectKey(namespace: "default", name: name), as: "test", change)
    }

    func delete(
        _ resource: GroupResource,
        _ name: String,
        _ propagation: DeleteOptions.Propagation? = nil
    ) async throws {
        try await api.delete(
            resource,
            ObjectKey(namespace: "default", name: name),
            DeleteOptions(propagation: propagation)
        )
    }

    /// What the events of one reason say, in the order of their first time.
    func messages(_ reason: String) -> [String] {
        api.list(.events).filter { $0.json["reason"]?.stringValue == reason }
            .sorted { $0.resourceNumber < $1.resourceNumber }
            .compactMap { $0.json["message"]?.stringValue }
    }
}

extension KubernetesObject {
    var resourceNumber: Int { Int(resourceVersion) ?? 0 }
}

/// Does to pods what a scheduler and a kubelet do, at once.
struct PlayedKubelet: Controller {
    let name = "played-kubelet"
    /// The status that a pod gets that has none from its node yet; nil leaves it as it is.
    var status: @Sendable (KubernetesObject) -> JSONValue? = { PlayedKubelet.running($0) }
    var triggers: [Trigger] { [.itself(.pods)] }

    static func running(_ pod: KubernetesObject) -> JSONValue {
        let number = pod.uid.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
        return [
            "phase": "Running", "podIP": .string("10.244.\(number >> 8).\(number & 255)"),
            "conditions": [
                ["type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"]
            ],
        ]
    }

    static func ended(_ phase: String, code: Int64) -> JSONValue {
        [
            "phase": .string(phase),
            "conditions": [["type": "Ready", "status": "False"]],
            "containerStatuses": [["name": "c", "state": ["terminated": ["exitCode": .integer(code)]]]],
        ]
    }

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        guard let pod = api.get(.pods, key) else { return nil }
        if pod.isBeingDeleted {
            if pod.json["metadata"]?["deletionGracePeriodSeconds"] != 0 {
                try await api.delete(.pods, key, DeleteOptions(gracePeriodSeconds: 0))
            }
            return nil
        }
        if PodState.node(pod).isEmpty {
            try await api.update(.pods, key, as: name) { pod in
                pod.json[at: "spec", "nodeName"] = .string(DaemonSetPods.node(of: pod) ?? "node-1")
            }
        }
        if pod.status["phase"] == "Pending", let status = status(pod) {
            try await api.updateStatus(.pods, key, as: name) { pod in
                for member in status.objectValue ?? JSONMembers() {
                    pod.json[at: "status", member.key] = member.value
                }
            }
        }
        return nil
    }
}
