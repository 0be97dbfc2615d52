public import KubernetesModel

/// A part of a list as it came, objects not yet decoded.
public struct ListPage: Sendable {
    /// The JSON of the list object.
    public let bytes: [UInt8]
    /// The resource version that the whole list is of.
    public let resourceVersion: String
    /// What to ask for the next part with; nil for the last part.
    public let continueToken: String?
    /// The objects.
    public let items: [Item]

    /// An object in the list.
    public struct Item: Sendable, Hashable {
        /// Where the object lies in the bytes.
        public let range: Range<Int>
        /// `metadata.resourceVersion`; empty where it is absent.
        public let resourceVersion: String
    }

    /// Reads a list object.
    ///
    /// - Throws: `KubernetesError.decoding` when the bytes are no list.
    public init(_ bytes: [UInt8]) throws(KubernetesError) {
        var resourceVersion: String?
        var continueToken: String?
        var items: [Item]?
        do throws(JSONScanError) {
            try JSONScanner.scan(bytes) { (scanner) throws(JSONScanError) in
                try scanner.object { (key, scanner) throws(JSONScanError) in
                    if key == "metadata" {
                        try scanner.object { (key, scanner) throws(JSONScanError) in
                            if key == "resourceVersion" { resourceVersion = try scanner.optionalString() }
                            if key == "continue" { continueToken = try scanner.optionalString() }
                        }
                    } else if key == "items" {
                        var found: [Item] = []
                        // A list without objects may have `null` here.
                        if try !scanner.skipNull() {
                            try scanner.array { (scanner) throws(JSONScanError) in
                                let start = scanner.index
                                let version = try scanner.skipAPIObject() ?? ""
                                found.append(Item(range: start..<scanner.index, resourceVersion: version))
                            }
                        }
                        items = found
                    }
                }
                try scanner.end()
            }
        } catch {
            throw .decoding("a list is not JSON as the API writes it: \(error)")
        }
        guard let items, let resourceVersion else {
            throw .decoding("an answer is no list: it lacks items or metadata.resourceVersion")
        }
        self.bytes = bytes
        self.resourceVersion = resourceVersion
        self.continueToken = continueToken.flatMap { $0.isEmpty ? nil : $0 }
        self.items = items
    }
}

extension KubernetesClient {
    /// Fetches one part of a list.
    ///
    /// - Parameters:
    ///   - limit: the most objects of a part.
    ///   - continueToken: the token of the part before; nil for the first part.
    /// - Throws: `KubernetesError`; `isGone` when the token is too old, and the list must begin anew.
    public func page(
        _ resource: GroupVersionResource,
        namespace: String? = nil,
        _ selection: ObjectSelection = .everything,
        limit: Int,
        continueToken: String? = nil
    ) async throws(KubernetesError) -> ListPage {
        try ListPage(await bytes(pageCall(resource, namespace, selection, limit, continueToken)))
    }

    func pageCall(
        _ resource: GroupVersionResource,
        _ namespace: String?,
        _ selection: ObjectSelection,
        _ limit: Int,
        _ continueToken: String?
    ) throws(KubernetesError) -> APICall {
        var call = APICall(try ResourcePath.path(resource, namespace: namespace))
        call.add(selection)
        call.add("limit", String(limit))
        call.add("continue", continueToken)
        // Objects may be 1.5 MB large, though few are.
        call.largestAnswer = 1 << 30
        return call
    }
}
