import Kubernetes
import Synchronization

/// An API server of several resources that misbehaves as told until it is told to stop, while its objects change.
final class FaultyCluster: Sendable {
    /// The objects of each resource by the path of its collection.
    let served: [String: ServedPods]
    private let isOver = Mutex(false)
    private let generator: Mutex<SeededGenerator>
    private let choose: @Sendable (ScriptedRequest, (Int) -> Int) -> Misbehaviour?

    /// - Parameters:
    ///   - seed: what changes, and when, follows from it and the order of the requests.
    ///   - choose: how to answer a request, by a source of random numbers below a bound; nil for as it should be.
    init(seed: UInt64, _ choose: @escaping @Sendable (ScriptedRequest, (Int) -> Int) -> Misbehaviour?) {
        var served: [String: ServedPods] = [:]
        for (path, _) in Self.resources { served[path] = ServedPods() }
        for pods in served.values {
            for number in 0..<5 { pods.put("object-\(number)") }
        }
        self.served = served
        generator = Mutex(SeededGenerator(state: seed))
        self.choose = choose
    }

    /// The resources that are kept, and what is known of them.
    static let resources: [(path: String, known: @Sendable (ClusterCaches) -> [String: Int])] = [
        ("/api/v1/nodes", { versions($0.nodes) { $0.metadata } }),
        ("/api/v1/pods", { versions($0.pods) { $0.metadata } }),
        ("/api/v1/namespaces", { versions($0.namespaces) { $0.metadata } }),
        (
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            { versions($0.definitions) { $0.metadata } }
        ),
        ("/api/v1/events", { versions($0.events) { $0.metadata } }),
        ("/api/v1/services", { versions($0.services) { $0.metadata } }),
        ("/apis/apps/v1/deployments", { versions($0.deployments) { $0.metadata } }),
        ("/api/v1/configmaps", { versions($0.configMaps) { $0.metadata } }),
        ("/api/v1/secrets", { versions($0.secrets) { $0.metadata } }),
    ]

    private static func versions<Object>(
        _ snapshot: CacheSnapshot<Object>,
        _ metadata: (Object) -> ObjectMetadata
    ) -> [String: Int] {
        var versions: [String: Int] = [:]
        for object in snapshot.objects {
            let metadata = metadata(object)
            versions[metadata.name] = Int(metadata.resourceVersion)
        }
        return versions
    }

    /// The paths of those resources of which something else is known than what is there.
    func differing(_ caches: ClusterCaches) -> [String] {
        Self.resources.filter { $0.known(caches) != served[$0.path]?.pods }.map(\.path)
    }

    /// Behaves well from now on, after one more change of each resource.
    func stop() {
        isOver.withLock { $0 = true }
        for pods in served.values { pods.put("last") }
    }

    func answer(_ request: ScriptedRequest, _ connection: ScriptedConnection) {
        guard let served = served[request.path] else {
            return connection.answer(failure(404, "NotFound"), status: 404)
        }
        guard !isOver.withLock({ $0 }) else { return served.serve(request, connection) }
        for _ in 0..<random(4) {
            let name = "object-\(random(9))"
            if random(3) == 0 { served.delete(name) } else { served.put(name) }
        }
        if let way = choose(request, random) {
            way.answer(request, connection, served)
        } else if request.query["watch"] == nil {
            served.serve(request, connection)
        } else {
            served.serveWatch(request, connection, lines: 2)
        }
    }

    private func random(_ bound: Int) -> Int {
        generator.withLock { Int.random(in: 0..<bound, using: &$0) }
    }
}
