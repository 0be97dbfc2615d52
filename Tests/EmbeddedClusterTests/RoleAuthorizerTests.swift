import JSON
import KubernetesModel
import Testing

@testable import EmbeddedCluster

/// Who may do what by the roles and bindings that a cluster holds.
struct RoleAuthorizerTests {
    private let directory: TemporaryDirectory
    private let api: ClusterAPI

    private static let group = "rbac.authorization.k8s.io"

    init() async throws {
        directory = try TemporaryDirectory()
        api = ClusterAPI(store: try ObjectStore(path: directory.file("cluster.db")))
        for name in ["default", "prod"] {
            try await api.create(
                .namespaces,
                KubernetesObject(["metadata": ["name": .string(name)]]),
                as: "test"
            )
        }
    }

    private func make(_ kind: String, _ name: String, in namespace: String? = nil, _ content: JSONValue)
        async throws
    {
        var object = content
        object["apiVersion"] = .string("\(Self.group)/v1")
        object["kind"] = .string(kind)
        object["metadata"] = ["name": .string(name)]
        if let namespace { object[at: "metadata", "namespace"] = .string(namespace) }
        let resource = GroupResource(group: Self.group, resource: kind.lowercased() + "s")
        try await api.create(resource, KubernetesObject(object), as: "test")
    }

    private func isAllowed(_ user: String, groups: [String] = [], _ attributes: JSONValue) throws -> Bool {
        let spec: JSONValue = [
            "user": .string(user), "groups": .array(groups.map { .string($0) }),
            "resourceAttributes": attributes,
        ]
        return RoleAuthorizer(api: api).reason(try #require(AccessQuestion(spec: spec))) != nil
    }

    private static func binding(_ kind: String, _ role: String, _ subject: JSONValue) -> JSONValue {
        [
            "roleRef": ["apiGroup": .string(group), "kind": .string(kind), "name": .string(role)],
            "subjects": [subject],
        ]
    }

    @Test("nobody may do anything without a binding but the masters, who may do everything")
    func nothing() throws {
        let pods: JSONValue = ["verb": "list", "resource": "pods"]
        #expect(try !isAllowed("ada", pods))
        #expect(try isAllowed("ada", groups: ["system:masters"], pods))
    }

    @Test("a role that is bound in a namespace counts there and nowhere else")
    func namespaced() async throws {
        let rules: JSONValue = [
            ["apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get", "list"]]
        ]
        try await make("Role", "reader", in: "prod", ["rules": rules])
        let subject: JSONValue = ["kind": "ServiceAccount", "name": "ci", "namespace": "default"]
        try await make("RoleBinding", "reader", in: "prod", Self.binding("Role", "reader", subject))
        let user = "system:serviceaccount:default:ci"
        func may(_ changes: JSONValue) throws -> Bool {
            var attributes: JSONValue = ["verb": "list", "resource": "pods", "namespace": "prod"]
            for change in changes.objectValue ?? JSONMembers() { attributes[change.key] = change.value }
            return try isAllowed(user, attributes)
        }
        #expect(try may([:]))
        #expect(try may(["subresource": "log"]))
        #expect(try !may(["subresource": "exec"]))
        #expect(try !may(["verb": "delete"]))
        #expect(try !may(["namespace": "default"]))
        #expect(try !may(["namespace": ""]))
        #expect(try !may(["group": "apps"]))
        #expect(try !isAllowed("ci", ["verb": "list", "resource": "pods", "namespace": "prod"]))
    }

    @Test("a role of the cluster that is bound to a group counts everywhere, for the names that it lists")
    func wholeCluster() async throws {
        let rules: JSONValue = [
            ["apiGroups": [""], "resources": ["secrets"], "resourceNames": ["mine"], "verbs": ["get"]],
            ["apiGroups": ["ray.io"], "resources": ["*"], "verbs": ["*"]],
            ["nonResourceURLs": ["/metrics", "/logs/*"], "verbs": ["get"]],
        ]
        try await make("ClusterRole", "some", ["rules": rules])
        let subject: JSONValue = ["kind": "Group", "name": "team"]
        try await make("ClusterRoleBinding", "some", Self.binding("ClusterRole", "some", subject))
        func may(_ attributes: JSONValue) throws -> Bool {
            try isAllowed("ada", groups: ["team"], attributes)
        }
        #expect(try may(["verb": "get", "resource": "secrets", "name": "mine", "namespace": "prod"]))
        #expect(try !may(["verb": "get", "resource": "secrets", "name": "other", "namespace": "prod"]))
        #expect(try !may(["verb": "get", "resource": "secrets", "namespace": "prod"]))
        #expect(try may(["verb": "create", "group": "ray.io", "resource": "rayservices"]))
        #expect(try !may(["verb": "create", "group": "apps", "resource": "deployments"]))
        for (path, isFine) in [("/metrics", true), ("/logs/a", true), ("/metrics/a", false), ("/", false)] {
            let spec: JSONValue = [
                "user": "ada", "groups": ["team"],
                "nonResourceAttributes": ["verb": "get", "path": .string(path)],
            ]
            let question = try #require(AccessQuestion(spec: spec))
            #expect((RoleAuthorizer(api: api).reason(question) != nil) == isFine)
        }
    }
}
