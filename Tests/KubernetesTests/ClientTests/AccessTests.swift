import JSON
import Kubernetes
import KubernetesModel
import Testing

@Suite struct AccessTests {
    @Test func `a token is reviewed`() async throws {
        try await withClient(answer: { request, connection in
            let isKnown = request.json?["spec"]?["token"] == "good"
            var status: JSONValue =
                isKnown
                ? ["authenticated": true, "user": ["username": "u", "uid": "1", "groups": ["a"]]]
                : ["authenticated": false, "error": "unknown"]
            // An API server says which of the audiences the token is for, if it knows them at all.
            if request.json?["spec"]?["audiences"] == ["api"] { status["audiences"] = ["api"] }
            connection.answer(["status": status], status: 201)
        }) { client, server in
            let user = try await client.review(token: "good", audiences: ["api"])
            #expect(user == ReviewedUser(username: "u", uid: "1", groups: ["a"]))
            let nobody = try await client.review(token: "bad")
            #expect(nobody == nil)
            let stranger = try await client.review(token: "good", audiences: ["other"])
            #expect(stranger == nil)
            let unaware = try await client.review(token: "good")
            #expect(unaware?.username == "u")
            #expect(server.requests[0].path == "/apis/authentication.k8s.io/v1/tokenreviews")
            #expect(server.requests[0].json?["spec"]?["audiences"] == ["api"])
            #expect(server.requests[1].json?["spec"] == ["token": "bad"])
        }
    }

    @Test func `access is decided for oneself and for others`() async throws {
        try await withClient(answer: { request, connection in
            let verb = request.json?["spec"]?["resourceAttributes"]?["verb"]
            connection.answer(
                ["status": ["allowed": .bool(verb == "get"), "reason": "because"]],
                status: 201
            )
        }) { client, server in
            let own = try await client.mayAccess(
                AccessRequest("get", deployments, subresource: "scale", namespace: "n")
            )
            #expect(own.isAllowed)
            #expect(own.reason == "because")
            let other = try await client.mayAccess(
                "u",
                groups: ["g"],
                AccessRequest("delete", pods, name: "a")
            )
            #expect(!other.isAllowed)
            #expect(server.requests[0].path == "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")
            #expect(
                server.requests[0].json?["spec"]?["resourceAttributes"] == [
                    "verb": "get", "group": "apps", "version": "v1", "resource": "deployments",
                    "subresource": "scale",
                    "namespace": "n",
                ]
            )
            #expect(server.requests[1].path == "/apis/authorization.k8s.io/v1/subjectaccessreviews")
            #expect(server.requests[1].json?["spec"]?["user"] == "u")
        }
    }
}
