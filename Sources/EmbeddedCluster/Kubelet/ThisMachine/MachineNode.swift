import Capacity
import Glibc
import HTTPClient
import JSON
import KubernetesModel
import LocalContainers
import Logging

/// This machine as a node: registers it, sends its heartbeats, and runs its pods.
struct MachineNode: Sendable {
    let settings: MachineSettings
    /// The folder of all pods.
    let root: String
    let api: ClusterAPI
    let clock: any Clock<Duration>
    let logger: Logger
    private let facts = MachineFacts()

    init(
        _ settings: MachineSettings,
        root: String,
        api: ClusterAPI,
        clock: any Clock<Duration>,
        logger: Logger
    ) {
        self.settings = settings
        self.root = root
        self.api = api
        self.clock = clock
        self.logger = logger
    }

    /// The node's name: the host's, as far as names of objects allow.
    var name: String {
        let name = (settings.nodeName ?? facts.hostname).lowercased()
        let cleaned = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") ? $0 : "-" })
        let trimmed = cleaned.drop { $0 == "-" || $0 == "." }
        return NameSyntax.isSubdomain(String(trimmed)) ? String(trimmed) : "this-machine"
    }

    static func isThisMachine(_ node: KubernetesObject) -> Bool {
        node.label(NodeLabels.thisMachine) == "true"
    }

    /// Removes the nodes that stood for a machine, but for the one of that name, and the folders of pods that are gone.
    static func removeOthers(but name: String?, root: String, _ api: ClusterAPI) async throws(APIStatus) {
        for node in api.list(.nodes) where isThisMachine(node) && node.name != name {
            try await api.delete(.nodes, ObjectKey(node))
            try await api.delete(
                .leases,
                ObjectKey(namespace: SimulatedNodes.leaseNamespace, name: node.name)
            )
        }
        let present = Set(api.list(.pods).map(\.uid))
        for folder in PodFolder.names(in: root) where !present.contains(folder) {
            await FileRemoval.shared.remove("\(root)/\(folder)")
        }
    }

    /// Makes the node or brings it up to date, and makes what runs its pods.
    ///
    /// - Throws: What the API answers.
    func register(
        client: HTTPClient,
        token: @escaping PodVolumes.TokenSource
    ) async throws(APIStatus) -> [any Controller] {
        do throws(PodFolder.Failure) {
            try PodFolder.make(root)
        } catch {
            throw APIStatus.internalError(error.description)
        }
        // A container has a working folder of its own, so what it gets must not depend on this process's.
        let root = Self.absolute(root)
        // Shims end their containers with Ingot. Only where they were killed with it is anything left.
        await Leftovers.kill(owner: root)
        let resources = await MachineResources.read(
            path: settings.path,
            scratchFolder: root,
            shim: settings.shim
        )
        if let problem = resources.gpuProblem {
            logger.warning("this machine's GPUs cannot be read", metadata: ["problem": "\(problem)"])
        }
        let key = ObjectKey(name: name)
        let labels = labels(resources)
        if api.get(.nodes, key) == nil {
            var node = KubernetesObject(["apiVersion": "v1", "kind": "Node", "spec": [:]])
            node.name = name
            try await api.create(.nodes, node, as: SimulatedNodes.manager)
        }
        try await api.update(.nodes, key, as: SimulatedNodes.manager) { node in
            for (key, value) in labels { node.setLabel(key, value) }
            node.setLabel(NodeLabels.simulated, nil)
        }
        try await report(resources)
        await beatOnce()
        let runtime = LocalRuntime(
            settings,
            root: root,
            gpus: resources.gpus.map(\.uuid),
            client: client,
            api: api,
            token: token
        )
        return [Kubelet(name: "kubelet", runtime: runtime, isOwn: Self.isThisMachine)]
    }

    private static func absolute(_ path: String) -> String {
        guard let text = realpath(path, nil) else { return path }
        defer { free(text) }
        return String(cString: text)
    }

    private func labels(_ resources: MachineResources) -> [(key: String, value: String)] {
        var labels = [
            "kubernetes.io/hostname": name, "kubernetes.io/os": facts.operatingSystem,
            "kubernetes.io/arch": facts.architecture, "beta.kubernetes.io/os": facts.operatingSystem,
            "beta.kubernetes.io/arch": facts.architecture, NodeLabels.thisMachine: "true",
        ]
        if let gpu = resources.gpus.first {
            let label = Self.productLabel(gpu.name)
            let isKnown = GPUDescription.product(label) != nil
            let product = GPUDescription(label: label, memoryMiB: gpu.memoryMiB.map(Int64.init))
            let gpuLabels = GPULabels(
                product: product,
                count: Int64(resources.gpus.count),
                driver: gpu.driverVersion,
                runtime: "",
                machine: "this-machine"
            )
            for (key, value) in gpuLabels.labels where !value.isEmpty {
                // What is not known is not said.
                if !isKnown, key.contains("compute.") || key.hasSuffix("gpu.family") { continue }
                labels[key] = value
            }
        }
        return labels.sorted { $0.key < $1.key }
    }

    /// NVML's name as a label: dashes for spaces, and without what labels cannot have.
    private static func productLabel(_ name: String) -> String {
        String(
            name.compactMap { character -> Character? in
                if character == " " { return "-" }
                let isAllowed =
                    character.isASCII
                    && (character.isLetter || character.isNumber || "-_.".contains(character))
                return isAllowed ? character : nil
            }
        )
    }

    private func report(_ resources: MachineResources) async throws(APIStatus) {
        let now = api.now()
        let (name, facts, disk) = (name, facts, Self.diskBytes(root))
        try await api.updateStatus(.nodes, ObjectKey(name: name), as: SimulatedNodes.manager) { node in
            var capacity: JSONValue = [
                "cpu": .string(String(resources.processors)),
                "ephemeral-storage": .string("\(disk / 1024)Ki"),
                "memory": .string("\(resources.memoryTotal / 1024)Ki"), "pods": "110",
            ]
            if !resources.gpus.isEmpty {
                capacity["nvidia.com/gpu"] = .string(String(resources.gpus.count))
            }
            node.json[at: "status", "capacity"] = capacity
            node.json[at: "status", "allocatable"] = capacity
            node.json[at: "status", "addresses"] = [
                ["type": "InternalIP", "address": "127.0.0.1"],
                ["type": "Hostname", "address": .string(name)],
            ]
            node.json[at: "status", "daemonEndpoints"] = ["kubeletEndpoint": ["Port": 10250]]
            node.json[at: "status", "nodeInfo"] = [
                "machineID": .string(facts.machineID), "systemUUID": .string(facts.systemUUID),
                "bootID": .string(facts.bootID), "kernelVersion": .string(facts.kernelVersion),
                "osImage": .string(facts.osImage), "containerRuntimeVersion": "ingot://1",
                "kubeletVersion": .string(NodeObject.kubeletVersion), "kubeProxyVersion": "",
                "operatingSystem": .string(facts.operatingSystem),
                "architecture": .string(facts.architecture),
            ]
            NodeConditions.set(.ready, on: &node, now: now)
        }
    }

    /// The size of the file system that a folder is on.
    private static func diskBytes(_ path: String) -> UInt64 {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return 0 }
        return UInt64(status.f_blocks) * UInt64(status.f_frsize)
    }

    /// Sends heartbeats until the task is cancelled.
    func run() async {
        while (try? await clock.sleep(for: SimulatedNodes.renewal)) != nil { await beatOnce() }
    }

    /// Renews the lease; a node that was taken for lost, as after a suspension of the machine, is ready again.
    private func beatOnce() async {
        let (now, key) = (api.now(), ObjectKey(name: name))
        _ = try? await api.store.write { (transaction) throws(APIStatus) in
            if let node = transaction.state.object(.nodes, key) {
                transaction.renewLease(of: node, now: now)
            }
        }
        guard let node = api.get(.nodes, key), !NodeConditions.isReady(node) else { return }
        _ = try? await api.updateStatus(.nodes, key, as: SimulatedNodes.manager) { node in
            NodeConditions.set(.ready, on: &node, now: now)
        }
    }
}
