import JSON
import Kubernetes
import KubernetesModel
import Testing

@Suite struct DiscoveryTests {
    private static func served(_ resource: String, _ kind: String, subresources: [String]) -> JSONValue {
        [
            "resource": .string(resource),
            "responseKind": ["group": "", "version": "", "kind": .string(kind)],
            "scope": "Namespaced", "singularResource": .string(kind.lowercased()), "verbs": ["get", "watch"],
            "shortNames": ["po"], "categories": ["all"],
            "subresources": .array(subresources.map { ["subresource": .string($0), "verbs": ["get"]] }),
        ]
    }

    @Test func `a server tells all at once what it serves`() async throws {
        try await withClient(answer: { request, connection in
            #expect(
                request.headers["accept"]?.contains("g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
                    == true
            )
            let resource = request.path == "/api" ? ("pods", "Pod") : ("deployments", "Deployment")
            connection.answer([
                "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": [:],
                "items": [
                    [
                        "metadata": request.path == "/api" ? [:] : ["name": "apps"],
                        "versions": [
                            [
                                "version": "v1", "freshness": "Current",
                                "resources": [Self.served(resource.0, resource.1, subresources: ["status"])],
                            ],
                            ["version": "v1beta1", "freshness": "Stale"],
                        ],
                    ]
                ],
            ])
        }) { client, server in
            let discovery = try await client.discovery()
            #expect(server.requests.map(\.path) == ["/api", "/apis"])
            let found = try #require(discovery.resource(GroupResource(resource: "pods")))
            #expect(found.kind == "Pod")
            #expect(found.isNamespaced)
            #expect(found.subresources == ["status"])
            #expect(found.shortNames == ["po"])
            let type = GroupVersionKind(group: "apps", version: "v1", kind: "Deployment")
            #expect(discovery.resource(for: type)?.resource == deployments)
            #expect(discovery.missing.map(\.description) == ["v1beta1", "apps/v1beta1"])
        }
    }

    @Test func `an older server is asked group by group, and one that is down does not hide the others`()
        async throws
    {
        try await withClient(answer: { request, connection in
            switch request.path {
            case "/api": connection.answer(["kind": "APIVersions", "versions": ["v1"]])
            case "/apis":
                connection.answer([
                    "kind": "APIGroupList",
                    "groups": [
                        [
                            "name": "apps",
                            "versions": [["groupVersion": "apps/v1beta1"], ["groupVersion": "apps/v1"]],
                            "preferredVersion": ["groupVersion": "apps/v1"],
                        ],
                        ["name": "down", "versions": [["groupVersion": "down/v1"]]],
                    ],
                ])
            case "/apis/down/v1": connection.answer(failure(503, "ServiceUnavailable"), status: 503)
            default:
                let name = request.path == "/api/v1" ? "pods" : "deployments"
                connection.answer([
                    "kind": "APIResourceList",
                    "resources": [
                        [
                            "name": .string(name), "kind": "K", "namespaced": true, "verbs": ["list"],
                            "singularName": "",
                        ],
                        [
                            "name": .string("\(name)/status"), "kind": "K", "namespaced": true,
                            "verbs": ["get"],
                        ],
                    ],
                ])
            }
        }) { client, _ in
            let discovery = try await client.discovery()
            #expect(
                discovery.resources.map(\.resource.description) == [
                    "v1, Resource=pods", "apps/v1, Resource=deployments",
                    "apps/v1beta1, Resource=deployments",
                ]
            )
            #expect(
                discovery.resource(GroupResource(group: "apps", resource: "deployments"))?.resource
                    == deployments
            )
            #expect(discovery.resources.allSatisfy { $0.subresources == ["status"] })
            #expect(discovery.missing == [GroupVersion(group: "down", version: "v1")])
        }
    }
}
