import HTTPClient
import JSON
import Kubernetes
import KubernetesModel
import Testing

@Suite struct VerbTests {
    private static let object: JSONValue = ["metadata": ["name": "a", "resourceVersion": "7"]]

    /// Answers every request with the object, and checks what came.
    private func exchange(
        _ call: (KubernetesClient) async throws -> Void,
        _ check: (ScriptedRequest) throws -> Void
    ) async throws {
        try await withClient(answer: { _, connection in connection.answer(Self.object) }) { client, server in
            try await call(client)
            try check(try #require(server.requests.first))
        }
    }

    @Test func `an object is fetched by its path`() async throws {
        try await exchange { client in
            let found = try await client.get(deployments, "a", namespace: "n", subresource: "status")
            #expect(found == Self.object)
        } _: { request in
            #expect(request.method == "GET")
            #expect(request.path == "/apis/apps/v1/namespaces/n/deployments/a/status")
            #expect(request.headers["accept"] == "application/json")
        }
    }

    @Test func `a create carries its options`() async throws {
        try await exchange { client in
            _ = try await client.create(
                pods,
                Self.object,
                namespace: "n",
                options: WriteOptions(fieldManager: "ingot", isDryRun: true, fieldValidation: .strict)
            )
        } _: { request in
            #expect(request.method == "POST")
            #expect(request.path == "/api/v1/namespaces/n/pods")
            #expect(request.query == ["fieldManager": "ingot", "dryRun": "All", "fieldValidation": "Strict"])
            #expect(request.headers["content-type"] == "application/json")
            #expect(request.json == Self.object)
        }
    }

    @Test func `an update replaces the object of that name`() async throws {
        try await exchange { client in
            _ = try await client.update(pods, Self.object, namespace: "n", subresource: "status")
        } _: { request in
            #expect(request.method == "PUT")
            #expect(request.path == "/api/v1/namespaces/n/pods/a/status")
        }
    }

    @Test(
        "each kind of patch has its media type",
        arguments: [
            (Patch.merge([:]), "application/merge-patch+json"), (.json([]), "application/json-patch+json"),
            (.strategic([:]), "application/strategic-merge-patch+json"),
        ]
    )
    func patch(patch: Patch, type: String) async throws {
        try await exchange { client in
            _ = try await client.patch(pods, "a", patch, namespace: "n")
        } _: { request in
            #expect(request.method == "PATCH")
            #expect(request.headers["content-type"] == type)
        }
    }

    @Test func `an apply names its manager and may force`() async throws {
        try await exchange { client in
            _ = try await client.apply(pods, Self.object, namespace: "n", manager: "ingot", force: true)
        } _: { request in
            #expect(request.headers["content-type"] == "application/apply-patch+yaml")
            #expect(request.query == ["fieldManager": "ingot", "force": "true"])
        }
    }

    @Test func `the number of replicas is set through the scale`() async throws {
        try await exchange { client in
            _ = try await client.scale(deployments, "a", namespace: "n", replicas: 3)
        } _: { request in
            #expect(request.path == "/apis/apps/v1/namespaces/n/deployments/a/scale")
            #expect(request.json == ["spec": ["replicas": 3]])
        }
    }

    @Test func `a deletion carries propagation and preconditions`() async throws {
        try await exchange { client in
            let options = DeleteOptions(
                propagation: .foreground,
                gracePeriodSeconds: 0,
                uid: "u",
                resourceVersion: "7",
                isDryRun: true
            )
            try await client.delete(pods, "a", namespace: "n", options: options)
        } _: { request in
            #expect(request.method == "DELETE")
            #expect(
                request.json == [
                    "kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Foreground",
                    "gracePeriodSeconds": 0, "preconditions": ["uid": "u", "resourceVersion": "7"],
                    "dryRun": ["All"],
                ]
            )
        }
    }

    @Test func `a deletion of many carries its selectors`() async throws {
        try await exchange { client in
            let selection = ObjectSelection(
                labels: try LabelSelector("app=x,tier in (a, b)"),
                fields: try FieldSelector("status.phase!=Running")
            )
            try await client.deleteCollection(pods, namespace: "n", selection)
        } _: { request in
            #expect(request.path == "/api/v1/namespaces/n/pods")
            #expect(request.query["labelSelector"] == "app=x,tier in (a,b)")
            #expect(request.query["fieldSelector"] == "status.phase!=Running")
        }
    }

    @Test(
        "a name that would lead elsewhere is refused before anything is sent",
        arguments: ["", ".", "..", "a/b", "a%2Fb"]
    )
    func refusedName(name: String) async throws {
        try await withClient(answer: { _, connection in connection.answer(Self.object) }) { client, server in
            let error = await #expect(throws: KubernetesError.self) {
                try await client.delete(pods, name, namespace: "n")
            }
            #expect(error?.status?.code == 400)
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `a log is read with its options`() async throws {
        try await withClient(answer: { _, connection in
            connection.begin()
            connection.chunk("one\n")
            connection.chunk("two\n")
            connection.end()
        }) { client, server in
            var options = LogOptions()
            options.container = "main"
            options.follows = true
            options.isPrevious = true
            options.sinceSeconds = 5
            options.sinceTime = Timestamp(secondsSinceEpoch: 0)
            options.tailLines = 10
            options.hasTimestamps = true
            options.limitBytes = 100
            var log: [UInt8] = []
            for try await chunk in try await client.logs(pod: "a", namespace: "n", options) { log += chunk }
            #expect(String(decoding: log, as: UTF8.self) == "one\ntwo\n")
            let request = try #require(server.requests.first)
            #expect(request.path == "/api/v1/namespaces/n/pods/a/log")
            #expect(
                request.query == [
                    "container": "main", "follow": "true", "previous": "true", "sinceSeconds": "5",
                    "sinceTime": "1970-01-01T00:00:00Z", "tailLines": "10", "timestamps": "true",
                    "limitBytes": "100",
                ]
            )
        }
    }

    @Test func `requests reach services and pods through the API server`() async throws {
        try await exchange { client in
            let answer = try await client.proxy(
                .service("web", port: "http", namespace: "n", usesTLS: true),
                path: "/v1/models?x=1"
            )
            let body = try await answer.body.collect(upTo: 1000)
            #expect(body == Self.object.encoded())
        } _: { request in
            #expect(request.path == "/api/v1/namespaces/n/services/https:web:http/proxy/v1/models")
            #expect(request.query == ["x": "1"])
        }
        try await exchange { client in
            _ = try await client.proxy(.pod("p", port: "8000", namespace: "n"))
            await #expect(throws: KubernetesError.self) {
                _ = try await client.proxy(.pod("p", namespace: "n"), path: "/a/%2E./secrets")
            }
        } _: { request in
            #expect(request.path == "/api/v1/namespaces/n/pods/p:8000/proxy/")
        }
    }

    @Test func `somebody else can be acted as`() async throws {
        let kubeconfig = """
            current-context: c
            contexts: [{name: c, context: {cluster: k, user: u}}]
            clusters: [{name: k, cluster: {server: 'https://h'}}]
            users: [{name: u, user: {as: other, as-uid: "1", as-groups: [a], as-user-extra: {"x/y": [z]}}}]
            """
        let impersonation = try Kubeconfig(bytes: Array(kubeconfig.utf8), path: "/f").configuration()
            .impersonation
        try await withClient({ $0.impersonation = impersonation }, answer: { $1.answer(Self.object) }) {
            client,
            server in
            _ = try await client.get(pods, "a", namespace: "n")
            let headers = try #require(server.requests.first).headers
            #expect(headers["impersonate-user"] == "other")
            #expect(headers["impersonate-uid"] == "1")
            #expect(headers["impersonate-group"] == "a")
            #expect(headers["impersonate-extra-x%2fy"] == "z")
        }
    }
}
