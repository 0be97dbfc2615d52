import HTTPClient
import HTTPServer
import HTTPTypes
import JSON
import KubernetesModel

/// Passes requests on to pods, and to services through one of their ready pods.
struct ProxyHandler: Sendable {
    let api: ClusterAPI
    let client: HTTPClient

    private static let hopByHop: Set<String> = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer",
        "transfer-encoding",
        "upgrade", "host", "authorization", "content-length", "accept-encoding", "expect",
    ]

    func answer(_ request: ResourceRequest) async throws(APIStatus) -> Response {
        let target = try ProxyTarget(request.path.name ?? "", request.definition)
        let address = try self.address(of: target, request)
        var url =
            "\(target.scheme)://\(address)\(request.path.rest.isEmpty ? "/" : Self.escaped(request.path.rest))"
        let query = request.request.query.pairs
        if !query.isEmpty {
            url +=
                "?"
                + query.map { "\(Self.escaped($0.name))=\(Self.escaped($0.value))" }.joined(separator: "&")
        }
        var outgoing = HTTPClientRequest(method: request.request.method, url: url)
        for name in [HTTPField.Name.accept, .contentType, .userAgent] {
            if let value = request.request[name] { outgoing.headers[name] = value }
        }
        if !request.request.body.isEmpty { outgoing.body = .bytes(request.request.body) }
        do throws(HTTPClientError) {
            return Self.response(try await client.send(outgoing))
        } catch {
            throw APIStatus(
                code: 503,
                reason: .serviceUnavailable,
                message: "error trying to reach service: \(error)"
            )
        }
    }

    private static func response(_ answer: HTTPClientResponse) -> Response {
        var response = Response(status: answer.status)
        if let type = answer.headers[.contentType] { response.contentType = ContentType(type) }
        response.fields = answer.headers.filter { field in
            !hopByHop.contains(field.name.canonicalName) && field.name != .contentType && field.name != .date
        }
        response.body = .stream(ResponseStream(answer.body))
        return response
    }

    /// Percent-encodes what may not stand in a path or a query, RFC 3986 §3.3 and §3.4; `/` stays.
    private static func escaped(_ text: String) -> String {
        var result: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E, 0x2F: result.append(byte)
            default: result += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    // MARK: Where to

    private func address(of target: ProxyTarget, _ request: ResourceRequest) throws(APIStatus) -> String {
        let namespace = request.path.namespace ?? ""
        switch request.definition.groupResource {
        case .pods:
            let key = ObjectKey(namespace: namespace, name: target.name)
            guard let pod = api.get(.pods, key) else { throw APIStatus.notFound(.pods, target.name) }
            let port = target.port.isEmpty ? Self.firstPort(of: pod) ?? "80" : target.port
            return try address(of: pod, port: port)
        case .services:
            let key = ObjectKey(namespace: namespace, name: target.name)
            guard let service = api.get(.services, key) else {
                throw APIStatus.notFound(.services, target.name)
            }
            return try address(ofService: service, target)
        default:
            throw APIStatus(
                code: 501,
                reason: .methodNotAllowed,
                message:
                    "this cluster has no proxy to \(request.definition.plural): its nodes have no kubelet to talk to"
            )
        }
    }

    private func address(of pod: KubernetesObject, port: String) throws(APIStatus) -> String {
        guard let node = pod.spec["nodeName"]?.stringValue, let ip = pod.status["podIP"]?.stringValue else {
            throw APIStatus.badRequest("pod \(pod.name) has no address yet")
        }
        if api.get(.nodes, ObjectKey(name: node))?.label(NodeLabels.simulated) == "true" {
            throw APIStatus(
                code: 503,
                reason: .serviceUnavailable,
                message:
                    "pod \(pod.name) is simulated: nothing answers at \(ip):\(port). Pods that run on this machine's "
                    + "node do answer"
            )
        }
        return "\(ip):\(port)"
    }

    private func address(ofService service: KubernetesObject, _ target: ProxyTarget) throws(APIStatus)
        -> String
    {
        let ports = service.spec["ports"]?.arrayValue ?? []
        let chosen = ports.first { port in
            target.port.isEmpty || port["name"]?.stringValue == target.port
                || port["port"]?.integerValue.map(String.init) == target.port
        }
        guard let chosen else {
            throw APIStatus(
                code: 503,
                reason: .serviceUnavailable,
                message: "no service port \"\(target.port)\" found for service \"\(service.name)\""
            )
        }
        guard let object = service.spec["selector"], let selector = Self.selector(object) else {
            throw noEndpoints(service)
        }
        let pods = api.list(.pods, in: service.namespace, matching: selector).filter {
            $0.condition("Ready")?["status"]?.stringValue == "True" && !$0.isBeingDeleted
        }
        guard let pod = pods.randomElement() else { throw noEndpoints(service) }
        return try address(of: pod, port: Self.port(chosen, of: pod))
    }

    private static func selector(_ object: JSONValue) -> LabelSelector? {
        let labels = object.objectValue ?? JSONMembers()
        return labels.isEmpty
            ? nil : LabelSelector(labels.map { .isIn($0.key, [$0.value.stringValue ?? ""]) })
    }

    private func noEndpoints(_ service: KubernetesObject) -> APIStatus {
        APIStatus(
            code: 503,
            reason: .serviceUnavailable,
            message: "no endpoints available for service \"\(service.name)\""
        )
    }

    /// The port of the pod behind a service's port; `targetPort` may be a name.
    private static func port(_ port: JSONValue, of pod: KubernetesObject) -> String {
        switch port["targetPort"] {
        case .integer(let number): return String(number)
        case .string(let name):
            for container in pod.spec["containers"]?.arrayValue ?? [] {
                for port in container["ports"]?.arrayValue ?? [] where port["name"]?.stringValue == name {
                    if let number = port["containerPort"]?.integerValue { return String(number) }
                }
            }
            return name
        default: return port["port"]?.integerValue.map(String.init) ?? "80"
        }
    }

    private static func firstPort(of pod: KubernetesObject) -> String? {
        let containers = pod.spec["containers"]?.arrayValue ?? []
        return containers.lazy.compactMap { $0["ports"]?[0]?["containerPort"]?.integerValue }.first.map(
            String.init
        )
    }
}

/// The name in a proxy's path: `name`, `name:port` or `scheme:name:port`.
struct ProxyTarget {
    let scheme: String
    let name: String
    let port: String

    init(_ text: String, _ definition: ResourceDefinition) throws(APIStatus) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        switch parts.count {
        case 1: (scheme, name, port) = ("http", parts[0], "")
        case 2: (scheme, name, port) = ("http", parts[0], parts[1])
        case 3 where ["", "http", "https"].contains(parts[0]):
            (scheme, name, port) = (parts[0].isEmpty ? "http" : parts[0], parts[1], parts[2])
        default: throw APIStatus.badRequest("invalid \(definition.singular) request \"\(text)\"")
        }
    }
}
