import JSON
import KubernetesModel

/// The defaults of a pod's specification, in pods and in pod templates (core/v1 defaults of upstream).
enum PodDefaults {
    /// Fills in the defaults of the specification at a path of `object`; nothing when it is absent.
    static func apply(to object: inout JSONValue, at key: String) {
        guard var spec = object[key], spec.objectValue != nil else { return }
        object[key] = .null
        fill(&spec, "restartPolicy", "Always")
        fill(&spec, "terminationGracePeriodSeconds", 30)
        fill(&spec, "dnsPolicy", "ClusterFirst")
        fill(&spec, "securityContext", [:])
        fill(&spec, "schedulerName", "default-scheduler")
        for list in ["containers", "initContainers", "ephemeralContainers"] {
            guard let containers = spec[list]?.arrayValue else { continue }
            spec[list] = .array(containers.map(container))
        }
        if let volumes = spec["volumes"]?.arrayValue { spec["volumes"] = .array(volumes.map(volume)) }
        object[key] = spec
    }

    private static func fill(_ value: inout JSONValue, _ key: String, _ fallback: JSONValue) {
        if value[key] == nil || value[key]?.isNull == true { value[key] = fallback }
    }

    private static func container(_ container: JSONValue) -> JSONValue {
        var container = container
        fill(&container, "terminationMessagePath", "/dev/termination-log")
        fill(&container, "terminationMessagePolicy", "File")
        fill(&container, "imagePullPolicy", .string(pullPolicy(container["image"]?.stringValue ?? "")))
        fill(&container, "resources", [:])
        // A limit is also the request, unless there is one.
        for limit in container["resources"]?["limits"]?.objectValue ?? JSONMembers()
        where container["resources"]?["requests"]?[limit.key] == nil {
            container[at: "resources", "requests", limit.key] = limit.value
        }
        if let ports = container["ports"]?.arrayValue {
            container["ports"] = .array(
                ports.map { port in
                    var port = port
                    fill(&port, "protocol", "TCP")
                    return port
                }
            )
        }
        for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
            if let probe = container[name] { container[name] = self.probe(probe) }
        }
        if let environment = container["env"]?.arrayValue {
            container["env"] = .array(environment.map(environmentVariable))
        }
        return container
    }

    private static func environmentVariable(_ variable: JSONValue) -> JSONValue {
        var variable = variable
        if variable["valueFrom"]?["fieldRef"] != nil, variable["valueFrom"]?["fieldRef"]?["apiVersion"] == nil
        {
            variable[at: "valueFrom", "fieldRef", "apiVersion"] = "v1"
        }
        return variable
    }

    private static func probe(_ probe: JSONValue) -> JSONValue {
        var probe = probe
        fill(&probe, "timeoutSeconds", 1)
        fill(&probe, "periodSeconds", 10)
        fill(&probe, "successThreshold", 1)
        fill(&probe, "failureThreshold", 3)
        if probe["httpGet"] != nil {
            if probe["httpGet"]?["scheme"] == nil { probe[at: "httpGet", "scheme"] = "HTTP" }
            if probe["httpGet"]?["path"] == nil { probe[at: "httpGet", "path"] = "/" }
        }
        return probe
    }

    /// `Always` for an image that may change under its name: one without a tag, or tagged `latest`.
    private static func pullPolicy(_ image: String) -> String {
        if image.contains("@") { return "IfNotPresent" }
        let last = image.split(separator: "/").last ?? ""
        guard let colon = last.firstIndex(of: ":") else { return "Always" }
        return last[last.index(after: colon)...] == "latest" ? "Always" : "IfNotPresent"
    }

    private static func volume(_ volume: JSONValue) -> JSONValue {
        var volume = volume
        for source in ["configMap", "secret", "projected", "downwardAPI"]
        where volume[source] != nil && volume[source]?["defaultMode"] == nil {
            volume[at: source, "defaultMode"] = 420
        }
        if volume["hostPath"] != nil, volume["hostPath"]?["type"] == nil {
            volume[at: "hostPath", "type"] = ""
        }
        if volume.objectValue?.count == 1 { volume["emptyDir"] = [:] }
        return volume
    }
}
