import ControlPlane
import HTTPServer
import HTTPTypes
import JSON
import Store

/// What the API says where an installation was refused or has failed.
extension HTTPError {
    init(_ refusal: InstallationService.Refusal, of provider: Provider, verb: String) {
        switch refusal {
        case .noHelm(let reason, let commands):
            self.init(
                .badRequest,
                code: "HELM_UNAVAILABLE",
                message:
                    "Helm CLI not available: \(reason). Please install Helm or use the manual \(verb) commands.",
                details: [("commands", .array(commands.map(JSONValue.string)))]
            )
        case .busy(let task):
            self.init(
                .conflict,
                code: "CONFLICT",
                message: "\(task.title) is running (task \(task.id)); wait for it, or cancel it",
                details: [("task", ["id": .string(task.id), "kind": .string(task.kind)])]
            )
        case .inUse(let deployments, let areDeleted):
            let names = deployments.map { "\($0.namespace)/\($0.name)" }
            self.init(
                .conflict,
                code: "CONFLICT",
                message:
                    "\(provider.name) is in use by \(names.joined(separator: ", ")); delete these deployments first, or add ?force=true "
                    + (areDeleted
                        ? "to have them deleted with the CRDs" : "to leave them without an operator"),
                details: [
                    (
                        "deployments",
                        .array(
                            deployments.map {
                                ["name": .string($0.name), "namespace": .string($0.namespace)]
                            }
                        )
                    )
                ]
            )
        case .elsewhere(let namespaces):
            let names = namespaces.joined(separator: ", ")
            self.init(
                .conflict,
                code: "CONFLICT",
                message:
                    "the operator of \(provider.name) runs in \(names), and Ingot installs it in \(provider.namespace): look after it with "
                    + "what has installed it",
                details: [("operatorNamespaces", .array(namespaces.map(JSONValue.string)))]
            )
        case .unavailable(let reason): self = .clusterUnavailable(reason)
        }
    }

    /// Why a task has not done what it was for.
    init(ended task: TaskRecord) {
        let failure = task.failure
        let status: HTTPResponse.Status =
            switch (task.state, failure?.code) {
            case (.interrupted, _): .serviceUnavailable
            case (.cancelled, _), (_, "CONFLICT"), (_, "PREREQUISITE_MISSING"): .conflict
            default: .internalServerError
            }
        let code =
            switch task.state {
            case .cancelled: "CANCELLED"
            case .interrupted: "INTERRUPTED"
            default: failure?.code ?? "INTERNAL_ERROR"
            }
        var details: [(name: String, value: JSONValue)] = [("taskId", .string(task.id))]
        for member in failure?.details.objectValue ?? JSONMembers() {
            details.append((member.key, member.value))
        }
        self.init(status, code: code, message: task.message, details: details)
    }
}
