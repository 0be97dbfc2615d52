import JSON
import KubernetesModel

/// Keeps the endpoint slices of each service: one slice for each set of ports and each hundred pods.
struct EndpointSliceController: Controller {
    let name = "endpointslice-controller"

    /// The most endpoints of one slice, as upstream's `--max-endpoints-per-slice`.
    private static let mostEndpoints = 100
    private static let managedLabel = "endpointslice.kubernetes.io/managed-by"
    private static let manager = "endpointslice-controller.k8s.io"
    private static let serviceLabel = "kubernetes.io/service-name"

    var triggers: [Trigger] {
        ServiceEndpoints.triggers + [
            Trigger(.endpointSlices) { change, _ in
                guard let slice = change.object, slice.label(Self.managedLabel) == Self.manager,
                    let service = slice.label(Self.serviceLabel)
                else { return [] }
                return [ObjectKey(namespace: slice.namespace, name: service)]
            }
        ]
    }

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        // Slices of a service that is gone are left to the garbage collector.
        guard let service = api.get(.services, key), !service.isBeingDeleted,
            let endpoints = ServiceEndpoints(service, api)
        else { return nil }
        var present = api.list(.endpointSlices, in: key.namespace).filter {
            $0.label(Self.serviceLabel) == key.name && $0.label(Self.managedLabel) == Self.manager
                && !$0.isBeingDeleted
        }
        for wanted in slices(endpoints) {
            // The slice whose ports are the same and whose endpoints overlap most changes least.
            let addresses = Set(Self.addresses(wanted))
            let match = present.indices.filter { present[$0].json["ports"] == wanted.json["ports"] }
                .max { left, right in
                    let overlap = { (index: Int) in
                        addresses.intersection(Self.addresses(present[index])).count
                    }
                    return overlap(left) < overlap(right)
                }
            guard let match else {
                try await create(wanted, api)
                continue
            }
            let slice = present.remove(at: match)
            try await Ownership.ignoringAbsence { () throws(APIStatus) in
                try await api.update(.endpointSlices, ObjectKey(slice), as: name) { slice in
                    slice.json["endpoints"] = wanted.json["endpoints"]
                    for (key, value) in wanted.labels { slice.setLabel(key, value) }
                }
            }
        }
        for slice in present { try await api.delete(.endpointSlices, ObjectKey(slice)) }
        return nil
    }

    private func create(_ slice: KubernetesObject, _ api: ClusterAPI) async throws(APIStatus) {
        do throws(APIStatus) {
            try await api.create(.endpointSlices, slice, as: name)
        } catch  where error.causes.contains(where: { $0.reason == "NamespaceTerminating" }) {}
    }

    private static func addresses(_ slice: KubernetesObject) -> [String] {
        (slice.json["endpoints"]?.arrayValue ?? []).compactMap { $0["addresses"]?[0]?.stringValue }
    }

    /// The slices that the service is to have, without names.
    private func slices(_ endpoints: ServiceEndpoints) -> [KubernetesObject] {
        var groups: [JSONValue: [JSONValue]] = [:]
        for pod in endpoints.pods {
            guard let address = ServiceEndpoints.address(pod) else { continue }
            groups[.array(endpoints.ports(of: pod).map(named)), default: []]
                .append(endpoint(pod, address, endpoints))
        }
        if groups.isEmpty { groups[[]] = [] }
        return groups.sorted { $0.key.description < $1.key.description }.flatMap { ports, members in
            stride(from: 0, to: max(1, members.count), by: Self.mostEndpoints).map { start in
                let part = members.dropFirst(start).prefix(Self.mostEndpoints)
                return slice(endpoints.service, ports, Array(part))
            }
        }
    }

    /// Slices name a port without a name with an empty text.
    private func named(_ port: JSONValue) -> JSONValue {
        var port = port
        port.setDefault("name", "")
        return port
    }

    private func endpoint(
        _ pod: KubernetesObject,
        _ address: String,
        _ endpoints: ServiceEndpoints
    ) -> JSONValue {
        let isServing = PodState.isReady(pod)
        let isReady = endpoints.publishesNotReady || (isServing && !pod.isBeingDeleted)
        var endpoint: JSONValue = [
            "addresses": [.string(address)],
            "conditions": [
                "ready": .bool(isReady), "serving": .bool(isServing),
                "terminating": .bool(pod.isBeingDeleted),
            ],
            "targetRef": ServiceEndpoints.target(pod),
        ]
        if !PodState.node(pod).isEmpty { endpoint["nodeName"] = .string(PodState.node(pod)) }
        if let hostname = endpoints.hostname(pod) { endpoint["hostname"] = hostname }
        return endpoint
    }

    private func slice(
        _ service: KubernetesObject,
        _ ports: JSONValue,
        _ endpoints: [JSONValue]
    ) -> KubernetesObject {
        var slice = KubernetesObject([
            "metadata": [
                "generateName": .string(service.name + "-"), "namespace": .string(service.namespace),
            ],
            "addressType": "IPv4", "endpoints": .array(endpoints), "ports": ports,
        ])
        slice.ownerReferences = [OwnerReference(controller: service)]
        for (key, value) in service.labels { slice.setLabel(key, value) }
        slice.setLabel(Self.serviceLabel, service.name)
        slice.setLabel(Self.managedLabel, Self.manager)
        if service.spec["clusterIP"] == "None" { slice.setLabel("service.kubernetes.io/headless", "") }
        return slice
    }
}
