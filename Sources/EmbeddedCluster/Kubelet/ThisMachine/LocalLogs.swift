import JSON
import KubernetesModel
import LocalContainers

/// The logs of pods on this machine: what their processes have written.
struct LocalLogs: PodLogSource {
    /// The folder of all pods.
    let root: String

    func log(of pod: KubernetesObject, _ options: PodLogOptions) async throws(APIStatus)
        -> AsyncThrowingStream<[UInt8], any Error>
    {
        let instance = try ContainerLogInstance(of: pod, options.container, previous: options.previous)
        let folder = ContainerLogFolder(path: PodFolder(root: root, uid: pod.uid).logs(options.container))
        let bytes: ContainerLogBytes
        do throws(ContainerLogError) {
            bytes = try await folder.log(restart: Int(clamping: instance.restarts)).read(
                ContainerLogOptions(
                    follow: options.follow && instance.finishedAt == nil,
                    tailLines: options.tailLines,
                    since: options.since,
                    limitBytes: options.limitBytes,
                    timestamps: options.timestamps
                )
            )
        } catch {
            throw APIStatus.internalError(
                "failed to open log file of container \"\(options.container)\" in pod \"\(pod.name)\": \(error)"
            )
        }
        return AsyncThrowingStream {
            // Each iterator reads on where the one before stopped.
            var iterator = bytes.makeAsyncIterator()
            return await iterator.next()
        }
    }
}

/// The logs of all pods: each from the kind of node that it is on.
struct PodLogs: PodLogSource {
    let api: ClusterAPI
    let simulated: SimulatedLogs
    /// Nil when this machine is no node.
    let local: LocalLogs?

    func log(of pod: KubernetesObject, _ options: PodLogOptions) async throws(APIStatus)
        -> AsyncThrowingStream<[UInt8], any Error>
    {
        let node = api.get(.nodes, ObjectKey(name: pod.spec["nodeName"]?.stringValue ?? ""))
        if let local, let node, MachineNode.isThisMachine(node) {
            return try await local.log(of: pod, options)
        }
        return try await simulated.log(of: pod, options)
    }
}
