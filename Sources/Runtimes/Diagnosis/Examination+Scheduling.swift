import Capacity
import JSON

extension Examination {
    /// Why a pod has no node.
    mutating func examineScheduling(_ pod: ServingPod, _ events: [ClusterEvent]) {
        let provisioning = events.first { event in
            ["TriggeredScaleUp", "Nominated", "NodeClaimCreated"].contains(event.reason)
        }
        let given = events.first { ["NotTriggerScaleUp", "FailedToScaleUpGroup"].contains($0.reason) }
        if let provisioning,
            (given?.last?.millisecondsSinceEpoch ?? 0) < (provisioning.last?.millisecondsSinceEpoch ?? 1)
        {
            findings.add(.nodeProvisioning, .event, provisioning.message, at: provisioning.last)
        }
        // Events are gone after an hour; the pod's condition stays.
        let event = events.first { $0.reason == "FailedScheduling" }
        guard let text = event?.message ?? (pod.reason == "Unschedulable" ? pod.message : nil) else { return }
        let message = SchedulingMessage(text)
        let evidence = Diagnosis.Evidence(event == nil ? .pod : .event, text, at: event?.last)
        if message.isVolume || message.contains(.volume) {
            findings.add(Diagnosis(.volumePending, evidence: [evidence]))
        }
        if let lacking = message.lacking { addLack(lacking, evidence, given) }
        for taint in message.taints {
            findings.add(
                Diagnosis(
                    .untoleratedTaint,
                    "Nodes have the taint \(taint), which the pods do not tolerate.",
                    evidence: [evidence]
                ),
                // Where nodes that may be used are full, those kept for others are seldom the reason.
                isInferred: message.lacking != nil
            )
        }
        examineNodes(message, evidence)
        if text.hasPrefix("no nodes available") { addLack(.gpu, evidence) }
        if findings.isEmpty { findings.add(Diagnosis(.unknown, evidence: [evidence])) }
    }

    /// Nodes that do not have the labels, are lost, or take no pods.
    ///
    /// The scheduler looks at labels last: a node that it calls lost or closed may be one that has them or not. Where it is known how
    /// those stand that have them, that counts.
    private mutating func examineNodes(_ message: SchedulingMessage, _ evidence: Diagnosis.Evidence) {
        let isOtherwise = message.lacking != nil || !message.taints.isEmpty
        var mayBeSelected = isOtherwise
        if !isOtherwise, facts.selectedNodes?.count != 0, !message.isVolume {
            let (isLost, isCordoned) = conditions(message)
            if isLost {
                findings.add(Diagnosis(.nodeLost, evidence: [evidence]))
                mayBeSelected = true
            }
            if isCordoned {
                let summary = "The nodes that would do are cordoned: they take no new pods."
                findings.add(Diagnosis(.untoleratedTaint, summary, evidence: [evidence]))
                mayBeSelected = true
            }
        }
        if message.contains(.selector) {
            findings.add(Diagnosis(.nodeSelectorMismatch, evidence: [evidence]), isInferred: mayBeSelected)
        }
    }

    /// Whether nodes that would do are lost, and whether they take no pods.
    private func conditions(_ message: SchedulingMessage) -> (isLost: Bool, isCordoned: Bool) {
        let told = (message.isOfLostNodes, message.contains(.cordoned))
        guard let nodes = facts.selectedNodes else { return told }
        let seen = (told.0 && nodes.notReady > 0, told.1 && nodes.cordoned > 0)
        // Where all of them are well by now, what was told will soon be no more, and is all there is.
        return seen.0 || seen.1 ? seen : told
    }

    /// Tells what there is too little of, with what is known of the GPUs.
    mutating func addLack(
        _ resource: ConstrainedResource,
        _ evidence: Diagnosis.Evidence,
        _ refusal: ClusterEvent? = nil
    ) {
        let code: DiagnosisCode =
            switch resource {
            case .gpu: .insufficientGPU
            case .cpu: .insufficientCPU
            case .memory: .insufficientMemory
            }
        var all = [evidence]
        var summary: String?
        if resource == .gpu, let gpus = facts.gpus {
            summary = lack(gpus)
            let free = gpus.free.filter { $0.value > 0 }.sorted { $0.key < $1.key }
                .map { "\($0.value) × \($0.key)" }.joined(separator: ", ")
            all.append(
                .init(
                    .capacity,
                    "\(gpus.freeTotal) of \(gpus.total) GPUs are free" + (free.isEmpty ? "" : " (\(free))")
                        + ", at most \(gpus.largestFreeBlock) on one node"
                )
            )
        }
        if let refusal { all.append(.init(.event, refusal.message, at: refusal.last)) }
        findings.add(
            Diagnosis(
                code,
                summary,
                evidence: all,
                resource: resource,
                canAutoscalerHelp: refusal == nil
            )
        )
    }

    /// How many GPUs a worker asks for at most; nil when that is not known.
    private var wanted: Int? { facts.reading.spec?.groups.map(\.gpus).max() }

    private func lack(_ gpus: GPUAvailability) -> String? {
        if gpus.total == 0 { return "The cluster has no GPUs." }
        guard let wanted, wanted > 0 else { return nil }
        if gpus.largestNode < wanted {
            return
                "Each worker needs \(wanted) GPUs on one node, and no node has more than \(gpus.largestNode)."
        }
        if gpus.freeTotal >= wanted, gpus.largestFreeBlock < wanted {
            return "Each worker needs \(wanted) GPUs on one node; \(gpus.freeTotal) are free, but at most "
                + "\(gpus.largestFreeBlock) on one node."
        }
        return "Each worker needs \(wanted) GPUs, and \(gpus.freeTotal) of \(gpus.total) are free."
    }
}
