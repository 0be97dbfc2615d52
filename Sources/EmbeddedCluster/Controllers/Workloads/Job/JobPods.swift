import JSON
import KubernetesModel

/// How the pods of a job are made and read.
struct JobPods: Sendable {
    let job: KubernetesObject

    /// Keeps a pod until its end is counted.
    static let trackingFinalizer = "batch.kubernetes.io/job-tracking"
    static let indexKey = "batch.kubernetes.io/job-completion-index"

    var isIndexed: Bool { job.spec["completionMode"] == "Indexed" }
    var completions: Int64? { job.spec["completions"]?.integerValue }
    var parallelism: Int64 { job.spec.integer("parallelism", default: 1) }
    /// Whether a pod that is ending counts neither as failed nor as replaceable before it has ended.
    var replacesOnlyFailed: Bool { job.spec["podReplacementPolicy"] == "Failed" }

    /// A pod of the job; with an index for an indexed one.
    func pod(index: Int64?) -> KubernetesObject {
        var pod = PodFactory.pod(from: job.spec["template"] ?? [:], owner: job)
        pod.finalizers = pod.finalizers + [Self.trackingFinalizer]
        guard let index else { return pod }
        pod.json[at: "metadata", "generateName"] = .string("\(job.name)-\(index)-")
        pod.setAnnotation(Self.indexKey, String(index))
        pod.setLabel(Self.indexKey, String(index))
        if pod.spec["hostname"] == nil { pod.json[at: "spec", "hostname"] = .string("\(job.name)-\(index)") }
        let variable: JSONValue = [
            "name": "JOB_COMPLETION_INDEX",
            "valueFrom": ["fieldRef": ["fieldPath": .string("metadata.annotations['\(Self.indexKey)']")]],
        ]
        for list in ["initContainers", "containers"] {
            guard let containers = pod.spec[list]?.arrayValue else { continue }
            pod.json[at: "spec", list] = .array(
                containers.map { container in
                    var container = container
                    let present = container["env"]?.arrayValue ?? []
                    if !present.contains(where: { $0["name"] == "JOB_COMPLETION_INDEX" }) {
                        container["env"] = .array(present + [variable])
                    }
                    return container
                }
            )
        }
        return pod
    }

    static func index(of pod: KubernetesObject) -> Int64? { pod.annotation(indexKey).flatMap(Int64.init) }

    /// Whether the pod counts as a failure.
    func hasFailed(_ pod: KubernetesObject) -> Bool {
        switch PodState.phase(pod) {
        case "Failed": true
        case "Succeeded": false
        default: pod.isBeingDeleted && !replacesOnlyFailed
        }
    }

    /// When the last container of an ended pod ended.
    static func finishTime(_ pod: KubernetesObject) -> Timestamp? {
        let ends = (pod.status["containerStatuses"]?.arrayValue ?? []).compactMap {
            $0["state"]?["terminated"]?["finishedAt"]?.stringValue.flatMap { Timestamp(rfc3339: $0) }
        }
        return ends.max()
            ?? pod.condition("Ready")?["lastTransitionTime"]?.stringValue.flatMap { Timestamp(rfc3339: $0) }
            ?? pod.creationTimestamp
    }

    /// When the next pod may be made after failures: ten seconds after a first one, twice as long after each further one in a
    /// row, ten minutes at most.
    static func nextStart(_ pods: [KubernetesObject]) -> Timestamp? {
        let lastSuccess = pods.filter { PodState.phase($0) == "Succeeded" }.compactMap(finishTime).max()
        let failures = pods.filter { PodState.phase($0) == "Failed" }.compactMap(finishTime)
            .filter { failure in lastSuccess.map { failure > $0 } ?? true }
        guard let latest = failures.max() else { return nil }
        let pause = 10 << Int64(min(failures.count - 1, 6))
        return latest.adding(seconds: min(Int64(pause), 600))
    }
}

/// Sets of completion indexes as the status writes them: `1,3-5,7`.
struct CompletionIndexes {
    private(set) var indexes: Set<Int64> = []

    /// Indexes from here on are not counted: a status that clients may write must not fill the memory.
    static let most: Int64 = 1_000_000

    init(_ text: String, below limit: Int64) {
        for part in text.split(separator: ",") {
            let ends = part.split(separator: "-").compactMap { Int64($0) }
            guard let first = ends.first, let last = ends.last, first >= 0, first <= last else { continue }
            for index in first...min(last, max(first, limit)) where index < limit { indexes.insert(index) }
        }
    }

    mutating func insert(_ index: Int64) { indexes.insert(index) }

    var text: String {
        var runs: [(first: Int64, last: Int64)] = []
        for index in indexes.sorted() {
            if let run = runs.last, run.last + 1 == index {
                runs[runs.count - 1].last = index
            } else {
                runs.append((index, index))
            }
        }
        return runs.map { run in
            switch run.last - run.first {
            case 0: "\(run.first)"
            case 1: "\(run.first),\(run.last)"
            default: "\(run.first)-\(run.last)"
            }
        }.joined(separator: ",")
    }
}
