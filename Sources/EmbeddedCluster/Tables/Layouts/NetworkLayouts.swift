import JSON
import KubernetesModel

/// Services and what is behind them as rows.
enum NetworkLayouts {
    /// How many ports or addresses are written out before the rest is only counted.
    private static let mostWrittenOut = 3

    static let services = TableLayout([
        .objectName,
        TableColumn("Type", "How the service is reached."),
        TableColumn("Cluster-IP", "Its address inside the cluster."),
        TableColumn("External-IP", "Its addresses outside the cluster."),
        TableColumn("Port(s)", "Its ports, with those on the nodes."),
        .age,
        .wide("Selector", "The labels of the pods behind it."),
    ]) { service, now in
        [
            service.nameCell, .cell(service.spec["type"], or: "ClusterIP"),
            .cell(service.spec["clusterIPs"]?[0] ?? service.spec["clusterIP"]),
            .string(externalAddress(service)), .string(ports(service)), service.ageCell(now),
            KubernetesObject.labelsCell(service.spec["selector"]),
        ]
    }

    private static func externalAddress(_ service: KubernetesObject) -> String {
        let own = (service.spec["externalIPs"]?.arrayValue ?? []).compactMap(\.stringValue)
        switch service.spec["type"]?.stringValue {
        case "LoadBalancer":
            let ingress = service.status["loadBalancer"]?["ingress"]?.arrayValue ?? []
            let given = ingress.compactMap { ($0["ip"] ?? $0["hostname"])?.stringValue }
            let all = given + own
            return all.isEmpty ? "<pending>" : all.joined(separator: ",")
        case "ExternalName": return service.spec["externalName"]?.stringValue ?? "<none>"
        default: return own.isEmpty ? "<none>" : own.joined(separator: ",")
        }
    }

    private static func ports(_ service: KubernetesObject) -> String {
        let ports = service.spec["ports"]?.arrayValue ?? []
        guard !ports.isEmpty else { return "<none>" }
        return ports.map { port in
            let number = port["port"]?.integerValue ?? 0
            let name = port["protocol"]?.stringValue ?? "TCP"
            guard let nodePort = port["nodePort"]?.integerValue, nodePort > 0 else {
                return "\(number)/\(name)"
            }
            return "\(number):\(nodePort)/\(name)"
        }.joined(separator: ",")
    }

    static let endpoints = TableLayout([
        .objectName, TableColumn("Endpoints", "The addresses behind the service."), .age,
    ]) { object, now in
        let subsets = object.json["subsets"]?.arrayValue ?? []
        let addresses = subsets.flatMap { subset -> [String] in
            let hosts = (subset["addresses"]?.arrayValue ?? []).compactMap { $0["ip"]?.stringValue }
            guard let ports = subset["ports"]?.arrayValue, !ports.isEmpty else { return hosts }
            return ports.flatMap { port in
                hosts.map { joined($0, port["port"]?.integerValue ?? 0) }
            }
        }
        return [
            object.nameCell, .string(subsets.isEmpty ? "<none>" : written(addresses, none: "")),
            object.ageCell(now),
        ]
    }

    private static func joined(_ host: String, _ port: Int64) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    static let endpointSlices = TableLayout([
        .objectName,
        TableColumn("AddressType", "The kind of the addresses."),
        TableColumn("Ports", "The ports behind the service."),
        TableColumn("Endpoints", "The addresses behind the service."),
        .age,
    ]) { slice, now in
        let ports = (slice.json["ports"]?.arrayValue ?? []).map { port in
            port["port"]?.integerValue.map(String.init) ?? port["name"]?.stringValue ?? "*"
        }
        let addresses = (slice.json["endpoints"]?.arrayValue ?? []).flatMap { endpoint in
            (endpoint["addresses"]?.arrayValue ?? []).compactMap(\.stringValue)
        }
        return [
            slice.nameCell, .cell(slice.json["addressType"], or: ""),
            .string(written(ports, none: "<unset>")), .string(written(addresses, none: "<unset>")),
            slice.ageCell(now),
        ]
    }

    private static func written(_ texts: [String], none: String) -> String {
        guard !texts.isEmpty else { return none }
        let first = texts.prefix(mostWrittenOut).joined(separator: ",")
        return texts.count > mostWrittenOut ? "\(first) + \(texts.count - mostWrittenOut) more..." : first
    }
}
