import JSON
import KubernetesModel

/// Decides by the cluster's roles and their bindings (RBAC) what somebody may do. Nothing is forbidden by a rule: what none allows is
/// not allowed.
struct RoleAuthorizer: Sendable {
    private static let group = "rbac.authorization.k8s.io"
    private static let roles = GroupResource(group: group, resource: "roles")
    private static let roleBindings = GroupResource(group: group, resource: "rolebindings")
    private static let clusterRoles = GroupResource(group: group, resource: "clusterroles")
    private static let clusterRoleBindings = GroupResource(group: group, resource: "clusterrolebindings")
    /// The group whose members may do everything, whatever the roles say.
    private static let masters = "system:masters"

    let api: ClusterAPI

    /// Which binding allows what is asked, in the words of Kubernetes' own authorizer; nil when none does.
    func reason(_ question: AccessQuestion) -> String? {
        if question.groups.contains(Self.masters) { return "" }
        let state = api.state
        for binding in state.objects(Self.clusterRoleBindings) {
            if let text = allows(binding, question, state) { return text }
        }
        guard case .resource(_, _, let namespace?, _) = question.action else { return nil }
        for binding in state.objects(Self.roleBindings, in: namespace) {
            if let text = allows(binding, question, state) { return text }
        }
        return nil
    }

    private func allows(
        _ binding: KubernetesObject,
        _ question: AccessQuestion,
        _ state: ClusterState
    ) -> String? {
        let subjects = binding.json["subjects"]?.arrayValue ?? []
        guard
            let subject = subjects.first(where: { question.isSubject($0, namespace: binding.namespace) })
        else { return nil }
        let reference = binding.json["roleRef"]
        let kind = reference?["kind"]?.stringValue ?? ""
        let name = reference?["name"]?.stringValue ?? ""
        let role =
            kind == "Role"
            ? state.object(Self.roles, binding.namespace, name) : state.object(Self.clusterRoles, "", name)
        let rules = role?.json["rules"]?.arrayValue ?? []
        guard rules.contains(where: question.isAllowed) else { return nil }
        let place = binding.namespace.isEmpty ? binding.name : "\(binding.name)/\(binding.namespace)"
        let bindingKind = binding.namespace.isEmpty ? "ClusterRoleBinding" : "RoleBinding"
        let who = "\(subject["kind"]?.stringValue ?? "") \"\(subject["name"]?.stringValue ?? "")\""
        return "RBAC: allowed by \(bindingKind) \"\(place)\" of \(kind) \"\(name)\" to \(who)"
    }
}
