import JSON
import KubernetesModel
import Testing

@testable import EmbeddedCluster

struct PodSummaryTests {
    private func pod(
        phase: String = "Running",
        containers: [JSONValue] = [],
        initContainers: [JSONValue] = [],
        conditions: [JSONValue] = [],
        sidecars: Set<Int> = []
    ) -> KubernetesObject {
        func names(_ count: Int, _ prefix: String, _ sidecars: Set<Int> = []) -> JSONValue {
            .array(
                (0..<count).map { index in
                    sidecars.contains(index)
                        ? ["name": .string("\(prefix)\(index)"), "restartPolicy": "Always"]
                        : ["name": .string("\(prefix)\(index)")]
                }
            )
        }
        func statuses(_ values: [JSONValue], _ prefix: String) -> JSONValue {
            .array(
                values.enumerated().map { index, value in
                    var value = value
                    value["name"] = .string("\(prefix)\(index)")
                    return value
                }
            )
        }
        return KubernetesObject([
            "metadata": ["name": "p"],
            "spec": [
                "containers": names(max(containers.count, 1), "c"),
                "initContainers": names(initContainers.count, "i", sidecars),
            ],
            "status": [
                "phase": .string(phase), "conditions": .array(conditions),
                "containerStatuses": statuses(containers, "c"),
                "initContainerStatuses": statuses(initContainers, "i"),
            ],
        ])
    }

    private let running: JSONValue = ["ready": true, "restartCount": 0, "state": ["running": [:]]]

    private func waiting(_ reason: String, restarts: Int64 = 0) -> JSONValue {
        [
            "ready": false, "restartCount": .integer(restarts),
            "state": ["waiting": ["reason": .string(reason)]],
        ]
    }

    private func ended(_ exitCode: Int64, _ reason: String? = nil) -> JSONValue {
        var terminated: JSONValue = ["exitCode": .integer(exitCode)]
        if let reason { terminated["reason"] = .string(reason) }
        return ["ready": false, "restartCount": 0, "state": ["terminated": terminated]]
    }

    @Test("a running pod counts its ready containers")
    func runningPod() {
        let summary = PodSummary(pod(containers: [running, running]))
        #expect((summary.ready, summary.containers, summary.status) == (2, 2, "Running"))
    }

    @Test("a pod without container statuses shows its phase")
    func pending() {
        let summary = PodSummary(pod(phase: "Pending"))
        #expect((summary.ready, summary.containers, summary.status) == (0, 1, "Pending"))
    }

    @Test("the reason for which a container waits or ended stands for the pod")
    func reasons() {
        #expect(
            PodSummary(pod(containers: [waiting("CrashLoopBackOff", restarts: 4)])).status
                == "CrashLoopBackOff"
        )
        #expect(PodSummary(pod(containers: [waiting("CrashLoopBackOff", restarts: 4)])).restarts == 4)
        #expect(PodSummary(pod(containers: [ended(137, "OOMKilled")])).status == "OOMKilled")
        #expect(PodSummary(pod(containers: [ended(3)])).status == "ExitCode:3")
        #expect(
            PodSummary(pod(phase: "Succeeded", containers: [ended(0, "Completed")])).status == "Completed"
        )
    }

    @Test("a pod of which one container has completed and another runs is running when ready, else not ready")
    func halfCompleted() {
        let containers = [ended(0, "Completed"), running]
        #expect(PodSummary(pod(containers: containers)).status == "NotReady")
        let ready = pod(containers: containers, conditions: [["type": "Ready", "status": "True"]])
        #expect(PodSummary(ready).status == "Running")
    }

    @Test("init containers show how far they are, why they wait and how they failed")
    func initializing() {
        func status(_ first: JSONValue, _ second: JSONValue) -> String {
            PodSummary(
                pod(
                    phase: "Pending",
                    containers: [waiting("PodInitializing")],
                    initContainers: [first, second]
                )
            ).status
        }
        let isRunning: JSONValue = ["restartCount": 0, "state": ["running": [:]]]
        #expect(status(isRunning, waiting("PodInitializing")) == "Init:0/2")
        #expect(status(ended(0, "Completed"), isRunning) == "Init:1/2")
        #expect(status(waiting("ImagePullBackOff"), waiting("PodInitializing")) == "Init:ImagePullBackOff")
        #expect(status(ended(1, "Error"), waiting("PodInitializing")) == "Init:Error")
        #expect(status(ended(2), waiting("PodInitializing")) == "Init:ExitCode:2")
        #expect(status(ended(0, "Completed"), ended(0, "Completed")) == "PodInitializing")
    }

    @Test("a started sidecar counts as a container and keeps nothing waiting")
    func sidecar() {
        let sidecar: JSONValue = [
            "ready": true, "started": true, "restartCount": 2, "state": ["running": [:]],
        ]
        let summary = PodSummary(pod(containers: [running], initContainers: [sidecar], sidecars: [0]))
        #expect((summary.ready, summary.containers, summary.status) == (2, 2, "Running"))
        #expect(summary.restarts == 2)
    }

    @Test("restarts of init containers that are done do not count, and the last restart is the latest end")
    func restarts() {
        var first = running
        first["restartCount"] = 2
        first["lastState"] = ["terminated": ["exitCode": 1, "finishedAt": "2026-11-21T04:50:44Z"]]
        var second = running
        second["restartCount"] = 1
        second["lastState"] = ["terminated": ["exitCode": 1, "finishedAt": "2026-11-21T04:55:44Z"]]
        var done = ended(0, "Completed")
        done["restartCount"] = 9
        let summary = PodSummary(pod(containers: [first, second], initContainers: [done]))
        #expect(summary.restarts == 3)
        #expect(summary.lastRestart == Timestamp(rfc3339: "2026-11-21T04:55:44Z"))
    }

    @Test("a pod that is being deleted is terminating until it has ended, and unknown when its node is lost")
    func deletion() {
        var ending = pod(containers: [running])
        ending.json[at: "metadata", "deletionTimestamp"] = "2026-11-21T04:50:44Z"
        #expect(PodSummary(ending).status == "Terminating")
        ending.json[at: "status", "reason"] = "NodeLost"
        #expect(PodSummary(ending).status == "Unknown")
        ending.json[at: "status", "reason"] = nil
        ending.json[at: "status", "phase"] = "Succeeded"
        ending.json[at: "status", "containerStatuses"] = .array([ended(0, "Completed")])
        #expect(PodSummary(ending).status == "Completed")
    }

    @Test("a reason of the pod itself, or of the scheduler's gates, stands for the phase")
    func podReasons() {
        var evicted = pod(phase: "Failed")
        evicted.json[at: "status", "reason"] = "Evicted"
        #expect(PodSummary(evicted).status == "Evicted")
        let gated = pod(
            phase: "Pending",
            conditions: [["type": "PodScheduled", "status": "False", "reason": "SchedulingGated"]]
        )
        #expect(PodSummary(gated).status == "SchedulingGated")
    }
}
