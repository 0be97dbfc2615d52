import JSON

/// What a SubjectAccessReview asks: who, and what they want to do (authorization.k8s.io/v1).
struct AccessQuestion: Sendable {
    /// What somebody wants to do.
    enum Action: Sendable {
        /// A verb on objects. `resource` is with the subresource behind a slash; nil for the namespace stands for all.
        case resource(group: String, resource: String, namespace: String?, name: String?)
        /// A path that is no resource's.
        case path(String)
    }

    let user: String
    let groups: [String]
    let verb: String
    let action: Action

    /// The question of a review's specification; nil where it asks nothing.
    init?(spec: JSONValue) {
        user = spec["user"]?.stringValue ?? ""
        groups = (spec["groups"]?.arrayValue ?? []).compactMap(\.stringValue)
        if let attributes = spec["resourceAttributes"] {
            verb = attributes["verb"]?.stringValue ?? ""
            var resource = attributes["resource"]?.stringValue ?? ""
            if let part = attributes["subresource"]?.stringValue, !part.isEmpty { resource += "/\(part)" }
            action = .resource(
                group: attributes["group"]?.stringValue ?? "",
                resource: resource,
                namespace: attributes["namespace"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 },
                name: attributes["name"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
            )
        } else if let attributes = spec["nonResourceAttributes"] {
            verb = attributes["verb"]?.stringValue ?? ""
            action = .path(attributes["path"]?.stringValue ?? "")
        } else {
            return nil
        }
    }

    /// Whether a rule of a role allows the action (rbac/v1 PolicyRule).
    func isAllowed(by rule: JSONValue) -> Bool {
        guard Self.lists(rule, "verbs", verb) else { return false }
        switch action {
        case .path(let path):
            return Self.texts(rule, "nonResourceURLs").contains { pattern in
                pattern == "*" || pattern == path
                    || pattern.hasSuffix("*") && path.hasPrefix(pattern.dropLast())
            }
        case .resource(let group, let resource, _, let name):
            guard Self.lists(rule, "apiGroups", group) else { return false }
            let part = resource.split(separator: "/", maxSplits: 1).dropFirst().first
            let isNamed = Self.texts(rule, "resources").contains { listed in
                listed == "*" || listed == resource || part.map { listed == "*/\($0)" } ?? false
            }
            guard isNamed else { return false }
            let names = Self.texts(rule, "resourceNames")
            return names.isEmpty || name.map(names.contains) ?? false
        }
    }

    /// Whether a binding is for the one who asks (rbac/v1 Subject).
    func isSubject(_ subject: JSONValue, namespace: String) -> Bool {
        let name = subject["name"]?.stringValue ?? ""
        switch subject["kind"]?.stringValue {
        case "User": return name == user
        case "Group": return groups.contains(name)
        case "ServiceAccount":
            let place = subject["namespace"]?.stringValue ?? namespace
            return user == "system:serviceaccount:\(place):\(name)"
        default: return false
        }
    }

    private static func lists(_ rule: JSONValue, _ key: String, _ wanted: String) -> Bool {
        texts(rule, key).contains { $0 == "*" || $0 == wanted }
    }

    private static func texts(_ rule: JSONValue, _ key: String) -> [String] {
        (rule[key]?.arrayValue ?? []).compactMap(\.stringValue)
    }
}
