import JSON
import KubernetesModel

/// Services (core/v1 SetDefaults_Service, core/validation, and the allocation of addresses and node ports).
struct ServiceStrategy: ResourceStrategy {
    func prepareForCreate(_ object: inout KubernetesObject, _ state: ClusterState, now: Timestamp) {
        applyDefaults(to: &object)
        object.status = ["loadBalancer": [:]]
    }

    func prepareForUpdate(_ object: inout KubernetesObject, _ present: KubernetesObject, _ part: ObjectPart) {
        guard part == .main else { return }
        applyDefaults(to: &object)
        keepAllocations(&object, present)
    }

    private func applyDefaults(to object: inout KubernetesObject) {
        var spec = object.spec
        spec.setDefault("sessionAffinity", "None")
        if spec["sessionAffinity"] == "ClientIP" {
            spec.setDefault("sessionAffinityConfig", ["clientIP": ["timeoutSeconds": 10800]])
        } else {
            spec["sessionAffinityConfig"] = nil
        }
        spec.setDefault("type", "ClusterIP")
        let type = spec["type"]?.stringValue ?? ""
        if let ports = spec["ports"]?.arrayValue {
            spec["ports"] = .array(
                ports.map { port in
                    var port = port
                    port.setDefault("protocol", "TCP")
                    if port["targetPort"] == nil || port["targetPort"] == 0 || port["targetPort"] == "" {
                        port["targetPort"] = port["port"]
                    }
                    if type != "NodePort", type != "LoadBalancer" { port["nodePort"] = nil }
                    return port
                }
            )
        }
        if type == "NodePort" || type == "LoadBalancer" {
            spec.setDefault("externalTrafficPolicy", "Cluster")
        } else {
            spec["externalTrafficPolicy"] = nil
        }
        if type == "LoadBalancer" {
            spec.setDefault("allocateLoadBalancerNodePorts", true)
        } else {
            spec["allocateLoadBalancerNodePorts"] = nil
        }
        if type == "ExternalName" {
            for key in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"] {
                spec[key] = nil
            }
        } else {
            spec.setDefault("internalTrafficPolicy", "Cluster")
            spec.setDefault("ipFamilies", ["IPv4"])
            spec.setDefault("ipFamilyPolicy", "SingleStack")
        }
        object.spec = spec
    }

    /// What was allocated stays, unless the change says otherwise (registry/core/service, patchAllocatedValues).
    private func keepAllocations(_ object: inout KubernetesObject, _ present: KubernetesObject) {
        guard object.spec["type"] != "ExternalName" else { return }
        if (object.spec["clusterIP"]?.stringValue ?? "").isEmpty,
            (object.spec["clusterIPs"]?[0]?.stringValue ?? "").isEmpty
        {
            for key in ["clusterIP", "clusterIPs"] {
                object.json[at: "spec", key] = present.spec[key]
            }
        }
        guard let ports = object.spec["ports"]?.arrayValue, object.spec["type"] != "ClusterIP" else { return }
        let earlier = present.spec["ports"]?.arrayValue ?? []
        object.json[at: "spec", "ports"] = .array(
            ports.map { port in
                var port = port
                if port.integer("nodePort") == 0,
                    let match = earlier.first(where: {
                        $0["port"] == port["port"] && $0["protocol"] == port["protocol"]
                    })
                {
                    port["nodePort"] = match["nodePort"]
                }
                return port
            }
        )
    }

    func allocate(_ object: inout KubernetesObject, _ state: ClusterState) {
        var spec = object.spec
        let type = spec["type"]?.stringValue ?? ""
        guard type != "ExternalName" else { return }
        let key = ObjectKey(object)
        var address = spec["clusterIP"]?.stringValue ?? ""
        if address.isEmpty { address = spec["clusterIPs"]?[0]?.stringValue ?? "" }
        if address.isEmpty {
            address = ServiceAddresses.free(ServiceAddresses.taken(state, besides: key)) ?? ""
        }
        spec["clusterIP"] = .string(address)
        if spec["clusterIPs"]?[0]?.stringValue != address { spec["clusterIPs"] = [.string(address)] }
        if type == "NodePort" || type == "LoadBalancer", let ports = spec["ports"]?.arrayValue,
            ports.contains(where: { $0.integer("nodePort") == 0 })
        {
            var taken = ServiceAddresses.takenPorts(state, besides: key)
            taken.formUnion(ports.compactMap { $0["nodePort"]?.integerValue })
            spec["ports"] = .array(
                ports.map { port in
                    guard port.integer("nodePort") == 0, let free = ServiceAddresses.freePort(taken) else {
                        return port
                    }
                    taken.insert(free)
                    var port = port
                    port["nodePort"] = .integer(free)
                    return port
                }
            )
        }
        object.spec = spec
    }

    func allocationCauses(_ object: KubernetesObject, _ state: ClusterState) -> [APIStatus.Cause] {
        let key = ObjectKey(object)
        var causes: [APIStatus.Cause] = []
        if let address = object.spec["clusterIP"]?.stringValue, address != "None", !address.isEmpty {
            let list: JSONValue = [.string(address)]
            if !ServiceAddresses.contains(address) {
                causes.append(
                    .invalid(
                        "spec.clusterIPs",
                        list,
                        "failed to allocate IP \(address): the provided IP (\(address)) is not in the valid range. The "
                            + "range of valid IPs is 10.96.0.0/16"
                    )
                )
            } else if ServiceAddresses.taken(state, besides: key).contains(address) {
                causes.append(
                    .invalid(
                        "spec.clusterIPs",
                        list,
                        "failed to allocate IP \(address): provided IP is already allocated"
                    )
                )
            }
        }
        let taken = ServiceAddresses.takenPorts(state, besides: key)
        for (index, port) in (object.spec["ports"]?.arrayValue ?? []).enumerated() {
            guard let number = port["nodePort"]?.integerValue else { continue }
            if !ServiceAddresses.nodePorts.contains(number) {
                causes.append(
                    .invalid(
                        "spec.ports[\(index)].nodePort",
                        .integer(number),
                        "provided port is not in the valid range. The range of valid ports is 30000-32767"
                    )
                )
            } else if taken.contains(number) {
                causes.append(
                    .invalid(
                        "spec.ports[\(index)].nodePort",
                        .integer(number),
                        "provided port is already allocated"
                    )
                )
            }
        }
        return causes
    }

    func causes(in object: KubernetesObject) -> [APIStatus.Cause] {
        ServiceRules.causes(in: object)
    }

    func causes(in object: KubernetesObject, changedFrom present: KubernetesObject) -> [APIStatus.Cause] {
        guard object.spec["type"] != "ExternalName", present.spec["type"] != "ExternalName",
            let earlier = present.spec["clusterIP"]?.stringValue, !earlier.isEmpty,
            object.spec["clusterIP"]?.stringValue != earlier
        else { return [] }
        return [.invalid("spec.clusterIPs[0]", object.spec["clusterIPs"], "may not change once set")]
    }
}

/// What a service must say (core/validation ValidateService).
enum ServiceRules {
    static func causes(in object: KubernetesObject) -> [APIStatus.Cause] {
        var causes: [APIStatus.Cause] = []
        let spec = object.spec
        if !DNSLabel.startsWithLetter(object.name) {
            causes.append(.invalid("metadata.name", .string(object.name), DNSLabel.letterFirstRule))
        }
        let type = spec["type"]?.stringValue ?? ""
        let types = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]
        if !types.contains(type) { causes.append(.unsupported("spec.type", spec["type"], types)) }
        let affinity = spec["sessionAffinity"]
        if affinity != "None", affinity != "ClientIP" {
            causes.append(.unsupported("spec.sessionAffinity", affinity, ["ClientIP", "None"]))
        }
        let ports = spec["ports"]?.arrayValue ?? []
        let isHeadless = spec["clusterIP"] == "None"
        if type == "ExternalName" {
            if (spec["externalName"]?.stringValue ?? "").isEmpty {
                causes.append(.required("spec.externalName"))
            }
        } else if ports.isEmpty, !isHeadless {
            causes.append(.required("spec.ports"))
        }
        if isHeadless, type == "NodePort" || type == "LoadBalancer" {
            causes.append(
                .invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for \(type) services")
            )
        }
        return causes + portCauses(ports)
    }

    private static func portCauses(_ ports: [JSONValue]) -> [APIStatus.Cause] {
        var causes: [APIStatus.Cause] = []
        var names: Set<String> = []
        var places: Set<JSONValue> = []
        let protocols = ["TCP", "UDP", "SCTP"]
        for (index, port) in ports.enumerated() {
            let field = "spec.ports[\(index)]"
            let name = port["name"]?.stringValue ?? ""
            if name.isEmpty {
                if ports.count > 1 { causes.append(.required("\(field).name")) }
            } else if !DNSLabel.isLabel(name) {
                causes.append(.invalid("\(field).name", port["name"], DNSLabel.rule))
            } else if !names.insert(name).inserted {
                causes.append(.duplicate("\(field).name", port["name"]))
            }
            if port["port"]?.integerValue.map({ (1...65535).contains($0) }) != true {
                causes.append(
                    .invalid("\(field).port", port["port"] ?? 0, "must be between 1 and 65535, inclusive")
                )
            }
            if let target = port["targetPort"]?.integerValue, !(1...65535).contains(target) {
                causes.append(
                    .invalid(
                        "\(field).targetPort",
                        .integer(target),
                        "must be between 1 and 65535, inclusive"
                    )
                )
            }
            if !protocols.contains(port["protocol"]?.stringValue ?? "") {
                causes.append(.unsupported("\(field).protocol", port["protocol"], protocols))
            }
            let place: JSONValue = ["port": port["port"] ?? .null, "protocol": port["protocol"] ?? .null]
            if !places.insert(place).inserted { causes.append(.duplicate(field, place)) }
        }
        return causes
    }
}
