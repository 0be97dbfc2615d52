import JSON
import Runtimes

/// Why pods of a deployment wait.
struct PendingReasonList: JSONObject {
    let reasons: [PendingReasonBody]

    static let schemaName = "PendingReasonList"
    static let fields: [JSONField<PendingReasonList>] = [
        .init("reasons", "The warnings, the newest first") { $0.reasons }
    ]
}

/// A warning about a pod that waits.
struct PendingReasonBody: JSONObject {
    let reason: PendingReason

    static let schemaName = "PendingReason"
    static let fields: [JSONField<PendingReasonBody>] = [
        .init("reason", "The event's reason", example: "FailedScheduling") { $0.reason.reason },
        .init("message", "The event's message") { $0.reason.message },
        .init("isResourceConstraint", "Whether there is too little of something") {
            $0.reason.isResourceConstraint
        },
        .init("resourceType", "Of what; absent where it is nothing of these", example: "gpu") {
            $0.reason.resourceType?.rawValue
        }
        .schema(.enumeration(ConstrainedResource.allCases.map(\.rawValue))),
        .init("canAutoscalerHelp", "Whether more nodes would help") { $0.reason.canAutoscalerHelp },
    ]
}
