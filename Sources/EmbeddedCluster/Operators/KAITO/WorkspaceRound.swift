import JSON
import KubernetesModel

/// One look at a workspace (pkg/workspace/controllers/workspace_controller.go).
struct WorkspaceRound {
    private typealias Label = KaitoOperator.Label

    private let workspace: KubernetesObject
    private let dependents: Dependents
    private let api: ClusterAPI

    init(_ workspace: KubernetesObject, _ dependents: Dependents, _ api: ClusterAPI) {
        self.workspace = workspace
        self.dependents = dependents
        self.api = api
    }

    /// What hinders an inference, as the conditions tell it.
    struct Problem: Error {
        let message: String

        init(_ message: String) { self.message = message }
    }

    /// Since when a workload is not as it should be: the operator waits for it for a while before it says so.
    private static let waitingSince = "ingot.dev/waiting-since"
    /// How long it waits for pods of a template; those of presets may have more to load.
    private static let patience = (template: Duration.seconds(600), preset: Duration.seconds(1800))
    /// After how long it looks again for nodes, which it is not told of.
    private static let pauseForNodes = Duration.seconds(5)

    func run() async throws(APIStatus) -> Duration? {
        let nodes = WorkspaceNodes(workspace, api.state)
        guard let target = target(nodes) else { return Self.pauseForNodes }
        if try await recordRevision() { return nil }
        var outcome = Outcome(nodes: nodes, target: target)
        var wait: Duration?
        if workspace.json["tuning"] != nil {
            outcome.failure = Problem("fine-tuning is not simulated")
        } else if workspace.json["inference"] != nil {
            do throws(Problem) {
                wait = try await reconcileInference(nodes, target, &outcome)
            } catch {
                outcome.inferenceFailure = error
                outcome.failure = error
                wait = Self.pauseForNodes
            }
        }
        try await report(outcome)
        return wait
    }

    /// Tells that the workspace is being deleted; what it owns goes after it.
    func end() async throws(APIStatus) {
        let now = api.now()
        let generation = workspace.generation
        try await dependents.report(KaitoOperator.workspaces) { object in
            var conditions = Conditions(object)
            conditions.setIfDifferent(
                "WorkspaceDeleting",
                "True",
                "workspaceDeleted",
                "workspace is being deleted",
                now: now,
                generation: generation
            )
            object.json[at: "status", "conditions"] = conditions.json
        }
    }

    /// `targetNodeCount`, which stays once it is set; nil while there is no node to tell a preset's size by.
    private func target(_ nodes: WorkspaceNodes) -> Int64? {
        let known = workspace.status.integer("targetNodeCount")
        if known > 0 { return known }
        if workspace.json["inference"]?["preset"] != nil, nodes.ready.isEmpty { return nil }
        guard workspace.json["inference"] != nil else { return 1 }
        return max(1, workspace.json["resource"]?.integer("count", default: 1) ?? 1)
    }

    // MARK: Revisions

    /// Keeps a revision of each specification that the workspace has had, and its number with the workspace.
    ///
    /// - Returns: Whether the workspace was changed, which leads to another round.
    private func recordRevision() async throws(APIStatus) -> Bool {
        var data: JSONValue = [:]
        for member in ["resource", "inference", "tuning"] { data[member] = workspace.json[member] ?? .null }
        let hash = NameDigest.long("workspace", String(decoding: data.encoded(), as: UTF8.self))
        let revisions = dependents.list(.controllerRevisions)
        let name = "\(workspace.name)-\(hash.prefix(5))"
        var number = revisions.map { $0.json.integer("revision") }.max().map { $0 + 1 } ?? 1
        if let present = revisions.first(where: { $0.name == name }) {
            number = present.json.integer("revision")
        } else {
            try await dependents.create(
                .controllerRevisions,
                [
                    "apiVersion": "apps/v1", "kind": "ControllerRevision",
                    "metadata": [
                        "name": .string(name), "labels": [Label.name: .string(workspace.name)],
                        "annotations": [Label.hash: .string(hash)],
                    ],
                    "revision": .integer(number), "data": data,
                ]
            )
        }
        let text = String(number)
        guard workspace.annotation(Label.hash) != hash || workspace.annotation(Label.revision) != text else {
            return false
        }
        try await api.update(KaitoOperator.workspaces, ObjectKey(workspace), as: dependents.manager) {
            object in
            object.setAnnotation(Label.hash, hash)
            object.setAnnotation(Label.revision, text)
        }
        return true
    }

    // MARK: Inference

    private func reconcileInference(
        _ nodes: WorkspaceNodes,
        _ target: Int64,
        _ outcome: inout Outcome
    ) async throws(Problem) -> Duration? {
        let isPreset = workspace.json["inference"]?["template"] == nil
        let workload = WorkspaceWorkload(
            workspace: workspace,
            replicas: target,
            revision: workspace.annotation(Label.revision) ?? "",
            gpus: isPreset ? try nodes.gpus() : 0
        )
        let patience = isPreset ? Self.patience.preset : Self.patience.template
        do throws(APIStatus) {
            for service in workload.services { try await dependents.create(.services, service) }
            var set = try await dependents.create(.statefulSets, workload.statefulSet)
            if isPreset { set = try await update(set, workload) }
            let wanted = set.spec.integer("replicas", default: 1)
            if set.status.integer("readyReplicas") == wanted {
                try await mark(set, waitingSince: nil)
                outcome.isInferring = true
                return nil
            }
            let now = api.now()
            let since = set.annotation(Self.waitingSince).flatMap { Timestamp(rfc3339: $0) }
            let due = (since ?? now).advanced(by: patience)
            if since == nil { try await mark(set, waitingSince: now.kubernetesTime) }
            if due > now { return now.duration(until: due) + .milliseconds(1) }
        } catch {
            throw Problem(error.message)
        }
        throw Problem("context deadline exceeded")
    }

    private func mark(_ set: KubernetesObject, waitingSince time: String?) async throws(APIStatus) {
        guard set.annotation(Self.waitingSince) != time else { return }
        try await api.update(.statefulSets, ObjectKey(set), as: dependents.manager) {
            $0.setAnnotation(Self.waitingSince, time)
        }
    }

    /// Brings a preset's workload to another revision: its environment alone, since users may have changed the rest.
    private func update(
        _ set: KubernetesObject,
        _ workload: WorkspaceWorkload
    ) async throws(APIStatus) -> KubernetesObject {
        guard set.annotation(Label.revision) != workload.revision else { return set }
        return try await api.update(.statefulSets, ObjectKey(set), as: dependents.manager) { object in
            var containers = object.spec["template"]?["spec"]?["containers"]?.arrayValue ?? []
            if !containers.isEmpty {
                containers[0]["env"] = workload.environment.isEmpty ? nil : .array(workload.environment)
            }
            object.json[at: "spec", "template", "spec", "containers"] = .array(containers)
            object.setAnnotation(Label.revision, workload.revision)
        }
    }

    // MARK: Status

    private struct Outcome: Sendable {
        let nodes: WorkspaceNodes
        let target: Int64
        /// Whether all replicas are ready.
        var isInferring = false
        var inferenceFailure: Problem?
        var failure: Problem?
    }

    private func report(_ outcome: Outcome) async throws(APIStatus) {
        let now = api.now()
        let generation = workspace.generation
        try await dependents.report(KaitoOperator.workspaces) { object in
            var conditions = Conditions(object)
            func set(_ type: String, _ isTrue: Bool, _ reason: String, _ message: String) {
                conditions.setIfDifferent(
                    type,
                    isTrue ? "True" : "False",
                    reason,
                    message,
                    now: now,
                    generation: generation
                )
            }
            let ready = outcome.nodes.ready.count
            let isEnough = ready >= outcome.target
            let reason = isEnough ? "NodesReady" : "NodeNotReady"
            let message =
                "\(isEnough ? "Enough" : "Not enough") Nodes are ready (TargetNodes: \(outcome.target), "
                + "CurrentReadyNodes: \(ready), SelectedNodes: \(outcome.nodes.all.count))"
            set("NodesReady", isEnough, reason, message)
            if isEnough {
                set(
                    "ResourceReady",
                    true,
                    "workspaceResourceStatusSuccess",
                    "workspace resource is ready"
                )
            } else {
                set("ResourceReady", false, reason, message)
            }
            // While the operator waits for pods, both say what they said last.
            if let failure = outcome.inferenceFailure {
                set("InferenceReady", false, "WorkspaceInferenceStatusFailed", failure.message)
            }
            if let failure = outcome.failure {
                set("WorkspaceSucceeded", false, "workspaceFailed", failure.message)
            }
            if outcome.isInferring {
                set(
                    "InferenceReady",
                    true,
                    "WorkspaceInferenceStatusSuccess",
                    "Inference has been deployed successfully"
                )
                set("WorkspaceSucceeded", true, "workspaceSucceeded", "workspace succeeds")
            }
            object.json[at: "status", "conditions"] = conditions.json
            object.json[at: "status", "targetNodeCount"] = .integer(outcome.target)
            object.json[at: "status", "workerNodes"] =
                outcome.nodes.names.isEmpty ? nil : .array(outcome.nodes.names.map(JSONValue.string))
        }
    }
}
