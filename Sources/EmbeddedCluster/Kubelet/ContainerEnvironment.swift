import JSON
import KubernetesModel
import LocalContainers

/// A container cannot be made as its specification says.
struct ContainerConfigurationError: Error, Sendable, Hashable {
    /// In the kubelet's words.
    let message: String
}

/// The environment of a container: its own variables, those of config maps, secrets and the pod's fields, and where the API is
/// (upstream: pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables).
struct ContainerEnvironment {
    let pod: KubernetesObject
    let container: JSONValue
    let state: ClusterState
    let addresses: PodAddresses?

    init(
        _ pod: KubernetesObject,
        _ container: JSONValue,
        _ state: ClusterState,
        _ addresses: PodAddresses?
    ) {
        self.pod = pod
        self.container = container
        self.state = state
        self.addresses = addresses
    }

    /// The variables.
    ///
    /// - Throws: What is missing, unless it is optional.
    func variables() throws(ContainerConfigurationError) -> [String: String] {
        var variables = ServiceEnvironment.variables(of: pod, in: state)
        for source in container["envFrom"]?.arrayValue ?? [] {
            let prefix = source["prefix"]?.stringValue ?? ""
            for (resource, key) in [(GroupResource.configMaps, "configMapRef"), (.secrets, "secretRef")] {
                guard let reference = source[key], let data = try data(resource, reference) else { continue }
                for (name, value) in data { variables[prefix + name] = value }
            }
        }
        for variable in container["env"]?.arrayValue ?? [] {
            guard let name = variable["name"]?.stringValue else { continue }
            if let source = variable["valueFrom"] {
                if let value = try value(of: source) { variables[name] = value }
            } else {
                variables[name] = VariableReferences.expand(variable["value"]?.stringValue ?? "", variables)
            }
        }
        return variables
    }

    private func value(of source: JSONValue) throws(ContainerConfigurationError) -> String? {
        for (resource, key, title) in [
            (GroupResource.configMaps, "configMapKeyRef", "ConfigMap"), (.secrets, "secretKeyRef", "Secret"),
        ] {
            guard let reference = source[key] else { continue }
            guard let data = try data(resource, reference) else { return nil }
            let name = reference["key"]?.stringValue ?? ""
            if let value = data[name] { return value }
            if reference["optional"]?.boolValue == true { return nil }
            throw ContainerConfigurationError(
                message: "couldn't find key \(name) in \(title) \(pod.namespace)/"
                    + (reference["name"]?.stringValue ?? "")
            )
        }
        if let path = source["fieldRef"]?["fieldPath"]?.stringValue {
            return PodField(pod, addresses).value(at: path) ?? ""
        }
        if let reference = source["resourceFieldRef"] {
            return PodField(pod, addresses).resource(reference, of: container, in: state)
        }
        return nil
    }

    /// The data of a config map or secret as text; nil when it is absent and optional.
    private func data(
        _ resource: GroupResource,
        _ reference: JSONValue
    ) throws(ContainerConfigurationError) -> [String: String]? {
        let name = reference["name"]?.stringValue ?? ""
        guard let object = state.object(resource, pod.namespace, name) else {
            if reference["optional"]?.boolValue == true { return nil }
            let kind = resource == .secrets ? "secret" : "configmap"
            throw ContainerConfigurationError(message: "\(kind) \"\(name)\" not found")
        }
        return ObjectData(object).texts
    }
}

/// The data of a config map or secret.
struct ObjectData {
    /// The values as bytes.
    let bytes: [String: [UInt8]]

    init(_ object: KubernetesObject) {
        var bytes: [String: [UInt8]] = [:]
        let isSecret = object.kind == "Secret"
        for member in object.json["data"]?.objectValue ?? JSONMembers() {
            guard let text = member.value.stringValue else { continue }
            bytes[member.key] = isSecret ? Base64.bytes(of: text) ?? [] : Array(text.utf8)
        }
        for member in object.json["binaryData"]?.objectValue ?? JSONMembers() {
            if let text = member.value.stringValue { bytes[member.key] = Base64.bytes(of: text) ?? [] }
        }
        self.bytes = bytes
    }

    /// The values as text.
    var texts: [String: String] { bytes.mapValues { String(decoding: $0, as: UTF8.self) } }
}
