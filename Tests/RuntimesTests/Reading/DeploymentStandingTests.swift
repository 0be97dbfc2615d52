import Capacity
import JSON
import KubernetesModel
import Testing

@testable import Runtimes

/// A reading of an operator that says that all is well.
private func reading(_ phase: DeploymentPhase = .running, desired: Int = 1, ready: Int = 1) throws
    -> DeploymentReading
{
    let json: JSONValue = ["name": "d", "modelId": "a/b", "replicas": .integer(Int64(desired))]
    let spec = try DeploymentRequest(json: json).spec(on: .vllm, engine: .vllm, namespace: "ml")
    let manifest = try #require(try VLLMRuntime.render(spec).first)
    var reading = try #require(VLLMRuntime.read(KubernetesObject(manifest.object)))
    reading.phase = phase
    reading.replicas = ReplicaCounts(desired: desired, ready: ready)
    return reading
}

private func pod(isReady: Bool = false, _ change: (inout ServingPod.Container) -> Void = { _ in })
    -> ServingPod
{
    var pod = ServingPod(name: "d-1", phase: "Running")
    pod.isReady = isReady
    pod.node = "node-1"
    var container = ServingPod.Container(name: "server")
    container.isRunning = true
    container.isReady = isReady
    change(&container)
    pod.containers = [container]
    return pod
}

/// Every reason with which a kubelet keeps a container from running and that does not pass by itself
/// (kubernetes/kubernetes, pkg/kubelet).
private let fatal = [
    "CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "ErrImageNeverPull", "InvalidImageName",
    "ImageInspectError", "RegistryUnavailable", "CreateContainerConfigError", "CreateContainerError",
    "RunContainerError",
]

@Test(arguments: fatal)
func aPodThatWaitsForAFatalReasonIsNeverRunning(reason: String) throws {
    let broken = pod { container in
        container.isRunning = false
        container.waitingReason = reason
        container.message = "because"
    }
    let alone = DeploymentStanding(try reading(ready: 0), [broken])
    #expect(alone.phase == .failed && alone.failure?.reason == reason)
    #expect(alone.message == "d-1, container server: \(reason): because")
    // Also where the operator counts one that serves.
    #expect(
        DeploymentStanding(try reading(desired: 2, ready: 1), [pod(isReady: true), broken]).phase
            == .deploying
    )
}

@Test func aContainerThatRanOutOfMemoryIsToldAsThat() throws {
    let looping = pod { container in
        container.isRunning = false
        container.waitingReason = "CrashLoopBackOff"
        container.lastTerminatedReason = "OOMKilled"
        container.lastExitCode = 137
    }
    let standing = DeploymentStanding(try reading(ready: 0), [looping])
    #expect(standing.phase == .failed && standing.failure?.reason == "OOMKilled")
    let again = pod { $0.lastTerminatedReason = "OOMKilled" }
    #expect(DeploymentStanding(try reading(ready: 0), [again]).failure?.reason == "OOMKilled")
}

@Test func aPodWhoseProbeFailsIsNotRunning() throws {
    #expect(DeploymentStanding(try reading(), [pod()]).phase == .deploying)
    #expect(DeploymentStanding(try reading(), []).phase == .pending)
}

@Test func aPodThatHasEndedInFailureIsNotRunning() throws {
    var evicted = ServingPod(name: "d-1", phase: "Failed")
    evicted.reason = "Evicted"
    evicted.message = "The node was low on resource: memory."
    let standing = DeploymentStanding(try reading(ready: 0), [evicted])
    #expect(standing.phase == .failed && standing.failure?.reason == "Evicted")
    // Another one has taken its place.
    #expect(DeploymentStanding(try reading(), [evicted, pod(isReady: true)]).phase == .running)
}

@Test func aPodWithoutANodeIsPendingAndOneWithANodeDeploying() throws {
    let waiting = ServingPod(name: "d-1")
    #expect(DeploymentStanding(try reading(.deploying, ready: 0), [waiting]).phase == .pending)
    #expect(DeploymentStanding(try reading(.deploying, ready: 0), [pod()]).phase == .deploying)
}

@Test func anUpdateInWhichOldPodsServeIsDeploying() throws {
    var old = pod(isReady: true)
    old.isBeingDeleted = true
    #expect(DeploymentStanding(try reading(.deploying), [old, pod()]).phase == .deploying)
    #expect(DeploymentStanding(try reading(.running), [old, pod(isReady: true)]).phase == .running)
}

@Test func whatIsBeingDeletedIsTerminatingHoweverItsPodsStand() throws {
    var reading = try reading()
    reading.isBeingDeleted = true
    #expect(
        DeploymentStanding(reading, [pod { $0.waitingReason = "CrashLoopBackOff" }]).phase == .terminating
    )
    #expect(DeploymentStanding(reading, []).phase == .terminating)
}

@Test func anOperatorsFailureStandsEvenWhenPodsRun() throws {
    var reading = try reading(.failed)
    reading.message = "InvalidSpec"
    let standing = DeploymentStanding(reading, [pod(isReady: true)])
    #expect(standing.phase == .failed && standing.message == "InvalidSpec")
}

@Test func whatIsScaledToNothingRunsWithoutPods() throws {
    #expect(DeploymentStanding(try reading(desired: 0, ready: 0), []).phase == .running)
}
