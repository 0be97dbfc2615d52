extension JSONValue {
    /// The value after a JSON merge patch (RFC 7396, section 2): objects are merged, `null` removes, anything else replaces.
    public func merged(with patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var result = objectValue ?? JSONMembers()
        for change in changes {
            result[change.key] =
                change.value.isNull ? nil : (result[change.key] ?? .null).merged(with: change.value)
        }
        return .object(result)
    }
}
