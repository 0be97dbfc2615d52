import JSON
import KubernetesModel

/// What Dynamo's operator does to a graph deployment (internal/controller/dynamographdeployment_controller.go).
enum DynamoGraph {
    /// The component deployment of a service of a graph.
    static func componentName(_ graph: String, _ service: String) -> String {
        "\(graph)-\(service.lowercased())"
    }

    static func reconcile(
        _ graph: KubernetesObject,
        _ dependents: Dependents,
        _ api: ClusterAPI
    ) async throws(APIStatus) -> Duration? {
        let services = (graph.spec["services"]?.objectValue ?? JSONMembers()).map { ($0.key, $0.value) }
        if services.contains(where: { $0.1["multinode"]?.integer("nodeCount", default: 2) ?? 1 > 1 }) {
            // Neither Grove nor LeaderWorkerSet is in this cluster.
            let problem = Outcome(
                state: "failed",
                reason: "failed_to_reconcile_the_resources",
                message: "no multinode orchestrator available"
            )
            try await report(graph, problem, [:], dependents)
            return nil
        }
        do throws(APIStatus) {
            var components: [String: KubernetesObject] = [:]
            for (service, specification) in services {
                components[service] = try await dependents.apply(
                    DynamoOperator.components,
                    component(service, specification, of: graph)
                )
            }
            try await dependents.remove(
                DynamoOperator.components,
                besides: Set(components.values.map(\.name))
            )
            try await report(graph, outcome(components), components, dependents)
        } catch {
            let problem = Outcome(
                state: "failed",
                reason: "failed_to_reconcile_the_resources",
                message: error.message
            )
            try await report(graph, problem, [:], dependents)
            throw error
        }
        return nil
    }

    private static func component(
        _ service: String,
        _ specification: JSONValue,
        of graph: KubernetesObject
    ) -> JSONValue {
        var spec = specification
        let space = "\(graph.namespace)-\(graph.name)"
        spec["serviceName"] = .string(service)
        spec["backendFramework"] = graph.spec["backendFramework"]
        spec["dynamoNamespace"] = .string(space)
        if spec["replicas"]?.integerValue == nil { spec["replicas"] = 1 }
        let common = graph.spec["envs"]?.arrayValue ?? []
        let own = spec["envs"]?.arrayValue ?? []
        if !common.isEmpty {
            // A service's own variable counts.
            spec["envs"] = .array(
                common.filter { entry in !own.contains { $0["name"] == entry["name"] } } + own
            )
        }
        var labels = specification["labels"] ?? [:]
        labels[DynamoOperator.Label.component] = .string(service)
        labels[DynamoOperator.Label.namespace] = .string(space)
        labels[DynamoOperator.Label.graph] = .string(graph.name)
        spec["labels"] = labels
        if let failures = graph.annotation(NodeLabels.simulate) {
            spec[at: "annotations", NodeLabels.simulate] =
                spec["annotations"]?[NodeLabels.simulate] ?? .string(failures)
        }
        return [
            "apiVersion": .string(DynamoOperator.apiVersion), "kind": .string(DynamoOperator.componentKind),
            "metadata": [
                "name": .string(componentName(graph.name, service)), "labels": labels,
            ],
            "spec": spec,
        ]
    }

    /// What is said of a graph.
    private struct Outcome {
        var state: String
        var reason: String
        var message: String
    }

    private static func outcome(_ components: [String: KubernetesObject]) -> Outcome {
        let waiting = components.values.sorted { $0.name < $1.name }.compactMap { component -> String? in
            if component.status.integer("observedGeneration") < component.generation {
                return "\(component.name): spec not yet processed: generation=\(component.generation), "
                    + "observedGeneration=\(component.status.integer("observedGeneration"))"
            }
            if component.condition("Available")?["status"]?.stringValue == "True" { return nil }
            return "\(component.name): Component deployment not ready - Available condition not true"
        }
        return waiting.isEmpty
            ? Outcome(
                state: "successful",
                reason: "all_resources_are_ready",
                message: "All resources are ready"
            )
            : Outcome(
                state: "pending",
                reason: "some_resources_are_not_ready",
                message: "Resources not ready: " + waiting.joined(separator: "; ")
            )
    }

    private static func report(
        _ graph: KubernetesObject,
        _ outcome: Outcome,
        _ components: [String: KubernetesObject],
        _ dependents: Dependents
    ) async throws(APIStatus) {
        let now = dependents.api.now()
        var services: JSONValue = [:]
        for (service, component) in components.sorted(by: { $0.key < $1.key }) {
            if let status = component.status["service"] { services[service] = status }
        }
        let counts = services
        try await dependents.report(DynamoOperator.graphs) { object in
            var conditions = Conditions(object)
            conditions.set(
                "Ready",
                outcome.state == "successful" ? "True" : "False",
                outcome.reason,
                outcome.message,
                now: now
            )
            object.json[at: "status", "state"] = .string(outcome.state)
            object.json[at: "status", "conditions"] = conditions.json
            object.json[at: "status", "observedGeneration"] = .integer(graph.generation)
            object.json[at: "status", "services"] = counts
        }
    }
}
