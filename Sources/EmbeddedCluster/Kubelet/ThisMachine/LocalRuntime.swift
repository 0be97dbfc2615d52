import HTTPClient
import JSON
import KubernetesModel
import LocalContainers
import Synchronization

/// Containers that are processes of this machine.
final class LocalRuntime: ContainerRuntime {
    private struct Instance {
        let key: ObjectKey
        let uid: String
        let container: LocalContainer
        let executor: ProbeExecutor
        let readsLogAtEnd: Bool
        var end: ContainerEnd?
        var checks: [ContainerProbe.Kind: Check] = [:]
    }

    private enum Check {
        case inProgress
        case done(ProbeResult)
    }

    private struct Shared {
        var instances: [String: Instance] = [:]
        var addresses = LocalContainers.PodAddresses()
        var gpus: GPUAllotment
        var count: UInt64 = 0
    }

    private let settings: MachineSettings
    private let root: String
    private let client: HTTPClient
    private let api: ClusterAPI
    private let token: PodVolumes.TokenSource
    private let shared: Mutex<Shared>
    private let continuation: AsyncStream<ObjectKey>.Continuation
    let signals: AsyncStream<ObjectKey>?

    /// - Parameters:
    ///   - root: The folder of all pods.
    ///   - gpus: The IDs of the machine's GPUs.
    init(
        _ settings: MachineSettings,
        root: String,
        gpus: [String],
        client: HTTPClient,
        api: ClusterAPI,
        token: @escaping PodVolumes.TokenSource
    ) {
        self.settings = settings
        self.root = root
        self.client = client
        self.api = api
        self.token = token
        shared = Mutex(Shared(gpus: GPUAllotment(gpus: gpus)))
        (signals, continuation) = AsyncStream.makeStream(of: ObjectKey.self)
    }

    func addresses(of pod: KubernetesObject, in state: ClusterState) async -> PodAddresses {
        let address =
            pod.spec["hostNetwork"]?.boolValue == true
            ? nil : shared.withLock { $0.addresses.address(for: pod.uid) }
        return PodAddresses(pod: address ?? "127.0.0.1", host: "127.0.0.1")
    }

    // MARK: Images

    func image(of container: JSONValue, in pod: KubernetesObject) -> ImageAvailability {
        let image = container["image"]?.stringValue ?? ""
        var problem: String
        do throws(ImageCommandError) {
            _ = try resolve(container, environment: [:], paths: MountedPaths(paths: []), address: "127.0.0.1")
            return .builtIn(id: "this-machine/\(ImageName(image).canonical)")
        } catch {
            problem = error.description
            switch error {
            case .unknownImage: problem += "; name one in the configuration of ingot, cluster.embedded.images"
            case .executableNotFound: break
            // These are no fault of the image: its start will say what is wrong.
            case .commandNotFound, .portMissing:
                return .builtIn(id: "this-machine/\(ImageName(image).canonical)")
            }
        }
        if container["imagePullPolicy"]?.stringValue == "Never" {
            return .unusable(
                reason: "ErrImageNeverPull",
                message: "Container image \"\(image)\" is not present with pull policy of Never: \(problem)"
            )
        }
        return .unpullable(time: .zero, message: problem)
    }

    func keep(_ image: String, for pod: KubernetesObject) {}

    func creationTime(of container: JSONValue, in pod: KubernetesObject) -> Duration { .zero }

    private func resolve(
        _ container: JSONValue,
        environment: [String: String],
        paths: MountedPaths,
        address: String
    ) throws(ImageCommandError) -> ResolvedCommand {
        let texts = { (key: String) -> [String] in
            (container[key]?.arrayValue ?? []).compactMap(\.stringValue).map {
                // Expanded here, with the mounted paths in place, and so protected from a second time.
                paths.replace(in: VariableReferences.expand($0, environment)).replacing("$", with: "$$")
            }
        }
        return try settings.images.resolve(
            ContainerCommand(
                image: container["image"]?.stringValue ?? "",
                command: texts("command"),
                arguments: texts("args"),
                environment: environment.sorted { $0.key < $1.key }.map {
                    ($0.key, paths.replace(in: $0.value).replacing("$", with: "$$"))
                },
                podAddress: address,
                port: (container["ports"]?[0]?["containerPort"]?.integerValue).map { Int(clamping: $0) }
            ),
            base: ["PATH": settings.path]
        )
    }

    // MARK: Containers

    func problem(of volume: JSONValue) -> String? { HostVolume.problem(of: volume) }

    func start(_ request: ContainerStart, now: Timestamp) async -> ContainerStartOutcome {
        let number = shared.withLock { shared in
            shared.count += 1
            return shared.count
        }
        let id =
            "ingot://"
            + NameDigest.long(
                request.pod.uid,
                request.name,
                String(request.restarts),
                String(number),
                api.now().kubernetesMicroTime
            )
        do {
            let specification = try specification(request, id: id)
            let container = try await LocalContainer.start(specification, shim: settings.shim)
            take(container, specification, request, id)
            return .started(id: id)
        } catch {
            shared.withLock { $0.gpus.release(id) }
            return .failed(reason: ContainerStartError.reason, message: "\(error)")
        }
    }

    private func specification(_ request: ContainerStart, id: String) throws -> ContainerSpecification {
        let folder = PodFolder(root: root, uid: request.pod.uid)
        let volumes = PodVolumes(pod: request.pod, state: api.state, folder: folder, token: token)
        let paths = MountedPaths(
            paths: try volumes.prepare(for: request.container, environment: request.environment)
        )
        let work = folder.work(request.name)
        try PodFolder.make(work)
        let logs = ContainerLogFolder(path: folder.logs(request.name))
        try logs.create()
        logs.removeLogs(before: Int(clamping: request.restarts) - 1)

        var environment = ["HOME": work, "TMPDIR": work, "HOSTNAME": request.pod.name]
        environment.merge(request.environment) { $1 }
        let limits = ResourceList(json: request.container["resources"]?["limits"])
        let count = Int(clamping: limits["nvidia.com/gpu"].units)
        guard let gpus = shared.withLock({ $0.gpus.take(count, for: id) }) else {
            throw PodVolumes.Failure(description: "\(count) GPUs are wanted, and so many are not free")
        }
        // Without this a program would see all GPUs of the machine.
        environment["CUDA_VISIBLE_DEVICES"] = gpus.joined(separator: ",")
        let command = try resolve(
            request.container,
            environment: environment,
            paths: paths,
            address: request.address
        )
        let memory = limits["memory"].units
        let directory = (request.container["workingDir"]?.stringValue).map(paths.replace(in:))
        return ContainerSpecification(
            command: command.arguments,
            environment: command.environment,
            workingDirectory: directory ?? work,
            logPath: logs.log(restart: Int(clamping: request.restarts)).path,
            memoryLimit: memory > 0 ? UInt64(memory) : nil,
            owner: root
        )
    }

    private func take(
        _ container: LocalContainer,
        _ specification: ContainerSpecification,
        _ request: ContainerStart,
        _ id: String
    ) {
        let context = ProbeExecutor.CommandContext(
            environment: specification.environment,
            workingDirectory: specification.workingDirectory,
            scratchFolder: PodFolder(root: root, uid: request.pod.uid).work(request.name)
        )
        let instance = Instance(
            key: ObjectKey(request.pod),
            uid: request.pod.uid,
            container: container,
            executor: ProbeExecutor(client: client, context: context, shim: settings.shim),
            readsLogAtEnd: request.container["terminationMessagePolicy"]?.stringValue
                == "FallbackToLogsOnError"
        )
        shared.withLock { $0.instances[id] = instance }
        Task {
            let exit = await container.waitForExit()
            var message = ""
            if instance.readsLogAtEnd, exit.exitCode != 0 {
                message = await Self.lastLines(of: specification.logPath)
            }
            let end = ContainerEnd(
                exitCode: Int64(exit.exitCode),
                reason: exit.reason,
                message: message,
                finishedAt: exit.finishedAt
            )
            self.shared.withLock { shared in
                shared.instances[id]?.end = end
                shared.gpus.release(id)
            }
            self.continuation.yield(instance.key)
        }
    }

    /// What stands for the message that a container leaves (core/v1 TerminationMessageFallbackToLogsOnError).
    private static func lastLines(of path: String) async -> String {
        let log = try? await ContainerLog(path: path).read(ContainerLogOptions(tailLines: 80))
        let bytes = await log?.collect() ?? []
        return String(decoding: bytes.suffix(2048), as: UTF8.self)
    }

    /// Processes do not outlive Ingot, so there is never one to take up.
    func resume(_ request: ContainerStart, id: String, startedAt: Timestamp) -> Bool { false }

    func state(of id: String, now: Timestamp) -> ContainerObservation {
        guard let instance = shared.withLock({ $0.instances[id] }) else { return .unknown }
        return instance.end.map { .ended($0) } ?? .running(until: nil)
    }

    func stop(_ id: String, grace: Duration, now: Timestamp) {
        shared.withLock { $0.instances[id] }?.container.stop(grace: grace)
    }

    func remove(_ id: String) {
        shared.withLock { shared in
            if shared.instances[id]?.end != nil { shared.instances[id] = nil }
        }
    }

    func remove(pod uid: String) {
        let left = shared.withLock { shared in
            shared.addresses.release(uid)
            let left = shared.instances.values.filter { $0.uid == uid }
            shared.instances = shared.instances.filter { $0.value.uid != uid }
            return left
        }
        let path = PodFolder(root: root, uid: uid).path
        Task {
            for instance in left {
                instance.container.stop(grace: .zero)
                _ = await instance.container.waitForExit()
            }
            await FileRemoval.shared.remove(path)
        }
    }

    // MARK: Probes

    func firstCheck(_ probe: ContainerProbe, of id: String, startedAt: Timestamp) -> Timestamp {
        startedAt.advanced(by: probe.initialDelay)
    }

    func nextCheck(_ probe: ContainerProbe, failedAt: Timestamp) -> Timestamp {
        failedAt.advanced(by: probe.period)
    }

    func check(_ probe: ContainerProbe, of id: String, address: String, now: Timestamp) -> ProbeCheck {
        guard let local = LocalContainers.Probe(probe, address: address) else {
            return .done(.unknown("this machine cannot make such a probe"))
        }
        let begun = shared.withLock { shared -> (Instance, Bool)? in
            guard let instance = shared.instances[id] else { return nil }
            if instance.checks[probe.kind] == nil {
                shared.instances[id]?.checks[probe.kind] = .inProgress
                return (instance, true)
            }
            if case .done = instance.checks[probe.kind] { shared.instances[id]?.checks[probe.kind] = nil }
            return (instance, false)
        }
        guard let (instance, isNew) = begun else { return .done(.failure("container not running")) }
        if !isNew {
            if case .done(let result) = instance.checks[probe.kind] { return .done(result) }
            return .inProgress
        }
        Task {
            let result: ProbeResult =
                switch await instance.executor.run(local) {
                case .success: .success
                case .failure(let message): .failure(message)
                case .error(let problem): .unknown(problem)
                }
            self.shared.withLock { $0.instances[id]?.checks[probe.kind] = .done(result) }
            self.continuation.yield(instance.key)
        }
        return .inProgress
    }
}

/// Removes folders, one after another, where nobody waits for it.
actor FileRemoval {
    static let shared = FileRemoval()

    func remove(_ path: String) { PodFolder.remove(path) }
}

extension LocalContainers.Probe {
    /// Nil for a probe that this machine cannot make.
    fileprivate init?(_ probe: ContainerProbe, address: String) {
        let action: Action
        switch probe.action {
        case .http(let scheme, let host, let port, let path, let headers):
            guard let port = UInt16(exactly: port) else { return nil }
            action = .httpGet(
                HTTPGet(
                    isSecure: scheme == "https",
                    host: host.isEmpty ? address : host,
                    port: port,
                    path: path,
                    headers: headers.map { Header(name: $0.key, value: $0.value) }
                )
            )
        case .tcp(let host, let port):
            guard let port = UInt16(exactly: port) else { return nil }
            action = .tcpSocket(host: host.isEmpty ? address : host, port: port)
        case .command(let command): action = .exec(command)
        case .grpc: return nil
        }
        self.init(action, timeout: probe.timeout)
    }
}
