import ControlPlane
import JSON
import Kubernetes
import Store

/// The answer of `GET /api/installation/helm/status`.
struct HelmStatusBody: JSONObject {
    let state: HelmAvailability.State

    static let schemaName = "HelmStatus"
    static let fields: [JSONField<HelmStatusBody>] = [
        .init("available", "Whether helm can be used") { body in
            if case .available = body.state { true } else { false }
        },
        .init("version", "Its version; left out when it cannot be used", example: "v3.14.0") { body in
            if case .available(let version) = body.state { version } else { nil as String? }
        },
        .init("error", "Why it cannot be used; left out when it can") { body in
            if case .unavailable(let reason) = body.state { reason } else { nil as String? }
        },
    ]
}

/// Something that a person does before or after an installation.
struct InstallationStepBody: JSONObject {
    let step: Provider.Step

    static let schemaName = "InstallationStep"
    static let fields: [JSONField<InstallationStepBody>] = [
        .init("title", "What to do", example: "Install cert-manager") { $0.step.title },
        .init("command", "How to do it; left out where there is no one command for it") { $0.step.command },
        .init("description", "Why, and what to know") { $0.step.description },
    ]
}

/// The answer of `GET /api/installation/providers/{id}/status`: the documented keys, and those that the web front end reads.
struct ProviderStatusBody: JSONObject {
    let provider: Provider
    let installation: ProviderInstallation
    let commands: [String]
    let newerVersion: String?
    let running: TaskRecord?
    let latest: TaskRecord?
    let isSimulated: Bool

    static let schemaName = "ProviderStatus"
    static let fields: [JSONField<ProviderStatusBody>] = [
        .init("providerId", "The id", example: "dynamo") { $0.provider.id },
        .init("providerName", "The name", example: "NVIDIA Dynamo") { $0.provider.name },
        .init("installed", "Whether it can be used") { $0.installation.isInstalled },
        .init("crdInstalled", "Whether its custom resources are defined") { $0.installation.isDefined },
        .init("crdFound", "The same as crdInstalled") { $0.installation.isDefined },
        .init("operatorInstalled", "Whether its operator is ready, in whatever namespace it runs") {
            $0.installation.isOperatorReady
        },
        .init("operatorRunning", "The same as operatorInstalled") { $0.installation.isOperatorReady },
        .init("operatorNamespaces", "The namespaces that its operator's pods run in, ready or not") {
            $0.installation.operatorNamespaces
        },
        .nullable("version", "The operator's version; null when there is none that says", example: "1.3.1") {
            $0.installation.version
        },
        .init("availableVersion", "The version that an installation brings", example: "1.3.1") {
            $0.provider.version
        },
        .init(
            "newerVersion",
            "A version that is newer than that, as the last installation or upgrade has seen; left out when none is known"
        ) { $0.newerVersion },
        .init("message", "The state in a sentence", example: "Dynamo is installed and running") {
            $0.installation.message
        },
        .init("installationSteps", "What people do besides") {
            $0.provider.steps.map(InstallationStepBody.init)
        },
        .init("helmCommands", "What to run by hand to the same effect as an installation") { $0.commands },
        .init("simulated", "Whether the embedded cluster plays the operator") { $0.isSimulated },
        .init("task", "The task that works on it; left out when none does") { $0.running.map(TaskBody.init) },
        .init("lastTask", "The last task that has worked on it; left out when none is remembered") {
            $0.latest.map(TaskBody.init)
        },
    ]
}

/// The answer of `GET /api/installation/providers/{id}/commands`.
struct ProviderCommandsBody: JSONObject {
    let provider: Provider
    let commands: [String]

    static let schemaName = "ProviderCommands"
    static let fields: [JSONField<ProviderCommandsBody>] = [
        .init("providerId", "The id", example: "kuberay") { $0.provider.id },
        .init("providerName", "The name", example: "Ray Serve via KubeRay") { $0.provider.name },
        .init("commands", "What to run by hand to the same effect as an installation, in order") {
            $0.commands
        },
        .init("steps", "What people do besides") { $0.provider.steps.map(InstallationStepBody.init) },
    ]
}

/// What the web front end reads of the GPU operator.
struct GPUOperatorBody: JSONObject {
    let status: GPUOperatorStatus
    /// Nil where the commands are of no use.
    let commands: [String]?
    let isSimulated: Bool

    static let schemaName = "GPUOperatorStatus"
    static let fields: [JSONField<GPUOperatorBody>] = [
        .init("installed", "Whether it can be used") { $0.status.installation.isInstalled },
        .init("crdFound", "Whether its custom resources are defined") { $0.status.installation.isDefined },
        .init("operatorRunning", "Whether it is ready, in whatever namespace it runs") {
            $0.status.installation.isOperatorReady
        },
        .init("gpusAvailable", "Whether any node has GPUs to request") { $0.status.gpus > 0 },
        .init("totalGPUs", "GPUs that pods may request on all nodes", example: 4) { $0.status.gpus },
        .init("gpuNodes", "The nodes that have any", example: ["node-1", "node-2"]) { $0.status.nodes },
        .init("message", "The state in a sentence", example: "GPUs enabled: 4 GPU(s) on 2 node(s)") {
            $0.status.message
        },
        .init("helmCommands", "What to run by hand to the same effect as an installation") { $0.commands },
        .init("simulated", "Whether the nodes are simulated, because the cluster is the embedded one") {
            $0.isSimulated
        },
    ]
}
