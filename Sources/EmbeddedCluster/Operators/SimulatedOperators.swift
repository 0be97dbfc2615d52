import KubernetesModel

/// The operators that can be installed in the cluster.
enum SimulatedOperators {
    /// All of them.
    static let all: [SimulatedOperator] = [
        DynamoOperator.operator, KubeRayOperator.operator, KaitoOperator.operator, KServeOperator.operator,
        GPUOperator.operator,
    ]

    private static let manager = "ingot-operators"

    /// The operator with that name.
    ///
    /// - Throws: 404 when there is none.
    static func named(_ id: String) throws(APIStatus) -> SimulatedOperator {
        guard let found = all.first(where: { $0.id == id }) else {
            throw APIStatus.notFound(GroupResource(group: "ingot.dev", resource: "operators"), id)
        }
        return found
    }

    /// What the operators do, whether they are installed or not; to be run by one `ControllerLoop` each.
    static func controllers() -> [any Controller] {
        DynamoOperator.controllers + KubeRayOperator.controllers + KaitoOperator.controllers
            + KServeOperator.controllers
    }

    /// Whether the operator's definitions and deployment are there.
    static func isInstalled(_ id: String, _ api: ClusterAPI) -> Bool {
        all.contains { $0.id == id && $0.isInstalled(api.state) }
    }

    /// Makes what is missing of an operator's installation. What is there stays as it is.
    ///
    /// - Throws: 404 for an unknown operator; what the API answers.
    static func install(_ id: String, _ api: ClusterAPI) async throws(APIStatus) {
        let known = try named(id)
        for definition in known.definitions {
            var object = definition.object
            known.mark(&object)
            try await make(.customResourceDefinitions, object, api)
        }
        for (resource, object) in known.objects { try await make(resource, object, api) }
    }

    private static func make(
        _ resource: GroupResource,
        _ object: KubernetesObject,
        _ api: ClusterAPI
    ) async throws(APIStatus) {
        guard api.get(resource, ObjectKey(object)) == nil else { return }
        do throws(APIStatus) {
            try await api.create(resource, object, as: manager)
        } catch  where error.reason == .alreadyExists {
            return
        }
    }

    /// Removes what `install` made: the operator, and with `definitions` those too, and thereby all their objects. The namespace
    /// stays, since users keep objects of their own in it; so does what carries no mark.
    ///
    /// - Throws: 404 for an unknown operator; what the API answers.
    static func uninstall(
        _ id: String,
        definitions: Bool,
        _ api: ClusterAPI
    ) async throws(APIStatus) {
        let known = try named(id)
        var made = known.objects.filter { $0.0 != .namespaces }.reversed().map { ($0.0, ObjectKey($0.1)) }
        if definitions {
            made = known.definitions.map { (.customResourceDefinitions, ObjectKey($0.object)) } + made
        }
        for (resource, key) in made {
            guard api.get(resource, key)?.label(NodeLabels.simulated) == "true" else { continue }
            if resource == .customResourceDefinitions {
                try await api.update(resource, key, as: manager) { definition in
                    definition.setAnnotation(SimulatedOperator.release, id)
                }
            }
            try await api.delete(resource, key, DeleteOptions(propagation: .background))
        }
    }
}

extension EmbeddedCluster {
    /// Installs an operator that the cluster plays: `dynamo`, `kuberay`, `kaito`, `kserve` or `gpu-operator`. It is at work once its pod is ready.
    ///
    /// - Throws: 404 for an unknown one; what the API answers.
    public func installOperator(_ id: String) async throws {
        try await SimulatedOperators.install(id, api)
    }

    /// Removes an operator. Its custom resources stay as they are, and nobody looks after them any longer, unless they are
    /// removed as well.
    ///
    /// - Parameter definitions: Whether its definitions go too, with all their objects and what these own.
    /// - Throws: 404 for an unknown one; what the API answers.
    public func uninstallOperator(_ id: String, definitions: Bool = false) async throws {
        try await SimulatedOperators.uninstall(id, definitions: definitions, api)
    }

    /// The operators that are installed, by the names that `installOperator` takes.
    public var installedOperators: [String] {
        let state = api.state
        return SimulatedOperators.all.filter { $0.isInstalled(state) }.map(\.id)
    }
}
