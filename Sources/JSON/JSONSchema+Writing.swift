extension JSONSchema {
    /// Writes the schema; named objects as references to components (`#/components/schemas/NAME`).
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writeMembers(to: &writer, orNull: false)
        if let description {
            writer.key("description")
            writer.string(description)
        }
        if let example {
            writer.key("examples")
            writer.array { $0.value(example) }
        }
        writer.endObject()
    }

    private func writeMembers(to writer: inout JSONWriter, orNull: Bool) {
        switch kind {
        case .any: break
        case .null: writer.type("null", orNull: false)
        case .boolean: writer.type("boolean", orNull: orNull)
        case .integer(let format, let minimum, let maximum):
            writer.type("integer", orNull: orNull)
            writer.member("format", format)
            writer.member("minimum", minimum)
            writer.member("maximum", maximum)
        case .number(let minimum, let maximum):
            writer.type("number", orNull: orNull)
            writer.member("minimum", minimum)
            writer.member("maximum", maximum)
        case .string(let format, let pattern, let minimumLength, let maximumLength):
            writer.type("string", orNull: orNull)
            writer.member("format", format)
            writer.member("pattern", pattern)
            writer.member("minLength", minimumLength)
            writer.member("maxLength", maximumLength)
        case .enumeration(let values):
            writer.type("string", orNull: orNull)
            writer.key("enum")
            writer.beginArray()
            for value in values { writer.string(value) }
            if orNull { writer.null() }
            writer.endArray()
        case .array(let element, let minimumCount, let maximumCount):
            writer.type("array", orNull: orNull)
            writer.key("items")
            element.write(to: &writer)
            writer.member("minItems", minimumCount)
            writer.member("maxItems", maximumCount)
        case .map(let value):
            writer.type("object", orNull: orNull)
            writer.key("additionalProperties")
            value.write(to: &writer)
        case .object(let object) where object.name == nil:
            object.writeMembers(to: &writer, orNull: orNull)
        case .object(let object):
            writer.key("$ref")
            writer.string("#/components/schemas/\(object.name ?? "")")
        case .constant(let value):
            writer.key("const")
            writer.value(value)
        case .nullable(let schema): schema.writeNullableMembers(to: &writer)
        case .anyOf(let schemas): writer.anyOf(schemas, orNull: orNull)
        }
    }

    private func writeNullableMembers(to writer: inout JSONWriter) {
        switch kind {
        case .object(let object) where object.name != nil: writer.anyOf([self], orNull: true)
        case .constant: writer.anyOf([self], orNull: true)
        default: writeMembers(to: &writer, orNull: true)
        }
    }
}

extension JSONObjectSchema {
    /// Writes the members that describe the object itself, not a reference to it.
    func writeMembers(to writer: inout JSONWriter, orNull: Bool) {
        let properties = properties()
        writer.type("object", orNull: orNull)
        writer.key("properties")
        writer.beginObject()
        for property in properties {
            writer.key(property.name)
            property.schema.write(to: &writer)
        }
        writer.endObject()
        let required = properties.filter(\.isRequired)
        if !required.isEmpty {
            writer.key("required")
            writer.beginArray()
            for property in required { writer.string(property.name) }
            writer.endArray()
        }
        switch additionalProperties {
        case .unspecified: break
        case .refused:
            writer.key("additionalProperties")
            writer.bool(false)
        case .allowed(let schema):
            writer.key("additionalProperties")
            schema.write(to: &writer)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func type(_ name: StaticString, orNull: Bool) {
        key("type")
        guard orNull else {
            string(name)
            return
        }
        beginArray()
        string(name)
        string("null")
        endArray()
    }

    fileprivate mutating func member(_ name: StaticString, _ value: (some JSONEncodable)?) {
        guard let value else { return }
        key(name)
        value.encode(to: &self)
    }

    fileprivate mutating func anyOf(_ schemas: [JSONSchema], orNull: Bool) {
        key("anyOf")
        beginArray()
        for schema in schemas { schema.write(to: &self) }
        if orNull { JSONSchema.null.write(to: &self) }
        endArray()
    }
}
