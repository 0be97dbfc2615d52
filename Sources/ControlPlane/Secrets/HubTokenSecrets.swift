public import HuggingFace
import JSON
public import Kubernetes
import KubernetesModel
import Runtimes

/// The Hub's token in the namespaces where models are served, as one thing: saved, deleted and told of together.
///
/// What is told comes from a watch, and nobody's token is kept in memory.
public final class HubTokenSecrets: Sendable {
    /// How the token stands in a namespace.
    public struct Place: Sendable, Hashable {
        /// The namespace.
        public let namespace: String
        /// Whether pods there find a token.
        public let hasToken: Bool
        /// Whether there is a secret of that name which Ingot has not made and does not touch.
        public let isForeign: Bool
    }

    /// How the token stands.
    public struct Status: Sendable {
        /// The namespaces where it belongs.
        public let places: [Place]
        /// Whose it is; nil where that is not known, or where namespaces have different ones.
        public let user: HubUser?

        /// Whether pods find a token wherever they may need one.
        public var isConfigured: Bool { places.allSatisfy(\.hasToken) }
    }

    /// What became of a namespace's secret.
    public struct Outcome: Sendable, Hashable {
        /// The namespace.
        public let namespace: String
        /// Why it is not as it was to be, for people; nil when it is.
        public let problem: String?
        /// Whether the reason is that somebody else has made the secret.
        public var isForeign = false
    }

    /// Why nothing was done.
    public enum Failure: Error, Sendable {
        /// Others write all the time.
        case contended
        /// The API server refused or did not answer; what was being done.
        case kubernetes(KubernetesError, doing: String)
    }

    /// Those that the KubeFoundry API documents, in its order.
    static let documented = ["dynamo-system", "kuberay-system", "kaito-workspace", "default"]
    /// The one of them that counts only where it is there.
    static let optional = "kaito-workspace"

    let client: KubernetesClient
    let ownNamespace: String
    private let caches: ClusterCaches
    private let deployments: DeploymentIndex
    private let defaultNamespace: @Sendable () -> String
    private let record: HubUserRecord
    let copies: WatchedObjects<KnownHubSecret>
    private let writes = SerialWork()

    /// Nothing is known until it runs.
    ///
    /// - Parameters:
    ///   - ownNamespace: where Ingot keeps the original.
    ///   - defaultNamespace: where deployments go that name no namespace.
    ///   - record: remembers whose the token is.
    public init(
        client: KubernetesClient,
        ownNamespace: String,
        caches: ClusterCaches,
        deployments: DeploymentIndex,
        defaultNamespace: @escaping @Sendable () -> String,
        record: HubUserRecord
    ) {
        self.client = client
        self.ownNamespace = ownNamespace
        self.caches = caches
        self.deployments = deployments
        self.defaultNamespace = defaultNamespace
        self.record = record
        copies = WatchedObjects(
            client,
            HubTokenSecret.resource,
            ObjectSelection(fields: FieldSelector([.init(path: "metadata.name", value: HubTokenSecret.name)]))
        ) { object in
            let token = HubTokenSecret.token(object).flatMap(Base64.bytes(of:))
            return KnownHubSecret(
                isManaged: HubTokenSecret.isManaged(object),
                revision: HubTokenSecret.revision(object),
                mark: token.map(record.mark(of:))
            )
        }
    }

    /// Keeps what is known up to date until the task is cancelled. What a process that has ended did not complete is completed first.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.copies.run() }
            group.addTask { await self.complete() }
        }
    }

    // MARK: Reading

    /// How the knowledge stands that the status is made from.
    public var states: [CacheState] { [copies.snapshot.state, caches.namespaces.state] }

    /// How the token stands.
    public func status() -> Status {
        let known = copies.snapshot.values
        let places = namespaces.map { namespace in
            let secret = known[ResourceKey(namespace: namespace, name: HubTokenSecret.name)]
            return Place(
                namespace: namespace,
                hasToken: secret?.mark != nil,
                isForeign: secret?.isManaged == false
            )
        }
        let marks = Self.marks(known)
        let user = marks.count == 1 ? marks.first.flatMap(record.user) : nil
        return Status(places: places, user: user)
    }

    private static func marks(_ known: [ResourceKey: KnownHubSecret]) -> Set<TokenMark> {
        Set(known.values.filter(\.isManaged).compactMap(\.mark))
    }

    /// Where the token belongs: the documented namespaces, then the others by name, namely those of installed providers and of
    /// deployments, the one that deployments go to by default, and those that have it already.
    var namespaces: [String] {
        let documented = Self.documented.filter { namespace in
            namespace != Self.optional || caches.namespaces[ResourceKey(name: namespace)] != nil
        }
        var others = Set(deployments.snapshot.newestFirst.map(\.reading.namespace))
        others.insert(defaultNamespace())
        for provider in Provider.all where isInstalled(provider) { others.insert(provider.namespace) }
        for (key, secret) in copies.snapshot.values where secret.isManaged { others.insert(key.namespace) }
        return documented + others.subtracting(documented).sorted()
    }

    /// Whether a provider is installed, and has a namespace of its own: one that was installed elsewhere has none here.
    private func isInstalled(_ provider: Provider) -> Bool {
        caches.namespaces[ResourceKey(name: provider.namespace)] != nil
            && ProviderInstallation(provider, caches)?.isInstalled == true
    }

    // MARK: Writing

    /// Saves a token in all namespaces.
    ///
    /// - Parameter user: whose it is, by the Hub's word.
    /// - Throws: when not even the original was written; then nothing has changed.
    public func save(_ token: HubToken, of user: HubUser) async throws(Failure) -> [Outcome] {
        let bytes = Array(token.revealed().utf8)
        return try await serially { () throws(Failure) in
            // Before the token: whichever token is there after an interruption, it is known whose it is.
            await self.record.remember(
                user,
                self.record.mark(of: bytes),
                beside: Self.marks(self.copies.snapshot.values)
            )
            try await self.writeOriginal(Base64.text(of: bytes))
            return try await self.copyOriginal()
        }
    }

    /// Copies the token that is saved to one more namespace; returns whether pods find a token there then.
    func provide(_ namespace: String) async -> Bool {
        await writes.run { await self.copyOriginal(to: namespace) }
    }

    /// Deletes the token in all namespaces.
    ///
    /// - Throws: when not even the original was written; then nothing has changed.
    public func delete() async throws(Failure) -> [Outcome] {
        try await serially { () throws(Failure) in
            try await self.writeOriginal(nil)
            await self.record.forget()
            return try await self.copyOriginal()
        }
    }

    /// Completes what was begun before this process: copies are brought to the state of the original.
    private func complete() async {
        var pause = Duration.milliseconds(200)
        while !Task.isCancelled {
            if states.allSatisfy(\.isSynced), (try? await serially(copyOriginal)) != nil { return }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(30))
        }
    }

    private func serially(
        _ work: @escaping @Sendable () async throws(Failure) -> [Outcome]
    ) async throws(Failure) -> [Outcome] {
        try await writes.run { () async -> Result<[Outcome], Failure> in
            do throws(Failure) {
                return .success(try await work())
            } catch {
                return .failure(error)
            }
        }
        .get()
    }
}
