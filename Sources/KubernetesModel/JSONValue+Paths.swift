public import JSON

extension JSONValue {
    /// The value at a path of keys. Setting it makes the objects on the way; setting nil removes the last member only.
    public subscript(at path: String...) -> JSONValue? {
        get { value(at: path[...]) }
        set { set(newValue, at: path[...]) }
    }

    private func value(at path: ArraySlice<String>) -> JSONValue? {
        guard let first = path.first else { return self }
        return self[first]?.value(at: path.dropFirst())
    }

    private mutating func set(_ value: JSONValue?, at path: ArraySlice<String>) {
        guard let first = path.first else { return }
        if path.count == 1 {
            self[first] = value
            return
        }
        if self[first] == nil, value == nil { return }
        var inner = self[first] ?? .object(JSONMembers())
        // The inner value must have one owner while it changes, or it would be copied.
        if self[first] != nil { self[first] = .null }
        inner.set(value, at: path.dropFirst())
        self[first] = inner
    }
}
