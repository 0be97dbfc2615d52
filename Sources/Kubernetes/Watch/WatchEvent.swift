public import JSON

/// What a watch tells, in order.
public enum WatchEvent: Sendable {
    /// A list begins, at the start or because events were lost. What is known of earlier objects holds on, until `synced` says
    /// which of them are gone.
    case listing
    /// An object of the list.
    case listed(WatchedObject)
    /// The list is complete: what was not in it since the last `listing` is gone.
    case synced(resourceVersion: String)
    /// An object was made, or has come to match the selection.
    case added(WatchedObject)
    /// An object has changed.
    case modified(WatchedObject)
    /// An object is gone, or no longer matches the selection; its last state.
    case deleted(WatchedObject)
    /// Nothing has changed up to that resource version.
    case bookmark(resourceVersion: String)
    /// The connection to the API server has come or gone.
    case status(WatchStatus)
}

/// How a watch stands with the API server.
public enum WatchStatus: Sendable, Hashable {
    /// Events come as they happen.
    case connected
    /// No events come for now; another attempt follows soon.
    case interrupted(KubernetesError)
    /// The resource is not served (404), or must not be read (403). Another attempt follows after a while.
    case unavailable(KubernetesError)
}

/// An object as it came, not yet decoded.
public struct WatchedObject: Sendable, Hashable {
    /// The object's JSON. In a list the objects of built-in types have neither `apiVersion` nor `kind`.
    public let bytes: [UInt8]
    /// `metadata.resourceVersion`.
    public let resourceVersion: String

    /// The object as a tree.
    ///
    /// - Throws: `KubernetesError.decoding` when it is no JSON.
    public func json() throws(KubernetesError) -> JSONValue {
        do {
            return try JSONValue(parsing: bytes, maximumDepth: JSONScanner.deepest)
        } catch {
            throw .decoding("an object is not JSON: \(error)")
        }
    }
}
