import JSON

/// One operation of a JSON patch (RFC 6902, section 4).
struct JSONPatchOperation {
    enum Kind {
        case add(JSONValue)
        case remove
        case replace(JSONValue)
        case move(from: JSONPointer)
        case copy(from: JSONPointer)
        case test(JSONValue)
    }

    let kind: Kind
    let path: JSONPointer

    init(_ json: JSONValue) throws(PatchError) {
        guard let name = json["op"]?.stringValue else {
            throw .malformed("a JSON patch operation needs \"op\": \(json)")
        }
        guard let path = json["path"]?.stringValue else {
            throw .malformed("the JSON patch operation \"\(name)\" needs \"path\"")
        }
        func value() throws(PatchError) -> JSONValue {
            guard let value = json["value"] else {
                throw .malformed("the JSON patch operation \"\(name)\" needs \"value\"")
            }
            return value
        }
        func from() throws(PatchError) -> JSONPointer {
            guard let text = json["from"]?.stringValue else {
                throw .malformed("the JSON patch operation \"\(name)\" needs \"from\"")
            }
            return try JSONPointer(text)
        }
        self.path = try JSONPointer(path)
        switch name {
        case "add": kind = .add(try value())
        case "remove": kind = .remove
        case "replace": kind = .replace(try value())
        case "move": kind = .move(from: try from())
        case "copy": kind = .copy(from: try from())
        case "test": kind = .test(try value())
        default: throw .malformed("unknown JSON patch operation \"\(name)\"")
        }
    }

    func apply(to document: inout JSONValue) throws(PatchError) {
        switch kind {
        case .add(let value):
            try document.add(value, at: path)
        case .remove:
            _ = try document.remove(at: path, "remove")
        case .replace(let value):
            guard document.value(at: path) != nil else { throw missing("replace", path) }
            try document.change(at: path.tokens[...], "replace") { (target) throws(PatchError) in
                target = value
            }
        case .move(let from):
            if path.isInside(from) {
                throw .notApplicable("move operation does not apply: \(path) is inside of \(from)")
            }
            try document.add(try document.remove(at: from, "move"), at: path)
        case .copy(let from):
            guard let value = document.value(at: from) else { throw missing("copy", from) }
            try document.add(value, at: path)
        case .test(let expected):
            // A missing value passes for null, as it does upstream.
            let found = document.value(at: path)
            guard (found ?? .null).equalsInValue(expected) else {
                throw .notApplicable("testing value \(path) failed: test failed")
            }
        }
    }

    private func missing(_ operation: String, _ path: JSONPointer) -> PatchError {
        .notApplicable("\(operation) operation does not apply: doc is missing path: \(path): missing value")
    }
}

extension JSONValue {
    /// Whether both are equal, with 1 equal to 1.0 (RFC 6902, section 4.6).
    func equalsInValue(_ other: JSONValue) -> Bool {
        switch (self, other) {
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.equalsInValue($1) }
        case (.object(let left), .object(let right)): left.equalsInValue(right)
        case (.integer, .number), (.number, .integer): doubleValue == other.doubleValue
        default: self == other
        }
    }

    fileprivate func value(at pointer: JSONPointer) -> JSONValue? {
        var value = self
        for token in pointer.tokens {
            let next =
                switch value {
                case .object(let members): members[token]
                case .array: JSONPointer.index(token).flatMap { value[$0] }
                default: JSONValue?.none
                }
            guard let next else { return nil }
            value = next
        }
        return value
    }

    /// Changes the value at a path, whose containers must be there.
    fileprivate mutating func change(
        at tokens: ArraySlice<String>,
        _ operation: String,
        _ body: (inout JSONValue) throws(PatchError) -> Void
    ) throws(PatchError) {
        guard let token = tokens.first else { return try body(&self) }
        switch self {
        case .object(var members):
            guard var inner = members[token] else { break }
            // What changes must have one owner, or it would be copied.
            self = .null
            members[token] = .null
            defer { self = .object(members) }
            defer { members[token] = inner }
            return try inner.change(at: tokens.dropFirst(), operation, body)
        case .array(var elements):
            guard let index = JSONPointer.index(token), elements.indices.contains(index) else { break }
            self = .null
            defer { self = .array(elements) }
            return try elements[index].change(at: tokens.dropFirst(), operation, body)
        default: break
        }
        let path = JSONPointer(tokens: Array(tokens))
        throw .notApplicable(
            "\(operation) operation does not apply: doc is missing path: \(path): missing value"
        )
    }

    fileprivate mutating func add(_ value: JSONValue, at path: JSONPointer) throws(PatchError) {
        guard let last = path.tokens.last else {
            self = value
            return
        }
        try change(at: path.tokens.dropLast(), "add") { (container) throws(PatchError) in
            switch container {
            case .object:
                container[last] = value
            case .array(var elements):
                let index = last == "-" ? elements.count : JSONPointer.index(last)
                guard let index, index <= elements.count else {
                    throw .notApplicable(
                        "add operation does not apply: doc is missing path: \(path): invalid index"
                    )
                }
                container = .null
                elements.insert(value, at: index)
                container = .array(elements)
            default:
                throw .notApplicable(
                    "add operation does not apply: doc is missing path: \(path): no container"
                )
            }
        }
    }

    fileprivate mutating func remove(at path: JSONPointer, _ operation: String) throws(PatchError)
        -> JSONValue
    {
        guard let removed = value(at: path) else {
            throw .notApplicable(
                "\(operation) operation does not apply: doc is missing path: \(path): missing value"
            )
        }
        guard let last = path.tokens.last else {
            self = .null
            return removed
        }
        try change(at: path.tokens.dropLast(), operation) { (container) throws(PatchError) in
            if case .array(var elements) = container, let index = JSONPointer.index(last) {
                container = .null
                elements.remove(at: index)
                container = .array(elements)
            } else {
                container[last] = nil
            }
        }
        return removed
    }
}

extension JSONMembers {
    // A loop of its own: as a closure in `JSONValue.equalsInValue` it makes the optimizer of Swift 6.3.1 abort.
    fileprivate func equalsInValue(_ other: JSONMembers) -> Bool {
        guard count == other.count else { return false }
        for member in self {
            guard let value = other[member.key], value.equalsInValue(member.value) else { return false }
        }
        return true
    }
}
