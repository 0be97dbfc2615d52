import JSON
import KubernetesModel

/// Keeps the `Endpoints` of each service: the addresses of its pods, ready and not.
struct EndpointsController: Controller {
    let name = "endpoints-controller"

    var triggers: [Trigger] { ServiceEndpoints.triggers + [.itself(.endpoints)] }

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        guard let service = api.get(.services, key) else {
            if let present = api.get(.endpoints, key), present.label(Self.managedLabel) == name {
                try await api.delete(.endpoints, key)
            }
            return nil
        }
        guard !service.isBeingDeleted, let endpoints = ServiceEndpoints(service, api) else { return nil }
        let subsets = subsets(endpoints)
        if api.get(.endpoints, key) == nil {
            var object = KubernetesObject([
                "metadata": ["name": .string(key.name), "namespace": .string(key.namespace)]
            ])
            Self.describe(&object, service, subsets, manager: name)
            do throws(APIStatus) {
                try await api.create(.endpoints, object, as: name)
            } catch  where error.causes.contains(where: { $0.reason == "NamespaceTerminating" }) {}
            return nil
        }
        let name = name
        try await Ownership.ignoringAbsence { () throws(APIStatus) in
            try await api.update(.endpoints, key, as: name) { object in
                Self.describe(&object, service, subsets, manager: name)
            }
        }
        return nil
    }

    private static let managedLabel = "endpoints.kubernetes.io/managed-by"

    private static func describe(
        _ object: inout KubernetesObject,
        _ service: KubernetesObject,
        _ subsets: [JSONValue],
        manager: String
    ) {
        for (key, value) in service.labels { object.setLabel(key, value) }
        object.setLabel(managedLabel, manager)
        if service.spec["clusterIP"] == "None" { object.setLabel("service.kubernetes.io/headless", "") }
        object.json["subsets"] = subsets.isEmpty ? nil : .array(subsets)
    }

    /// Addresses grouped by the ports that they offer.
    private func subsets(_ endpoints: ServiceEndpoints) -> [JSONValue] {
        var groups: [JSONValue: (ready: [JSONValue], notReady: [JSONValue])] = [:]
        for pod in endpoints.pods {
            guard !pod.isBeingDeleted || endpoints.publishesNotReady,
                let address = ServiceEndpoints.address(pod)
            else { continue }
            let ports = endpoints.ports(of: pod)
            let isHeadless = endpoints.service.spec["clusterIP"] == "None"
            if ports.isEmpty, !isHeadless { continue }
            var entry: JSONValue = ["ip": .string(address), "targetRef": ServiceEndpoints.target(pod)]
            if !PodState.node(pod).isEmpty { entry["nodeName"] = .string(PodState.node(pod)) }
            if let hostname = endpoints.hostname(pod) { entry["hostname"] = hostname }
            if PodState.isReady(pod) || endpoints.publishesNotReady {
                groups[.array(ports), default: ([], [])].ready.append(entry)
            } else {
                groups[.array(ports), default: ([], [])].notReady.append(entry)
            }
        }
        return groups.sorted { $0.key.description < $1.key.description }.map { ports, addresses in
            var subset: JSONValue = [:]
            if !addresses.ready.isEmpty { subset["addresses"] = .array(addresses.ready) }
            if !addresses.notReady.isEmpty { subset["notReadyAddresses"] = .array(addresses.notReady) }
            if ports.arrayValue?.isEmpty == false { subset["ports"] = ports }
            return subset
        }
    }
}
