import JSON
import Kubernetes
import KubernetesModel
import Runtimes

/// Keeps the last lines of the pods of managed deployments when they fail or go, so that one can still read why.
///
/// Of each deployment it keeps up to 1,000 lines or 256 KiB for an hour, and 64 MiB of all together, in memory.
public final class DeploymentLogKeeper: Sendable {
    /// The specification of a pod, by namespace and name; nil when it is not known.
    typealias PodLookup = @Sendable (_ namespace: String, _ name: String) -> PodProjection?

    private let client: KubernetesClient
    private let deployments: DeploymentIndex
    private let pod: PodLookup
    let kept: KeptLogs

    /// Logs that are read to their end at the same time. Of further pods what is there at once must do.
    private static let mostFollowed = 64
    /// Logs that are read as they are at the same time.
    private static let mostRead = 16
    /// How long a log is followed. Nothing says that a pod that is to go ever does.
    private static let longestFollowing = Duration.seconds(600)
    /// How long a deletion waits for lines to be kept.
    private static let longestDelay = Duration.seconds(2)

    init(
        client: KubernetesClient,
        deployments: DeploymentIndex,
        kept: KeptLogs = KeptLogs(),
        pod: @escaping PodLookup
    ) {
        self.client = client
        self.deployments = deployments
        self.kept = kept
        self.pod = pod
    }

    /// Keeps lines until the task is cancelled.
    func run() async {
        let (ticks, tick) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let (waiting, wait) = AsyncStream.makeStream(of: EndangeredPod.self)
        let following = deployments.changes.follow { tick.yield() }
        var watch = EndangeredPods(deployments.snapshot)
        let followed = Slots(Self.mostFollowed)
        await withDiscardingTaskGroup { group in
            for _ in 0..<Self.mostRead {
                group.addTask { for await pod in waiting { await self.keep(pod, follows: false) } }
            }
            tick.yield()
            for await _ in ticks {
                for pod in watch.take(deployments) {
                    guard pod.isGoing, followed.take() else {
                        wait.yield(pod)
                        continue
                    }
                    group.addTask {
                        await self.keep(pod, follows: true)
                        followed.giveBack()
                    }
                }
            }
            wait.finish()
        }
        withExtendedLifetime(following) {}
    }

    /// Keeps the lines that the pods of a deployment have now, because it is about to be deleted. It takes two seconds at most.
    public func keepNow(_ record: DeploymentRecord) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for pod in record.pods {
                    await self.keep(EndangeredPod(key: record.key, pod: pod, isGoing: true), follows: false)
                    if Task.isCancelled { return }
                }
            }
            group.addTask { try? await Task.sleep(for: Self.longestDelay) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Keeps the last lines of a pod's containers, and with `follows` those that they write until they end.
    private func keep(_ pod: EndangeredPod, follows: Bool) async {
        let containers = PodContainers(pod.pod, specified: self.pod(pod.key.namespace, pod.pod.name))
        await withDiscardingTaskGroup { group in
            for name in containers.main.prefix(Self.mostContainers) {
                guard let source = LogSource(containers, named: name) else { continue }
                group.addTask { await self.keep(source, for: pod.key, follows: follows) }
            }
        }
    }

    /// Of a pod that has more, the first must do.
    private static let mostContainers = 4

    private func keep(_ source: LogSource, for key: DeploymentKey, follows: Bool) async {
        var options = LogOptions()
        options.follows = follows
        options.tailLines = kept.emptyTail().mostLines
        let reading = options
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                var tail = self.kept.emptyTail()
                // One whose log cannot be read any more keeps what was kept before.
                try? await self.client.logLines(source, namespace: key.namespace, reading) { lines in
                    tail.append(lines)
                    // A reader need not wait until a pod that is told to end does.
                    if follows { self.kept.keep(tail, of: source, for: key) }
                    return true
                }
                self.kept.keep(tail, of: source, for: key)
            }
            if follows { group.addTask { try? await Task.sleep(for: Self.longestFollowing) } }
            await group.next()
            group.cancelAll()
        }
    }
}
