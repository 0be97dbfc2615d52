import JSON
import KubernetesModel

/// Empties namespaces that are being deleted, says what remains, and lets them go once nothing does.
struct NamespaceController: Controller {
    let name = "namespace-controller"

    var triggers: [Trigger] { [.itself(.namespaces)] }

    var keysOfAnyChange: (@Sendable (Change, ClusterState) -> [ObjectKey])? {
        { change, state in
            guard let namespace = change.object?.namespace, !namespace.isEmpty else { return [] }
            let key = ObjectKey(name: namespace)
            guard state.object(.namespaces, key)?.isBeingDeleted == true else { return [] }
            return [key]
        }
    }

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        guard let namespace = api.get(.namespaces, key), namespace.isBeingDeleted,
            namespace.spec["finalizers"]?.arrayValue?.contains("kubernetes") == true
        else { return nil }
        let resources = Set(
            api.catalog.definitions.filter { $0.isNamespaced && $0.verbs.contains(.delete) }
                .map(\.groupResource)
        ).sorted()
        for resource in resources {
            for object in api.list(resource, in: key.name) where !object.isBeingDeleted {
                try await api.delete(
                    resource,
                    ObjectKey(object),
                    DeleteOptions(propagation: .background, uid: object.uid)
                )
            }
        }
        let remaining = resources.map { ($0, api.list($0, in: key.name)) }.filter { !$0.1.isEmpty }
        try await report(namespace, remaining, api)
        if remaining.isEmpty {
            try await api.update(.namespaces, key, as: name) { namespace in
                let others = (namespace.spec["finalizers"]?.arrayValue ?? []).filter { $0 != "kubernetes" }
                namespace.json[at: "spec", "finalizers"] = .array(others)
            }
        }
        return nil
    }

    /// Writes the conditions of upstream's namespace controller (namespace/deletion/status_condition_utils.go).
    private func report(
        _ namespace: KubernetesObject,
        _ remaining: [(resource: GroupResource, objects: [KubernetesObject])],
        _ api: ClusterAPI
    ) async throws(APIStatus) {
        let now = api.now()
        var conditions = Conditions(namespace)
        conditions.set(
            "NamespaceDeletionDiscoveryFailure",
            "False",
            "ResourcesDiscovered",
            "All resources successfully discovered",
            now: now
        )
        conditions.set(
            "NamespaceDeletionGroupVersionParsingFailure",
            "False",
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed",
            now: now
        )
        conditions.set(
            "NamespaceDeletionContentFailure",
            "False",
            "ContentDeleted",
            "All content successfully deleted, may be waiting on finalization",
            now: now
        )
        let counts = remaining.map { resource, objects in
            let name = resource.group.isEmpty ? "\(resource.resource)." : resource.description
            return "\(name) has \(objects.count) resource instances"
        }
        conditions.set(
            "NamespaceContentRemaining",
            counts.isEmpty ? "False" : "True",
            counts.isEmpty ? "ContentRemoved" : "SomeResourcesRemain",
            counts.isEmpty
                ? "All content successfully removed"
                : "Some resources are remaining: \(counts.joined(separator: ", "))",
            now: now
        )
        let finalizers = Dictionary(
            remaining.flatMap { $0.objects.flatMap(\.finalizers) }.map { ($0, 1) },
            uniquingKeysWith: +
        ).sorted { $0.key < $1.key }.map { "\($0.key) in \($0.value) resource instances" }
        conditions.set(
            "NamespaceFinalizersRemaining",
            finalizers.isEmpty ? "False" : "True",
            finalizers.isEmpty ? "ContentHasNoFinalizers" : "SomeFinalizersRemain",
            finalizers.isEmpty
                ? "All content-preserving finalizers finished"
                : "Some content in the namespace has finalizers remaining: \(finalizers.joined(separator: ", "))",
            now: now
        )
        let final = conditions.json
        try await api.updateStatus(.namespaces, ObjectKey(namespace), as: name) { namespace in
            namespace.json[at: "status", "conditions"] = final
        }
    }
}
