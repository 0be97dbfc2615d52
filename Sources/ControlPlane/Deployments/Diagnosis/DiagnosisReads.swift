import JSON
import Kubernetes
import KubernetesModel
import Runtimes

/// What a diagnosis asks of the API server because no cache has it. Each answer that does not come in time is left out, and nothing
/// is concluded from that.
struct DiagnosisReads: Sendable {
    let client: KubernetesClient
    let namespace: String

    /// How long is waited for what is asked, all of it at the same time.
    static let patience = Duration.seconds(2)
    /// How many lines of each log are read, and how many bytes of them at most.
    private static let lines = 60
    private static let bytes = 64 * 1024
    /// Of how many containers logs are read: replicas of a deployment fail alike.
    private static let containers = 4

    // MARK: Quotas

    /// The namespace's quotas, resource by resource.
    func quotas() async -> [QuotaUse] {
        let client = client
        let namespace = namespace
        let resource = GroupVersionResource(version: "v1", resource: "resourcequotas")
        let list = await within(Self.patience) {
            try? await client.list(resource, namespace: namespace).items
        }
        return (list ?? []).flatMap { item -> [QuotaUse] in
            let quota = KubernetesObject(item)
            let used = quota.status["used"]
            return (quota.status["hard"]?.objectValue ?? JSONMembers()).map { entry in
                QuotaUse(
                    quota: quota.name,
                    resource: entry.key,
                    used: used?[entry.key].map(Self.text) ?? "0",
                    hard: Self.text(entry.value)
                )
            }
        }
    }

    private static func text(_ value: JSONValue) -> String { value.stringValue ?? value.description }

    // MARK: Secrets

    /// Those of the secrets that are there, with their keys, never their values; nil when they may not be read.
    func secrets(_ names: [String]) async -> [String: Set<String>]? {
        let client = client
        let namespace = namespace
        return await within(Self.patience) {
            var found: [String: Set<String>] = [:]
            for name in names {
                do throws(KubernetesError) {
                    let secret = try await client.get(
                        GroupVersionResource(version: "v1", resource: "secrets"),
                        name,
                        namespace: namespace
                    )
                    found[name] = Set((secret["data"]?.objectValue ?? JSONMembers()).map(\.key))
                } catch {
                    guard error.isNotFound else { return nil }
                }
            }
            return found
        }
    }

    // MARK: Logs

    private struct Source: Sendable {
        let pod: String
        let container: String
        let isPrevious: Bool
    }

    /// The last lines of containers that do not serve as they should.
    func logs(of pods: [ServingPod]) async -> [ContainerLog] {
        let sources = Self.sources(pods)
        return await withTaskGroup(of: (Int, ContainerLog?).self) { group in
            for (index, source) in sources.enumerated() {
                group.addTask { (index, await within(Self.patience) { await log(source) }) }
            }
            var logs: [(Int, ContainerLog)] = []
            for await (index, log) in group {
                if let log, !log.lines.isEmpty { logs.append((index, log)) }
            }
            return logs.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private static func sources(_ pods: [ServingPod]) -> [Source] {
        var sources: [Source] = []
        for pod in pods where !pod.isReady && !pod.isBeingDeleted && !pod.node.isEmpty {
            for container in pod.containers where !container.isReady {
                guard sources.count < containers else { return sources }
                let hasStarted =
                    container.isRunning || container.exitCode != nil || container.lastExitCode != nil
                    || container.restarts > 0
                guard hasStarted else { continue }
                sources.append(Source(pod: pod.name, container: container.name, isPrevious: false))
                // While a container waits to be started again, its log is that of the instance before.
                if container.restarts > 0 {
                    sources.append(Source(pod: pod.name, container: container.name, isPrevious: true))
                }
            }
        }
        return sources
    }

    private func log(_ source: Source) async -> ContainerLog? {
        var options = LogOptions()
        options.container = source.container
        options.tailLines = Self.lines
        options.isPrevious = source.isPrevious
        options.limitBytes = Self.bytes
        guard let log = try? await client.logs(pod: source.pod, namespace: namespace, options),
            let bytes = try? await log.collect(upTo: 2 * Self.bytes)
        else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
        return ContainerLog(
            pod: source.pod,
            container: source.container,
            isPrevious: source.isPrevious,
            lines: lines
        )
    }
}
