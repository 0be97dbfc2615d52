internal import HTTPClient
internal import KubernetesModel

/// Paths of the API's resources.
enum ResourcePath {
    /// The path of a collection, of all namespaces where none is named; or of an object, or of a part of it.
    ///
    /// - Throws: when a name is empty or such that a path with it would lead elsewhere.
    static func path(
        _ resource: GroupVersionResource,
        namespace: String?,
        name: String? = nil,
        subresource: String? = nil
    ) throws(KubernetesError) -> String {
        var path = resource.groupVersion.path
        if let namespace { path += "/namespaces/\(try segment(namespace, "namespace"))" }
        path += "/\(try segment(resource.resource, "resource"))"
        if let name { path += "/\(try segment(name, "name"))" }
        if let subresource { path += "/\(subresource)" }
        return path
    }

    /// The text as one segment of a path.
    static func segment(_ text: String, _ what: String) throws(KubernetesError) -> String {
        // Without its name an object's path would be the collection's, and dots are steps.
        guard !text.isEmpty, text != ".", text != "..", !text.utf8.contains(0x2F), !text.utf8.contains(0x25)
        else {
            throw .status(.badRequest("the \(what) \"\(text)\" cannot stand in a path"))
        }
        return PercentEncoding.encode(text)
    }

    /// The parameters as a query, with its question mark; empty without any.
    static func query(_ parameters: [(String, String)]) -> String {
        parameters.isEmpty ? "" : "?" + PercentEncoding.query(parameters)
    }
}
