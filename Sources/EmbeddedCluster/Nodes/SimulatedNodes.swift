import JSON
import KubernetesModel
import Logging

/// Keeps the simulated nodes that the configuration asks for: registers them, sends their heartbeats, and shows the failures that
/// are asked for.
struct SimulatedNodes: Sendable {
    let specifications: [NodeSpecification]
    let api: ClusterAPI
    let clock: any Clock<Duration>
    let logger: Logger

    /// As the kubelet's `nodeLeaseDurationSeconds` and a quarter of it.
    static let leaseSeconds: Int64 = 40
    static let renewal = Duration.seconds(10)
    /// As the kubelet's `nodeStatusReportFrequency`: with how many renewals the status is posted though nothing changed.
    private static let renewalsPerReport = 30
    static let manager = "kubelet"

    /// Runs until the task is cancelled. The nodes must be registered.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await beat() }
            group.addTask { await followAnnotations() }
        }
    }

    // MARK: Registration

    /// Makes the nodes that are missing, brings the others up to date, and removes simulated ones that are no longer wanted.
    ///
    /// - Throws: What the API answers.
    func register() async throws(APIStatus) {
        let now = api.now()
        let nodes = specifications.flatMap { specification in
            specification.nodeNames.map { (name: $0, specification: specification) }
        }
        let wanted = Set(nodes.map(\.name))
        let present = api.list(.nodes)
        for node in present where Self.isSimulated(node) && !wanted.contains(node.name) {
            try await api.delete(.nodes, ObjectKey(node))
            try await api.delete(.leases, ObjectKey(namespace: Self.leaseNamespace, name: node.name))
        }
        var taken = Set(
            present.filter { wanted.contains($0.name) || !Self.isSimulated($0) }.compactMap {
                NodeAddresses(podCIDR: $0.spec["podCIDR"]?.stringValue ?? "")
            }
        )
        var next = 0
        for (name, specification) in nodes {
            let key = ObjectKey(name: name)
            if let node = api.get(.nodes, key) {
                guard Self.isSimulated(node) else {
                    logger.warning("a node of that name is not simulated", metadata: ["node": "\(name)"])
                    continue
                }
                try await api.update(.nodes, key, as: Self.manager) { node in
                    ConfiguredTraits(name, specification).replace(in: &node)
                }
            } else {
                while taken.contains(NodeAddresses(index: next)) { next += 1 }
                guard next < NodeAddresses.capacity else { return }
                let addresses = NodeAddresses(index: next)
                taken.insert(addresses)
                try await api.create(
                    .nodes,
                    NodeObject.simulated(name, specification, addresses),
                    as: Self.manager
                )
            }
            try await report(name, specification, now: now)
        }
        await renewLeases()
    }

    static let leaseNamespace = "kube-node-lease"

    static func isSimulated(_ node: KubernetesObject) -> Bool {
        node.label(NodeLabels.simulated) == "true"
    }

    /// Posts the whole status of a node.
    private func report(
        _ name: String,
        _ specification: NodeSpecification,
        now: Timestamp
    ) async throws(APIStatus) {
        let resources = NodeObject.resources(specification)
        let node = try await api.updateStatus(.nodes, ObjectKey(name: name), as: Self.manager) { node in
            let addresses = NodeAddresses(podCIDR: node.spec["podCIDR"]?.stringValue ?? "")
            node.json[at: "status", "capacity"] = resources.capacity
            node.json[at: "status", "allocatable"] = resources.allocatable
            node.json[at: "status", "addresses"] = [
                ["type": "InternalIP", "address": .string(addresses?.node ?? "172.18.0.2")],
                ["type": "Hostname", "address": .string(name)],
            ]
            node.json[at: "status", "daemonEndpoints"] = ["kubeletEndpoint": ["Port": 10250]]
            node.json[at: "status", "nodeInfo"] = NodeObject.info(
                name,
                kernel: "6.12.0-ingot-simulated",
                system: "Simulated by Ingot",
                runtime: "containerd://2.1.4"
            )
            NodeConditions.set(SimulatedFailure.health(of: node), on: &node, now: now)
        }
        let isFirst = node.json["metadata"]?["creationTimestamp"]?.stringValue == now.kubernetesTime
        if isFirst, NodeConditions.isReady(node) {
            await EventRecorder(api: api, component: "kubelet", host: name)
                .record(.normal, "NodeReady", "Node \(name) status is now: NodeReady", about: node)
        }
    }

    // MARK: Heartbeats

    private func beat() async {
        var count = 0
        while (try? await clock.sleep(for: Self.renewal)) != nil {
            await renewLeases()
            count += 1
            if count % Self.renewalsPerReport == 0 { await postConditions() }
        }
    }

    /// Renews the leases of all nodes whose kubelets can be heard, in one write.
    private func renewLeases() async {
        let now = api.now()
        _ = try? await api.store.write { (transaction) throws(APIStatus) in
            for node in transaction.state.objects(.nodes)
            where Self.isSimulated(node) && SimulatedFailure.health(of: node) != .unreachable {
                transaction.renewLease(of: node, now: now)
            }
        }
    }

    private func postConditions() async {
        let now = api.now()
        for node in api.list(.nodes)
        where Self.isSimulated(node) && SimulatedFailure.health(of: node) != .unreachable {
            _ = try? await api.updateStatus(.nodes, ObjectKey(node), as: Self.manager) { node in
                NodeConditions.set(SimulatedFailure.health(of: node), on: &node, now: now)
            }
        }
    }

    // MARK: Failures on request

    private func followAnnotations() async {
        while !Task.isCancelled {
            let state = api.state
            for node in state.objects(.nodes) where Self.isSimulated(node) { await show(node) }
            var iterator = api.store.changes(of: .nodes, since: state.revision).makeAsyncIterator()
            do throws(APIStatus) {
                while let batch = try await iterator.next() {
                    for change in batch.changes {
                        guard let node = change.current, Self.isSimulated(node) else { continue }
                        await show(node)
                    }
                }
            } catch {
                // The watch fell behind: all nodes are looked at again.
                logger.debug("node watch restarted")
            }
        }
    }

    /// Makes a node's conditions say how it is, when they say otherwise.
    private func show(_ node: KubernetesObject) async {
        let health = SimulatedFailure.health(of: node)
        let wanted = NodeConditions.conditions(health).last
        let present = node.condition("Ready")
        guard
            present?["status"]?.stringValue != wanted?.status.rawValue
                || present?["reason"]?.stringValue != wanted?.reason
        else { return }
        let now = api.now()
        _ = try? await api.updateStatus(.nodes, ObjectKey(node), as: Self.manager) { node in
            NodeConditions.set(SimulatedFailure.health(of: node), on: &node, now: now)
        }
        guard health != .unreachable else { return }
        let reason = health == .ready ? "NodeReady" : "NodeNotReady"
        await EventRecorder(api: api, component: "kubelet", host: node.name)
            .record(.normal, reason, "Node \(node.name) status is now: \(reason)", about: node)
    }
}

extension Transaction {
    /// Makes or renews the lease by which a node shows that its kubelet lives.
    mutating func renewLease(of node: KubernetesObject, now: Timestamp) {
        let key = ObjectKey(namespace: SimulatedNodes.leaseNamespace, name: node.name)
        let renewed = JSONValue.string(now.kubernetesMicroTime)
        if var lease = state.object(.leases, key) {
            lease.json[at: "spec", "renewTime"] = renewed
            put(.leases, lease)
            return
        }
        guard state.object(.namespaces, ObjectKey(name: key.namespace)) != nil else { return }
        var lease = KubernetesObject([
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": [
                "name": .string(key.name), "namespace": .string(key.namespace),
                "uid": .string(UUIDText.random()), "creationTimestamp": .string(now.kubernetesTime),
            ],
            "spec": [
                "holderIdentity": .string(node.name),
                "leaseDurationSeconds": .integer(SimulatedNodes.leaseSeconds),
                "renewTime": renewed,
            ],
        ])
        lease.ownerReferences = [
            OwnerReference(apiVersion: "v1", kind: "Node", name: node.name, uid: node.uid)
        ]
        put(.leases, lease)
    }
}
