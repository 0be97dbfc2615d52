public import Kubernetes
public import KubernetesModel
import Runtimes
import Synchronization

/// The deployments of a cluster, kept up to date change by change: readers take a snapshot, or follow the changes.
public final class DeploymentIndex: Sendable {
    /// A mark of pods in one namespace.
    private struct Place: Hashable {
        let namespace: String
        let mark: PodMark
    }

    /// What the index is made from.
    private struct State {
        var readings: [DeploymentKey: DeploymentReading] = [:]
        /// The deployments whose pods bear a mark: those of one name that several runtimes have share theirs.
        var marked: [Place: Set<DeploymentKey>] = [:]
        /// The pods that bear a mark.
        var pods: [Place: [String: PodProjection]] = [:]
        var records: [DeploymentKey: DeploymentRecord] = [:]
        var snapshot = DeploymentSnapshot()
        /// The changes of the snapshot that nobody has been told of yet.
        var untold: [DeploymentChange] = []
        var waits = DeploymentWaits()
        var lastWait: UInt64 = 0
    }

    private let state = Mutex(State())
    private let published = Mutex(DeploymentSnapshot())
    /// The changes as they happen, and those of a while ago.
    public let changes = DeploymentChangeLog()

    /// An index that knows nothing yet.
    public init() {}

    /// The deployments now.
    public var snapshot: DeploymentSnapshot { published.withLock(\.self) }

    /// Waits until the snapshot tells of a deployment, or of its absence, such that the condition holds, or until the task is cancelled.
    func wait(
        for key: DeploymentKey,
        until condition: @escaping @Sendable (DeploymentRecord?) -> Bool
    ) async {
        let number = state.withLock { state in
            state.lastWait += 1
            return state.lastWait
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { state in
                    if Task.isCancelled || condition(state.records[key]) {
                        continuation.resume()
                    } else {
                        state.waits.add(number, key, condition, continuation)
                    }
                }
            }
        } onCancel: {
            state.withLock { $0.waits.end(number, key) }
        }
    }

    // MARK: Changes

    /// Takes up changes of custom resources.
    public func customResourcesChanged(
        _ resource: GroupResource,
        _ changes: [CacheChange<CustomResourceProjection>]
    ) {
        guard let runtime = Runtimes.all.first(where: { $0.primary.groupResource == resource }) else {
            return
        }
        update { state in
            for change in changes {
                guard let metadata = (change.new ?? change.old)?.metadata else { continue }
                let key = DeploymentKey(
                    namespace: metadata.namespace,
                    name: metadata.name,
                    runtime: runtime.id
                )
                replace(key, with: change.new.flatMap { runtime.read($0.object) }, &state)
            }
        }
    }

    /// Takes up changes of Deployments.
    public func deploymentsChanged(_ changes: [CacheChange<DeploymentProjection>]) {
        update { state in
            for change in changes where change.old?.object != nil || change.new?.object != nil {
                guard let metadata = (change.new ?? change.old)?.metadata else { continue }
                for runtime in Runtimes.all where runtime.primary == .deployment {
                    let key = DeploymentKey(
                        namespace: metadata.namespace,
                        name: metadata.name,
                        runtime: runtime.id
                    )
                    replace(key, with: change.new?.object.flatMap(runtime.read), &state)
                }
            }
        }
    }

    /// Takes up changes of pods.
    public func podsChanged(_ changes: [CacheChange<PodProjection>]) {
        update { state in
            for change in changes {
                let old = change.old.map(Self.places) ?? []
                let new = change.new.map(Self.places) ?? []
                guard let name = (change.new ?? change.old)?.metadata.name else { continue }
                for place in old where !new.contains(place) {
                    state.pods[place]?[name] = nil
                    if state.pods[place]?.isEmpty == true { state.pods[place] = nil }
                }
                for place in new { state.pods[place, default: [:]][name] = change.new }
                for place in Set(old + new) {
                    for key in state.marked[place] ?? [] { refresh(key, &state) }
                }
            }
        }
    }

    private static func places(of pod: PodProjection) -> [Place] {
        PodMark.marks(of: pod).map { Place(namespace: pod.metadata.namespace, mark: $0) }
    }

    // MARK: State

    /// Changes are taken up one after the other, and published before the next are. Whoever follows them is told of one when it is
    /// published: a reader who has heard of it finds it.
    private func update(_ body: (inout State) -> Void) {
        state.withLock { state in
            let revision = state.snapshot.revision
            body(&state)
            guard state.snapshot.revision != revision else { return }
            let snapshot = state.snapshot
            published.withLock { $0 = snapshot }
            for change in state.untold {
                changes.add(change)
                if !state.waits.isEmpty { state.waits.end(change.key, known: state.records[change.key]) }
            }
            state.untold = []
            changes.deliver()
        }
    }

    private func replace(_ key: DeploymentKey, with reading: DeploymentReading?, _ state: inout State) {
        let old = state.readings[key]
        guard old != nil || reading != nil else { return }
        for place in Self.places(of: old) where !Self.places(of: reading).contains(place) {
            state.marked[place]?.remove(key)
            if state.marked[place]?.isEmpty == true { state.marked[place] = nil }
        }
        for place in Self.places(of: reading) { state.marked[place, default: []].insert(key) }
        state.readings[key] = reading
        refresh(key, &state)
    }

    private static func places(of reading: DeploymentReading?) -> [Place] {
        reading.map { reading in reading.pods.map { Place(namespace: reading.namespace, mark: $0) } } ?? []
    }

    /// Works out anew how a deployment stands, and notes whether that differs.
    private func refresh(_ key: DeploymentKey, _ state: inout State) {
        let old = state.records[key]
        guard let reading = state.readings[key] else {
            guard let old else { return }
            state.snapshot.remove(old)
            note(key, nil, isNew: false, &state)
            return
        }
        var pods: [String: PodProjection] = [:]
        for place in Self.places(of: reading) {
            for (name, pod) in state.pods[place] ?? [:] where Self.belongs(pod, to: reading) {
                pods[name] = pod
            }
        }
        let serving = pods.values.map(ServingPod.init)
        let record = DeploymentRecord(
            reading.bounded(by: serving),
            serving,
            revision: state.snapshot.revision + 1
        )
        if let old, old.tellsTheSame(as: record) { return }
        if let old {
            state.snapshot.replace(old, with: record)
        } else {
            state.snapshot.insert(record)
        }
        note(key, record, isNew: old == nil, &state)
    }

    /// Pods that Ingot's label marks say which runtime's they are.
    private static func belongs(_ pod: PodProjection, to reading: DeploymentReading) -> Bool {
        pod.metadata.labels[OwnMarks.runtime].map { $0 == reading.runtime.rawValue } ?? true
    }

    private func note(
        _ key: DeploymentKey,
        _ record: DeploymentRecord?,
        isNew: Bool,
        _ state: inout State
    ) {
        state.snapshot.revision += 1
        state.records[key] = record
        state.untold.append(
            DeploymentChange(
                revision: state.snapshot.revision,
                key: key,
                record: record,
                isNew: isNew
            )
        )
    }
}
