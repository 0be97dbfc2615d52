import KubernetesModel
import Logging

/// Runs one controller: watches what it is triggered by and reconciles one key at a time.
struct ControllerLoop: Sendable {
    let controller: any Controller
    let api: ClusterAPI
    let clock: any Clock<Duration>
    let logger: Logger

    /// The pause after a first failure; it doubles with each further one, up to the longest.
    private static let firstPause = Duration.milliseconds(20)
    private static let longestPause = Duration.seconds(30)

    /// Runs until the task is cancelled.
    func run() async {
        let queue = KeyQueue()
        await withTaskGroup(of: Void.self) { group in
            for trigger in controller.triggers {
                group.addTask { await watch(trigger, queue) }
            }
            if let keys = controller.keysOfAnyChange {
                group.addTask { await watchEverything(queue, keys) }
            }
            if let signals = controller.signals {
                group.addTask { for await key in signals { queue.add([key]) } }
            }
            group.addTask {
                await withTaskCancellationHandler {
                    await work(queue)
                } onCancel: {
                    queue.close()
                }
            }
        }
    }

    /// Watches every served resource, and those that custom resource definitions add. The watch of a resource that is no longer
    /// served stays, costs nothing, and sees its objects again should it return.
    private func watchEverything(
        _ queue: KeyQueue,
        _ keys: @escaping @Sendable (Change, ClusterState) -> [ObjectKey]
    ) async {
        await withDiscardingTaskGroup { group in
            var watched: Set<GroupResource> = []
            while !Task.isCancelled {
                let revision = api.state.revision
                for definition in api.catalog.definitions
                where definition.verbs.contains(.read) && watched.insert(definition.groupResource).inserted {
                    let trigger = Trigger(definition.groupResource, keys: keys)
                    group.addTask { await watch(trigger, queue) }
                }
                var changes = api.store.changes(of: .customResourceDefinitions, since: revision)
                    .makeAsyncIterator()
                // A watch that fell behind is taken up again with the definitions that are there now.
                _ = try? await changes.next()
            }
        }
    }

    private func watch(_ trigger: Trigger, _ queue: KeyQueue) async {
        while !Task.isCancelled {
            let state = api.state
            for object in state.objects(trigger.resource) {
                let change = Change(
                    revision: state.revision,
                    resource: trigger.resource,
                    previous: nil,
                    current: object
                )
                queue.add(trigger.keys(change, state))
            }
            var iterator = api.store.changes(of: trigger.resource, since: state.revision).makeAsyncIterator()
            do throws(APIStatus) {
                while let batch = try await iterator.next() {
                    let state = api.state
                    for change in batch.changes { queue.add(trigger.keys(change, state)) }
                }
            } catch {
                // The watch fell behind: what is there now is looked at once more.
                logger.debug("watch restarted", metadata: ["controller": "\(controller.name)"])
            }
        }
    }

    private func work(_ queue: KeyQueue) async {
        await withDiscardingTaskGroup { delays in
            var failures: [ObjectKey: Int] = [:]
            while let key = await queue.next() {
                let delay: Duration?
                let sleep = clock.sleepFromNow()
                do throws(APIStatus) {
                    delay = try await controller.reconcile(key, api)
                    failures[key] = nil
                } catch {
                    let count = min(failures[key, default: 0], 16)
                    failures[key] = count + 1
                    delay = min(Self.firstPause * (1 << count), Self.longestPause)
                    logger.debug(
                        "reconcile failed",
                        metadata: [
                            "controller": "\(controller.name)", "key": "\(key)", "error": "\(error.message)",
                        ]
                    )
                }
                guard let delay else {
                    queue.forgetTicket(for: key)
                    continue
                }
                let ticket = queue.ticket(for: key)
                delays.addTask {
                    if (try? await sleep(delay)) != nil { queue.add(key, ticket) }
                }
            }
            delays.cancelAll()
        }
    }
}

extension Clock<Duration> {
    /// A sleep whose time counts from now on, whenever it begins: a delay that was found from the present time is then right
    /// however long the finding took.
    func sleepFromNow() -> @Sendable (Duration) async throws -> Void {
        let start = now
        return { try await self.sleep(until: start.advanced(by: $0), tolerance: nil) }
    }
}
