import JSON
public import Kubernetes
import KubernetesModel
import Runtimes

/// Keeps the settings in a config map of the cluster, so that every Ingot of the cluster has the same ones.
///
/// Reading never waits: what is known comes from a watch. A change reads the config map, changes the document in it, and writes it back
/// under the resource version that was read; whoever loses that race begins again. So no change is lost, whichever process makes it.
public final class SettingsStore: Sendable {
    /// The settings as they are known.
    public struct Known: Sendable {
        /// The settings.
        public let settings: IngotSettings
        /// What cannot be understood of what is stored, or why it is not known, for people; nil when all is well.
        public let problem: String?

        /// Such settings.
        public init(settings: IngotSettings, problem: String?) {
            self.settings = settings
            self.problem = problem
        }
    }

    private static let resource = GroupVersionResource(version: "v1", resource: "configmaps")
    /// How often a change is begun again because others have written meanwhile.
    private static let mostAttempts = 100

    /// The namespace of the config map, which is Ingot's own.
    public let namespace: String
    private let client: KubernetesClient
    private let watched: WatchedObjects<SettingsDocument>
    private let writes = SerialWork()

    /// A store in that namespace; nothing is known until it runs.
    public init(client: KubernetesClient, namespace: String) {
        self.client = client
        self.namespace = namespace
        watched = WatchedObjects(
            client,
            Self.resource,
            namespace: namespace,
            ObjectSelection(
                fields: FieldSelector([.init(path: "metadata.name", value: SettingsDocument.name)])
            )
        ) { SettingsDocument($0) }
    }

    /// Keeps what is known up to date until the task is cancelled.
    public func run() async {
        await watched.run()
    }

    /// How the knowledge stands.
    public var state: CacheState { watched.snapshot.state }

    /// The settings as they are known last; the defaults while nothing is known.
    public var known: Known {
        let snapshot = watched.snapshot
        let document = snapshot.values.values.first
        guard snapshot.state.isSynced || document != nil else {
            let reason = snapshot.state.lastError.map { ": \($0)" } ?? ""
            return Known(settings: IngotSettings(), problem: "the settings have not been read yet\(reason)")
        }
        return Known(settings: document?.settings ?? IngotSettings(), problem: document?.problem)
    }

    /// Changes settings.
    ///
    /// - Returns: all settings as they are then.
    public func change(_ change: SettingsChange) async throws(SettingsFailure) -> IngotSettings {
        try await writes.run { [self] () async -> Result<IngotSettings, SettingsFailure> in
            do throws(SettingsFailure) {
                return .success(try await write(change))
            } catch {
                return .failure(error)
            }
        }
        .get()
    }

    private func write(_ change: SettingsChange) async throws(SettingsFailure) -> IngotSettings {
        for attempt in 0..<Self.mostAttempts {
            if let settings = try await attemptWrite(change) { return settings }
            // Those who collide are to come apart.
            let pause = Duration.milliseconds(Int.random(in: 0...min(10 + attempt * 5, 200)))
            try? await Task.sleep(for: pause)
        }
        throw .contended
    }

    /// The settings after the change; nil when others have written meanwhile.
    private func attemptWrite(_ change: SettingsChange) async throws(SettingsFailure) -> IngotSettings? {
        let found = try await read()
        let document = SettingsDocument(found)
        guard let changed = try document.changed(by: change) else { return document.settings }
        do throws(KubernetesError) {
            let written: JSONValue
            if var object = found {
                object.json[at: "data", SettingsDocument.key] = .string(changed.description)
                object.setLabel(OwnMarks.managedBy, OwnMarks.manager)
                written = try await client.update(
                    Self.resource,
                    object.json,
                    namespace: namespace,
                    options: WriteOptions(fieldManager: OwnMarks.manager)
                )
            } else {
                written = try await client.create(
                    Self.resource,
                    configMap(changed),
                    makingNamespace: namespace
                )
            }
            watched.learn(written)
            return SettingsDocument(KubernetesObject(written)).settings
        } catch {
            let isRace = error.isConflict || error.isAlreadyExists || (found != nil && error.isNotFound)
            guard !isRace else { return nil }
            throw .kubernetes(error, doing: "save the settings")
        }
    }

    /// The config map as it is now; nil when there is none.
    private func read() async throws(SettingsFailure) -> KubernetesObject? {
        do throws(KubernetesError) {
            return KubernetesObject(
                try await client.get(Self.resource, SettingsDocument.name, namespace: namespace)
            )
        } catch {
            if error.isNotFound { return nil }
            throw .kubernetes(error, doing: "read the settings")
        }
    }

    private func configMap(_ document: JSONValue) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": [
                "name": .string(SettingsDocument.name), "namespace": .string(namespace),
                "labels": [OwnMarks.managedBy: .string(OwnMarks.manager)],
            ],
            "data": [SettingsDocument.key: .string(document.description)],
        ]
    }
}
