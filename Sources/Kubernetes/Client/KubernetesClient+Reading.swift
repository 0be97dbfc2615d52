public import JSON
public import KubernetesModel

/// Objects and what their list is of.
public struct ObjectList: Sendable, Hashable {
    /// The objects. Those of built-in types have neither `apiVersion` nor `kind` here.
    public var items: [JSONValue]
    /// The resource version of the list.
    public var resourceVersion: String
}

extension KubernetesClient {
    /// Fetches an object, or a part of it.
    ///
    /// - Parameter subresource: the part, such as `status` or `scale`.
    /// - Throws: `KubernetesError`; `isNotFound` when there is none.
    public func get(
        _ resource: GroupVersionResource,
        _ name: String,
        namespace: String? = nil,
        subresource: String? = nil
    ) async throws(KubernetesError) -> JSONValue {
        let path = try ResourcePath.path(resource, namespace: namespace, name: name, subresource: subresource)
        return try await json(APICall(path))
    }

    /// Fetches an object and hands its bytes to `decode`, where a tree would be too much.
    public func get<Value>(
        _ resource: GroupVersionResource,
        _ name: String,
        namespace: String? = nil,
        decode: ([UInt8]) throws(KubernetesError) -> Value
    ) async throws(KubernetesError) -> Value {
        try decode(await bytes(APICall(try ResourcePath.path(resource, namespace: namespace, name: name))))
    }

    /// Fetches a list part by part and hands on each; `body` decodes what it needs. All parts are of one resource version.
    ///
    /// - Returns: the resource version of the list.
    /// - Throws: `KubernetesError`; `isGone` when the list took so long that its beginning was forgotten.
    @discardableResult
    public func list(
        _ resource: GroupVersionResource,
        namespace: String? = nil,
        _ selection: ObjectSelection = .everything,
        pageSize: Int = 500,
        pages body: (ListPage) async throws(KubernetesError) -> Void
    ) async throws(KubernetesError) -> String {
        var token: String?
        while true {
            let page = try await page(
                resource,
                namespace: namespace,
                selection,
                limit: pageSize,
                continueToken: token
            )
            try await body(page)
            guard let next = page.continueToken else { return page.resourceVersion }
            token = next
        }
    }

    /// Fetches a list as a whole, in parts.
    ///
    /// - Throws: `KubernetesError`.
    public func list(
        _ resource: GroupVersionResource,
        namespace: String? = nil,
        _ selection: ObjectSelection = .everything,
        pageSize: Int = 500
    ) async throws(KubernetesError) -> ObjectList {
        var items: [JSONValue] = []
        let version = try await list(resource, namespace: namespace, selection, pageSize: pageSize) {
            (page) throws(KubernetesError) in
            for item in page.items {
                let object = WatchedObject(
                    bytes: Array(page.bytes[item.range]),
                    resourceVersion: item.resourceVersion
                )
                items.append(try object.json())
            }
        }
        return ObjectList(items: items, resourceVersion: version)
    }
}
