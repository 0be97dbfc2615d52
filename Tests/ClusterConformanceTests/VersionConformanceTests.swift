import HTTPClient
import JSON
import KubernetesModel
import Testing

@testable import Kubernetes

/// Resource versions: bookmarks, and versions that are forgotten. A real cluster forgets those of ten minutes ago.
@Suite(.timeLimit(.minutes(10))) struct VersionConformanceTests {
    @Test func `a watch without news gets bookmarks`() async throws {
        try await ConformingCluster.use { cluster in
            let map = ConformingCluster.configMap("a")
            let made = try await cluster.client.create(.configMaps, map, namespace: cluster.namespace)
            var settings = ListWatch.Settings()
            // Before a watch ends there is a bookmark.
            settings.watchTime = .seconds(5)
            for await event in cluster.client.watch(
                .configMaps,
                namespace: cluster.namespace,
                settings: settings
            ) {
                guard case .bookmark(let version) = event else { continue }
                #expect(
                    try #require(UInt64(version)) >= #require(UInt64(KubernetesObject(made).resourceVersion))
                )
                break
            }
        }
    }

    @Test func `a watch from a version that is forgotten is refused as expired`() async throws {
        try await ConformingCluster.use { cluster in
            var call = APICall(try ResourcePath.path(.configMaps, namespace: cluster.namespace))
            call.parameters = [("watch", "true"), ("resourceVersion", "1"), ("timeoutSeconds", "5")]
            let failure: KubernetesError?
            do {
                // The refusal is the answer, or the first thing that the watch tells.
                let bytes = try await cluster.client.bytes(call)
                let line = bytes.split(separator: 0x0A).first.map { Array($0) } ?? []
                guard case .error(let status) = try WatchLine(line) else {
                    Issue.record("\(String(decoding: line, as: UTF8.self))")
                    return
                }
                failure = .status(status)
            } catch {
                failure = error as? KubernetesError
            }
            #expect(failure?.isGone == true, "\(String(describing: failure))")
            #expect(failure?.status?.reason == .expired)
        }
    }

    /// What a list or a watch is answered, or the first thing that a watch tells.
    private static func refusal(_ cluster: ConformingCluster, _ parameters: [(String, String)]) async throws
        -> APIStatus?
    {
        var call = APICall(try ResourcePath.path(.configMaps, namespace: cluster.namespace))
        call.parameters = parameters
        do throws(KubernetesError) {
            let bytes = try await cluster.client.bytes(call)
            guard let line = bytes.split(separator: 0x0A).first,
                case .error(let status) = try? WatchLine(Array(line))
            else { return nil }
            return status
        } catch {
            return error.status
        }
    }

    @Test(
        "what is to be at least of a version from the future is refused as not yet there",
        arguments: [
            [("limit", "1")],
            [("watch", "true"), ("sendInitialEvents", "true"), ("allowWatchBookmarks", "true")],
        ]
    )
    func future(parameters: [(String, String)]) async throws {
        try await ConformingCluster.use { cluster in
            var parameters = parameters
            if parameters.count > 1 { parameters.append(("timeoutSeconds", "10")) }
            parameters.append(("resourceVersionMatch", "NotOlderThan"))
            parameters.append(("resourceVersion", "9000000000000000"))
            let status = try #require(try await Self.refusal(cluster, parameters))
            #expect(status.code == 504 && status.reason == .timeout && status.retryAfterSeconds == 1)
            #expect(
                status.message.hasPrefix("Timeout: Too large resource version: 9000000000000000, current: ")
            )
            #expect(status.causes.map(\.reason) == ["ResourceVersionTooLarge"])
        }
    }

    @Test func `a watch of changes from a version in the future tells nothing before, no bookmark either`()
        async throws
    {
        try await ConformingCluster.use { cluster in
            var call = APICall(try ResourcePath.path(.configMaps, namespace: cluster.namespace))
            call.parameters = [
                ("watch", "true"), ("allowWatchBookmarks", "true"), ("resourceVersion", "9000000000000000"),
                ("timeoutSeconds", "4"),
            ]
            async let told = cluster.client.bytes(call)
            let map = ConformingCluster.configMap("a")
            _ = try await cluster.client.create(.configMaps, map, namespace: cluster.namespace)
            #expect(try await told == [])
        }
    }

    @Test func `a part of a list that is forgotten is refused as expired, and one that never was as bad`()
        async throws
    {
        try await ConformingCluster.use { cluster in
            let (client, namespace) = (cluster.client, cluster.namespace)
            for name in ["a", "b"] {
                let map = ConformingCluster.configMap(name)
                _ = try await client.create(.configMaps, map, namespace: namespace)
            }
            let page = try await client.page(.configMaps, namespace: namespace, limit: 1)
            let token = try #require(page.continueToken)
            // The token holds the list's version, which is set back to the first of all.
            var content = try JSONValue(parsing: try #require(Base64.bytes(ofURLText: token)))
            #expect(content["rv"]?.integerValue.map(String.init) == page.resourceVersion)
            content["rv"] = 1
            let old = Base64.urlText(of: content.encoded())
            let forgotten = await cluster.failure {
                _ = try await $0.page(.configMaps, namespace: namespace, limit: 1, continueToken: old)
            }
            #expect(forgotten?.isGone == true)
            let bad = await cluster.failure {
                _ = try await $0.page(.configMaps, namespace: namespace, limit: 1, continueToken: "none")
            }
            #expect(bad?.status?.code == 400)
        }
    }
}
