import JSON
import Kubernetes
import KubernetesModel
import Runtimes
import Synchronization
import Testing

@testable import APIs
@testable import ControlPlane
@testable import Kubernetes

@Suite struct DeploymentFollowerTests {
    /// Somebody else's deployment of vLLM.
    private static func object(_ name: String, _ namespace: String, replicas: Int, version: Int) throws
        -> DeploymentProjection
    {
        let object: JSONValue = [
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": [
                "name": .string(name), "namespace": .string(namespace), "uid": .string("u-\(name)"),
                "resourceVersion": .string(String(version)),
            ],
            "spec": [
                "replicas": .integer(Int64(replicas)),
                "template": [
                    "spec": [
                        "containers": [
                            ["name": "server", "image": "vllm/vllm-openai:v0.8.0", "args": ["--model", "m"]]
                        ]
                    ]
                ],
            ],
        ]
        return try JSONScanner.scan(object.encoded()) { (scanner) throws(JSONScanError) in
            try DeploymentProjection(&scanner)
        }
    }

    /// An index, changed by hand.
    private final class Cluster: Sendable {
        let index = DeploymentIndex()
        private let state = Mutex<(version: Int, objects: [String: DeploymentProjection])>((0, [:]))

        func set(_ name: String, in namespace: String = "a", replicas: Int) throws {
            try state.withLock { state in
                state.version += 1
                let new = try DeploymentFollowerTests.object(
                    name,
                    namespace,
                    replicas: replicas,
                    version: state.version
                )
                let old = state.objects.updateValue(new, forKey: name)
                index.deploymentsChanged([CacheChange(old: old, new: new)])
            }
        }

        func remove(_ name: String) {
            state.withLock { state in
                let old = state.objects.removeValue(forKey: name)
                index.deploymentsChanged([CacheChange(old: old, new: nil)])
            }
        }
    }

    /// Notes what it is told, and can make the follower wait.
    private final class Client: DeploymentEventSink {
        private let told: AsyncStream<String>.Continuation
        private let gate: AsyncStream<Void>
        /// Lets one more event through.
        let turn: AsyncStream<Void>.Continuation
        private let isSlow: Bool

        init(_ told: AsyncStream<String>.Continuation, isSlow: Bool = false) {
            self.told = told
            self.isSlow = isSlow
            (gate, turn) = AsyncStream.makeStream()
        }

        private func tell(_ text: String) async {
            told.yield(text)
            guard isSlow else { return }
            for await _ in gate { return }
        }

        func send(_ records: [DeploymentRecord], _ id: DeploymentEventID) async throws {
            let names = records.map { "\($0.reading.name) \($0.reading.replicas.desired)" }
            await tell("\(id.revision): all [\(names.sorted().joined(separator: ", "))]")
        }

        func send(_ event: DeploymentEventTexts.Event) async throws {
            let json = try JSONValue(parsing: Array(event.message.utf8))
            let data = try #require(json["data"])
            let id = try #require(json["id"]?.stringValue.flatMap { DeploymentEventID($0) })
            let name = data["name"]?.stringValue ?? ""
            let desired = data[at: "replicas", "desired"].map { " \($0)" } ?? " gone"
            await tell("\(id.revision): \(name)\(desired)")
        }

        func send(_ id: DeploymentEventID) async throws {
            await tell("\(id.revision): nothing")
        }
    }

    /// Follows in a task, and hands what was told to `body`, with what lets a slow client go on.
    private static func following(
        _ cluster: Cluster,
        after start: UInt64? = nil,
        namespace: String? = nil,
        isSlow: Bool = false,
        _ body: (inout AsyncStream<String>.AsyncIterator, AsyncStream<Void>.Continuation) async throws -> Void
    ) async throws {
        let (told, teller) = AsyncStream<String>.makeStream()
        let client = Client(teller, isSlow: isSlow)
        let follower = DeploymentFollower(
            index: cluster.index,
            texts: DeploymentEventTexts(),
            namespace: namespace
        )
        let task = Task { try await follower.run(after: start, client) }
        var iterator = told.makeAsyncIterator()
        try await body(&iterator, client.turn)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func `a client is told of all, and then of each change`() async throws {
        let cluster = Cluster()
        try cluster.set("x", replicas: 1)
        try await Self.following(cluster) { told, _ in
            #expect(await told.next() == "1: all [x 1]")
            try cluster.set("x", replicas: 2)
            #expect(await told.next() == "2: x 2")
            cluster.remove("x")
            #expect(await told.next() == "3: x gone")
        }
    }

    @Test func `a slow client is told of the newest state of each deployment, in order`() async throws {
        let cluster = Cluster()
        try await Self.following(cluster, isSlow: true) { told, turn in
            #expect(await told.next() == "0: all []")
            for replicas in 1...50 {
                try cluster.set("x", replicas: replicas)
                try cluster.set("y", replicas: replicas)
            }
            cluster.remove("x")
            turn.yield()
            #expect(await told.next() == "100: y 50")
            try cluster.set("y", replicas: 51)
            turn.yield()
            #expect(await told.next() == "101: x gone")
            turn.yield()
            #expect(await told.next() == "102: y 51")
        }
    }

    @Test func `a client that is further behind than changes are known is told of all again`() async throws {
        let cluster = Cluster()
        try await Self.following(cluster, isSlow: true) { told, turn in
            #expect(await told.next() == "0: all []")
            for replicas in 1...9000 { try cluster.set("x", replicas: replicas) }
            turn.yield()
            #expect(await told.next() == "9000: all [x 9000]")
        }
    }

    @Test func `a client that comes back is told of each change that it has missed`() async throws {
        let cluster = Cluster()
        for replicas in 1...3 { try cluster.set("x", replicas: replicas) }
        try await Self.following(cluster, after: 1) { told, _ in
            #expect(await told.next() == "2: x 2")
            #expect(await told.next() == "3: x 3")
        }
    }

    @Test func `a client of a namespace where nothing happens learns how far that is known`() async throws {
        let cluster = Cluster()
        try await Self.following(cluster, namespace: "b") { told, _ in
            #expect(await told.next() == "0: all []")
            for replicas in 1...5000 { try cluster.set("x", in: "a", replicas: replicas) }
            let first = try #require(await told.next())
            #expect(first.hasSuffix(": nothing"))
            try cluster.set("z", in: "b", replicas: 1)
            // Further ids may come before it, but no deployment of the other namespace.
            var next = await told.next()
            while next?.hasSuffix(": nothing") == true { next = await told.next() }
            #expect(next == "5001: z 1")
        }
    }

    @Test func `an id is known to the process alone that gave it out`() {
        let id = DeploymentEventID(42).description
        #expect(DeploymentEventID(id)?.revision == 42)
        for other in ["0-42", "x" + id, id + "-1", "42", "", "-", id.replacing("-", with: "--")] {
            #expect(DeploymentEventID(other) == nil)
        }
    }

    @Test func `a change is encoded once for all who follow`() throws {
        let cluster = Cluster()
        let texts = DeploymentEventTexts()
        try cluster.set("x", replicas: 1)
        guard case .changes(let changes) = cluster.index.changes.changes(after: 0) else {
            Issue.record("the change is not known")
            return
        }
        let change = try #require(changes.first)
        let first = texts.event(change)
        let second = texts.event(change)
        first.stream.withUnsafeBufferPointer { first in
            second.stream.withUnsafeBufferPointer { #expect(first.baseAddress == $0.baseAddress) }
        }
        #expect(String(decoding: first.stream, as: UTF8.self).hasPrefix("event: changed\nid: "))
        let record = try #require(change.record)
        #expect(first.message.contains(String(decoding: texts.body(of: record), as: UTF8.self)))
    }
}
