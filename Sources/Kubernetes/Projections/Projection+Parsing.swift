extension PodProjection {
    /// What is kept of a pod.
    ///
    /// - Parameter json: the pod as an API server writes it.
    /// - Throws: when that is not what a pod looks like.
    package static func parsing(_ json: [UInt8]) throws -> PodProjection {
        try JSONScanner.scan(json) { (scanner) throws(JSONScanError) in try PodProjection(&scanner) }
    }
}

extension NodeProjection {
    /// What is kept of a node.
    ///
    /// - Parameter json: the node as an API server writes it.
    /// - Throws: when that is not what a node looks like.
    package static func parsing(_ json: [UInt8]) throws -> NodeProjection {
        try JSONScanner.scan(json) { (scanner) throws(JSONScanError) in try NodeProjection(&scanner) }
    }
}
