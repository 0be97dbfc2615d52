import JSON
import KubernetesModel

/// Jobs as rows.
enum JobLayout {
    static let layout = TableLayout([
        .objectName,
        TableColumn("Status", "What the job is doing, in one word."),
        TableColumn("Completions", "How many of the wanted pods have succeeded."),
        TableColumn("Duration", "How long the job took, or has taken so far."),
        .age,
        .wide("Containers", "The names of the containers in the template."),
        .wide("Images", "The images of the containers in the template."),
        .wide("Selector", "Which pods belong to it."),
    ]) { job, now in
        [
            job.nameCell, .string(status(job)), .string(completions(job)), .string(duration(job, now)),
            job.ageCell(now),
        ] + KubernetesObject.containerCells(job.spec["template"]?["spec"])
            + [KubernetesObject.selectorCell(job.spec["selector"])]
    }

    private static func status(_ job: KubernetesObject) -> String {
        func has(_ condition: String) -> Bool { job.condition(condition)?["status"]?.stringValue == "True" }
        if has("Complete") { return "Complete" }
        if has("Failed") { return "Failed" }
        if job.isBeingDeleted { return "Terminating" }
        for condition in ["Suspended", "FailureTarget", "SuccessCriteriaMet"] where has(condition) {
            return condition
        }
        return "Running"
    }

    private static func completions(_ job: KubernetesObject) -> String {
        let succeeded = job.status["succeeded"]?.integerValue ?? 0
        if let wanted = job.spec["completions"]?.integerValue { return "\(succeeded)/\(wanted)" }
        let parallelism = job.spec["parallelism"]?.integerValue ?? 0
        return parallelism > 1 ? "\(succeeded)/1 of \(parallelism)" : "\(succeeded)/1"
    }

    private static func duration(_ job: KubernetesObject, _ now: Timestamp) -> String {
        func time(_ key: String) -> Timestamp? {
            job.status[key]?.stringValue.flatMap(Timestamp.init(rfc3339:))
        }
        guard let start = time("startTime") else { return "" }
        return HumanDuration.text(from: start, to: time("completionTime") ?? now)
    }
}
