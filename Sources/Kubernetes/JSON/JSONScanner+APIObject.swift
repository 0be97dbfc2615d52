extension JSONScanner {
    /// Steps over an object of the API; returns its `metadata.resourceVersion`.
    mutating func skipAPIObject() throws(JSONScanError) -> String? {
        var resourceVersion: String?
        try object { (key, scanner) throws(JSONScanError) in
            guard key == "metadata", scanner.isAtObject else { return }
            try scanner.object { (key, scanner) throws(JSONScanError) in
                if key == "resourceVersion" { resourceVersion = try scanner.optionalString() }
            }
        }
        return resourceVersion
    }
}
