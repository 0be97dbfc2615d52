import ControlPlane
import JSON
import Store

/// What a step came to.
struct InstallationResultBody: JSONObject {
    let json: JSONValue

    static let schemaName = "InstallationResult"
    static let fields: [JSONField<InstallationResultBody>] = [
        .init("step", "The step", example: "install-dynamo-platform") { $0.json["step"]?.stringValue ?? "" },
        .init("chart", "The release that it was about; left out when it was about none") {
            $0.json["chart"]?.stringValue
        },
        .init("success", "Whether it did what it was for") { $0.json["success"]?.boolValue ?? false },
        .init("output", "What was printed or done") { $0.json["output"]?.stringValue ?? "" },
        .init("error", "Why it has failed; left out unless it has") { $0.json["error"]?.stringValue },
    ]
}

/// The answer to a wish for an installation, an upgrade or a removal, done or under way.
struct InstallationAnswer: JSONObject {
    let provider: Provider
    /// Nil when there was nothing to do.
    let task: TaskRecord?
    let installation: ProviderInstallation?
    let isSimulated: Bool

    private var isUnderWay: Bool { task?.state == .running }

    private var message: String {
        guard let task else {
            return "\(provider.name) is already installed"
                + (isSimulated ? " (simulated by the embedded cluster)" : "")
        }
        guard isUnderWay else { return task.message }
        return "\(task.title): under way; follow it at /api/tasks/\(task.id)/events"
    }

    static let schemaName = "InstallationAnswer"
    static let fields: [JSONField<InstallationAnswer>] =
        shared(\.self) + [
            .init("installationStatus", "How the provider stands now; left out while that is not known") {
                $0.installation.map(ProviderInstallationBody.init)
            }
        ]

    /// The members, for an answer that has these among others.
    static func shared<Root>(
        _ answer: @escaping @Sendable (Root) -> InstallationAnswer
    ) -> [JSONField<Root>] {
        [
            .init("success", "Whether nothing has gone wrong so far") { root -> Bool in
                let results = answer(root).task?.result["results"]?.arrayValue ?? []
                return results.allSatisfy { $0["success"]?.boolValue ?? true }
            },
            .init("message", "How it stands", example: "NVIDIA Dynamo installed successfully") {
                answer($0).message
            },
            .init("alreadyInstalled", "True when there was nothing to do; else left out") { root -> Bool? in
                answer(root).task == nil ? true : nil
            },
            .init("installing", "Whether it goes on after this answer") { root -> Bool in
                let answer = answer(root)
                return answer.isUnderWay || answer.task?.result["installing"]?.boolValue ?? false
            },
            .init(
                "pendingCharts",
                "The Helm releases that somebody else works on; left out when there are none"
            ) {
                answer($0).task?.result["pendingCharts"]?.stringValue
            },
            .init("results", "What each step came to") { root in
                (answer(root).task?.result["results"]?.arrayValue ?? []).map(InstallationResultBody.init)
            },
            .init("newerVersion", "A newer version than the one installed; left out when none is known") {
                root in
                answer(root).newerVersion
            },
            .init("simulated", "Whether the embedded cluster plays the operator") { answer($0).isSimulated },
            .init("taskId", "The task; left out when there was nothing to do") { answer($0).task?.id },
        ]
    }

    private var newerVersion: String? {
        task?.result["newestVersion"]?.stringValue.flatMap(provider.newer)
    }
}

/// The answer to a wish for the GPU operator.
struct GPUOperatorAnswer: JSONObject {
    let answer: InstallationAnswer
    let status: GPUOperatorBody?

    static let schemaName = "GPUOperatorAnswer"
    static let fields: [JSONField<GPUOperatorAnswer>] =
        InstallationAnswer.shared(\.answer) + [
            .init("status", "How the GPU operator stands now; left out while that is not known") { $0.status }
        ]
}
