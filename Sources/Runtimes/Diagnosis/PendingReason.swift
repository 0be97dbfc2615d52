public import JSON

/// Why a pod of a deployment waits, as the API's `pending-reasons` route tells it.
public struct PendingReason: Sendable, Hashable {
    /// The event's reason.
    public var reason: String
    /// The event's message.
    public var message: String
    /// Whether too little of something is free.
    public var isResourceConstraint: Bool
    /// Of what; nil where it is nothing of these.
    public var resourceType: ConstrainedResource?
    /// Whether more nodes would help.
    public var canAutoscalerHelp: Bool
    /// When it was told last; nil when that is not known.
    public var last: Timestamp?

    /// Reads an event.
    public init(_ event: ClusterEvent) {
        let text = event.message.lowercased()
        let isScheduling = event.reason == "FailedScheduling"
        let lacks = text.contains("insufficient")
        reason = event.reason
        message = event.message
        isResourceConstraint = isScheduling || lacks
        last = event.last
        if lacks {
            let named = SchedulingMessage(event.message).lacking
            // Messages of others than the scheduler name resources in ways of their own.
            resourceType =
                named ?? (text.contains("gpu") ? .gpu : nil) ?? (text.contains("cpu") ? .cpu : nil)
                ?? (text.contains("memory") ? .memory : nil)
        }
        let isAboutChoice = ["taint", "toleration", "node selector", "didn't match"].contains(
            where: text.contains
        )
        // The document has it so: where nodes are kept for others, an autoscaler's choice of nodes may be no better.
        canAutoscalerHelp = resourceType != nil && !isAboutChoice
    }

    /// The reasons for which pods wait: their warnings, each once, the newest first.
    ///
    /// - Parameter pods: the pods that are not bound to a node, or whose containers do not run.
    public static func all(_ events: [ClusterEvent], of pods: [ServingPod]) -> [PendingReason] {
        let names = Set(pods.filter { $0.phase == "Pending" && !$0.isBeingDeleted }.map(\.name))
        var seen: Set<String> = []
        return events.filter { $0.isWarning && $0.kind == "Pod" && names.contains($0.name) }
            .map(PendingReason.init)
            .sorted { ($0.last?.millisecondsSinceEpoch ?? 0) > ($1.last?.millisecondsSinceEpoch ?? 0) }
            .filter { seen.insert("\($0.reason)\u{0}\($0.message)").inserted }
    }
}
