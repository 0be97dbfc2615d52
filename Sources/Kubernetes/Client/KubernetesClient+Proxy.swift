public import HTTPClient
public import HTTPTypes
internal import KubernetesModel

/// A service or a pod that the API server passes requests on to.
public struct ProxyTarget: Sendable, Hashable {
    private let resource: String
    private let name: String
    private let port: String?
    private let usesTLS: Bool
    private let namespace: String

    /// A service, by the name or number of a port.
    public static func service(
        _ name: String,
        port: String? = nil,
        namespace: String,
        usesTLS: Bool = false
    ) -> ProxyTarget {
        ProxyTarget(resource: "services", name: name, port: port, usesTLS: usesTLS, namespace: namespace)
    }

    /// A pod, by the number of a port.
    public static func pod(
        _ name: String,
        port: String? = nil,
        namespace: String,
        usesTLS: Bool = false
    ) -> ProxyTarget {
        ProxyTarget(resource: "pods", name: name, port: port, usesTLS: usesTLS, namespace: namespace)
    }

    /// The path of the proxy: `…/services/https:name:port/proxy`.
    func path() throws(KubernetesError) -> String {
        let resource = GroupVersionResource(version: "v1", resource: resource)
        let collection = try ResourcePath.path(resource, namespace: namespace)
        var target = try ResourcePath.segment(name, "name")
        if usesTLS { target = "https:\(target)" }
        if let port {
            target += ":\(try ResourcePath.segment(port, "port"))"
        } else if usesTLS {
            target += ":"
        }
        return "\(collection)/\(target)/proxy"
    }
}

extension KubernetesClient {
    /// Sends a request to a service or a pod by way of the API server.
    ///
    /// - Parameters:
    ///   - path: the path there with its query, percent-encoded, beginning with a slash.
    ///   - deadlines: how long things may take.
    /// - Returns: the answer with a status of success; its body comes as it is read.
    /// - Throws: `KubernetesError`; statuses come from the API server or from what is behind it.
    public func proxy(
        _ target: ProxyTarget,
        method: HTTPRequest.Method = .get,
        path: String = "/",
        headers: HTTPFields = [:],
        body: HTTPClientRequestBody = .none,
        deadlines: HTTPClientDeadlines = HTTPClientDeadlines(firstByte: .seconds(60))
    ) async throws(KubernetesError) -> HTTPClientResponse {
        var call = try Self.call(target, path)
        call.method = method
        call.headers = headers
        call.body = body
        call.deadlines = deadlines
        return try await send(call)
    }

    /// What asks for something behind the proxy.
    static func call(_ target: ProxyTarget, _ path: String) throws(KubernetesError) -> APICall {
        guard path.utf8.first == 0x2F, !path.utf8.contains(0x23),
            !path.utf8.split(separator: 0x3F)[0].split(separator: 0x2F).contains(where: { Self.isStep($0) })
        else {
            throw .status(.badRequest("the path \"\(path)\" cannot be used"))
        }
        var call = APICall(try target.path() + path)
        call.waitsWhenTold = false
        return call
    }

    /// Whether a segment leads out of the proxy's path.
    private static func isStep(_ segment: Substring.UTF8View) -> Bool {
        let text = String(decoding: segment, as: UTF8.self).lowercased()
        return [".", "..", "%2e", "%2e%2e", ".%2e", "%2e."].contains(text)
    }
}
