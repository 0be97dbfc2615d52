import HTTPServer
import HTTPTypes
import JSON
import KubernetesModel
import Runtimes
import Synchronization

/// What a large cluster's API server answers.
enum LargeCluster {
    /// Where collections are, and what is in them.
    typealias Collections = [(path: String, objects: ServedObjects)]

    /// A cluster full of pods.
    static func pods(nodes: Int, pods: Int, ends: Int?) -> Collections {
        [
            ("/api/v1/nodes", ServedObjects(templates: [.node], count: nodes, changes: ends == nil ? 10 : 0)),
            (
                "/api/v1/pods",
                ServedObjects(
                    templates: [.pod],
                    count: pods,
                    nodes: nodes,
                    changes: ends ?? 100,
                    takesTurns: ends != nil
                )
            ),
            ("/api/v1/namespaces", ServedObjects()), ("/apis/apps/v1/deployments", ServedObjects()),
            ("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", ServedObjects()),
        ] + others
    }

    /// A cluster with so many deployments. Of ten, eight are plain Deployments.
    static func deployments(nodes: Int, count: Int, changes: Int) throws -> Collections {
        let texts = try DeploymentTexts.ofTen()
        let custom = [KServeRuntime.primary, DynamoRuntime.primary]
        // Changes are all over the list, and not in one place of it at a time.
        let stride = 7919
        let pods = ServedObjects(
            templates: texts.map(\.pod),
            count: count,
            nodes: nodes,
            changes: changes,
            stride: stride,
            phases: ["Running", "Running"],
            takesTurns: true
        )
        var plain = ServedObjects(templates: texts.map(\.object), count: count / 10 * 8, stride: stride)
        plain.numbers = ServedNumbers(cycle: 10, taken: 8)
        plain.changes = changes / 10
        plain.phases = ["1", "0"]
        plain.takesTurns = true
        plain.made = MadeObjects()
        var collections: Collections = [
            ("/api/v1/nodes", ServedObjects(templates: [.node], count: nodes)), ("/api/v1/pods", pods),
            ("/api/v1/namespaces", ServedObjects(templates: [.namespace], count: ObjectTemplate.teams)),
            ("/apis/apps/v1/deployments", plain),
            (
                "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                ServedObjects(templates: custom.map(DeploymentTexts.definition), count: custom.count)
            ),
        ]
        for (index, type) in custom.enumerated() {
            var objects = ServedObjects(templates: texts.map(\.object), count: count / 10)
            objects.numbers = ServedNumbers(cycle: 10, first: 8 + index)
            objects.phases = ["1"]
            let resource = type.resource
            collections.append(("/apis/\(type.apiVersion)/\(resource.resource)", objects))
        }
        return collections + others
    }

    /// What both have none of.
    private static let others: Collections = [
        ("/api/v1/events", ServedObjects()), ("/api/v1/services", ServedObjects()),
        ("/api/v1/configmaps", ServedObjects()), ("/api/v1/secrets", ServedObjects()),
        // Ingot's settings and the autoscaler's report, which would be asked for again and again if they could not be watched.
        ("/api/v1/namespaces/{namespace}/configmaps", ServedObjects()),
    ]

    // MARK: Serving

    /// All but watches, which end and begin again from time to time whatever is asked of the client.
    private static let requests = Atomic(0)

    static func surface(_ collections: Collections) -> Surface {
        Surface(
            name: "Benchmark",
            routes: collections.map { list($0.path, $0.objects) } + [
                create(
                    "/apis/apps/v1/namespaces/{namespace}/deployments",
                    collections.first { $0.path == "/apis/apps/v1/deployments" }?.objects.made
                ),
                create("/api/v1/namespaces/{namespace}/services", nil), count(),
            ],
            errorSchema: .string()
        ) { error, _, response in
            requests.add(1, ordering: .relaxed)
            var members = JSONMembers()
            members["kind"] = "Status"
            members["code"] = .integer(Int64(error.status.code))
            members["message"] = .string(error.message)
            response.setJSON(JSONValue.object(members))
        }
    }

    /// Lists and watches.
    private static func list(_ path: String, _ objects: ServedObjects) -> Route {
        Route(
            .get,
            PathTemplate(stringLiteral: path),
            access: .anyone,
            documentation: documentation(path),
            handler: .asynchronous { request in
                guard request.query["watch"] != nil else {
                    requests.add(1, ordering: .relaxed)
                    return Response(contentType: .json, body: .bytes(objects.list(request.query)))
                }
                // Who watches has read the list.
                ClusterBenchmark.announce("watching \(path)\n")
                return Response(
                    contentType: .json,
                    body: .stream(
                        ResponseStream { writer in
                            try await objects.watch(writer)
                            return []
                        }
                    )
                )
            }
        )
    }

    /// Answers with an object as it was sent, with what an API server adds, and tells those who watch of it; it is not kept.
    private static func create(_ path: String, _ made: MadeObjects?) -> Route {
        Route(
            .post,
            PathTemplate(stringLiteral: path),
            access: .anyone,
            documentation: documentation("create \(path)"),
            bodyLimit: 1 << 20,
            handler: .asynchronous { request in
                let number = requests.add(1, ordering: .relaxed).newValue
                var object = try JSONValue(parsing: request.body)
                object[at: "metadata", "uid"] = .string("0d9a3f7e-11c2-4f6e-8a55-\(number)")
                object[at: "metadata", "resourceVersion"] = .string(String(ServedObjects.nextVersion()))
                object[at: "metadata", "creationTimestamp"] = .string(Timestamp.now().kubernetesTime)
                object[at: "metadata", "generation"] = 1
                let bytes = object.encoded()
                if request.query["dryRun"] == nil { made?.add(bytes) }
                var response = Response(contentType: .json, body: .bytes(bytes))
                response.status = .created
                return response
            }
        )
    }

    private static func count() -> Route {
        Route(
            .get,
            "/requests",
            access: .anyone,
            documentation: documentation("requests"),
            handler: .asynchronous { _ in
                let count = requests.load(ordering: .relaxed)
                return Response(contentType: .json, body: .bytes(Array(String(count).utf8)))
            }
        )
    }

    private static func documentation(_ name: String) -> Route.Documentation {
        .init(
            operationID: name,
            summary: "What an API server answers",
            tag: "Benchmark",
            answers: [
                .init(200, "The answer.", mediaType: "application/json", schema: .array(of: .string()))
            ]
        )
    }
}
