import JSON
import KubernetesModel
import KubernetesSchema
import Testing

/// A definition with one version, whose schema is given.
private func definition(_ schema: String) throws -> JSONValue {
    try JSONValue(
        parsing:
            #"{"spec":{"group":"example.com","names":{"kind":"Widget","plural":"widgets"},"versions":[{"name":"v1","#
            + #""served":true,"storage":true,"schema":{"openAPIV3Schema":\#(schema)}}]}}"#
    )
}

@Suite struct CustomResourceSchemaTests {
    private func causes(_ schema: String) throws -> [String] {
        try CustomResourceSchema.causes(in: definition(schema)).map {
            let prefix = "spec.versions[0].schema.openAPIV3Schema"
            #expect($0.field.hasPrefix(prefix))
            return "\($0.field.dropFirst(prefix.count)): \($0.message)"
        }
    }

    @Test func aStructuralSchemaPasses() throws {
        #expect(
            try causes(
                #"{"type":"object","properties":{"spec":{"type":"object","properties":{"port":{"x-kubernetes-int-or-string":true,"#
                    + #""anyOf":[{"type":"integer"},{"type":"string"}]},"free":{"type":"object","x-kubernetes-preserve-unknown-fields":true},"#
                    + #""list":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],"items":"#
                    + #"{"type":"object","required":["name"],"properties":{"name":{"type":"string"}}}},"n":{"type":"integer","default":3}}}}}"#
            ).isEmpty
        )
    }

    private static let faults: [(String, String)] = [
        ("{}", ".type: Required value: must not be empty at the root"),
        (#"{"type":"string"}"#, #".type: Invalid value: "string": must be object at the root"#),
        (
            #"{"type":"object","properties":{"a":{}}}"#,
            ".properties[a].type: Required value: must not be empty for specified object fields"
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"array","items":{}}}}"#,
            ".properties[a].items.type: Required value: must not be empty for specified array items"
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"array"}}}"#,
            ".properties[a].items: Required value: must be specified"
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"list"}}}"#,
            #".properties[a].type: Unsupported value: "list": supported values: "array", "boolean", "integer", "number", "#
                + #""object", "string""#
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"string","pattern":"("}}}"#,
            #".properties[a].pattern: Invalid value: "(": must be a valid regular expression, but isn't"#
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"string","$ref":"x"}}}"#,
            ".properties[a].$ref: Forbidden: $ref is not supported"
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"integer","default":"x"}}}"#,
            #".properties[a].default: Invalid value: "string": spec.versions[0].schema.openAPIV3Schema.properties[a].default in "#
                + #"body must be of type integer: "string""#
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"object","oneOf":[{"type":"object"}]}}}"#,
            ".properties[a].oneOf[0].type: Forbidden: must be empty to be structural"
        ),
        (
            #"{"type":"object","properties":{"metadata":{"type":"object","required":["name"]}}}"#,
            ".properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is "
                + "implicitly specified"
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":"#
                + #"["k"],"items":{"type":"object","properties":{"k":{"type":"string"}}}}}}"#,
            ".properties[a].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it "
                + "must have a default or be a required property"
        ),
    ]

    @Test(arguments: faults)
    func aSchemaThatIsNotStructuralIsRefused(_ schema: String, _ problem: String) throws {
        #expect(try causes(schema) == [problem])
    }

    @Test func aVersionWithoutASchemaIsRefused() throws {
        let causes = CustomResourceSchema.causes(in: ["spec": ["versions": [["name": "v1"]]]])
        #expect(causes.map(\.message) == ["Required value: schemas are required"])
        #expect(
            CustomResourceSchema.schema(of: ["spec": ["versions": [["name": "v1"]]]], version: "v1") == nil
        )
    }
}

@Suite struct CustomResourceValidationTests {
    private let schemaText =
        #"{"type":"object","required":["spec"],"properties":{"spec":{"type":"object","required":["size"],"properties":{"#
        + #""size":{"type":"integer","minimum":1,"maximum":5},"color":{"type":"string","enum":["red","blue"],"default":"red"},"#
        + #""name":{"type":"string","pattern":"^[a-z]+$","minLength":2,"maxLength":4},"when":{"type":"string","format":"date-time"},"#
        + #""port":{"x-kubernetes-int-or-string":true},"ratio":{"type":"number"},"maybe":{"type":"string","nullable":true},"#
        + #""list":{"type":"array","maxItems":2,"x-kubernetes-list-type":"set","items":{"type":"string"}},"#
        + #""map":{"type":"object","additionalProperties":{"type":"integer"}},"free":{"type":"object","#
        + #""x-kubernetes-preserve-unknown-fields":true},"nested":{"type":"object","properties":{"depth":{"type":"integer","#
        + #""default":7}}},"one":{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"#
        + #""oneOf":[{"required":["a"]},{"required":["b"]}]}}}}}"#

    private func schema() throws -> ObjectSchema {
        try #require(try CustomResourceSchema.schema(of: definition(schemaText), version: "v1"))
    }

    private func causes(_ spec: String) throws -> [String] {
        let object = try JSONValue(
            parsing:
                #"{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"},"spec":\#(spec)}"#
        )
        return try schema().validate(object).map { "\($0.reason) \($0.field): \($0.message)" }
    }

    private static let breaches: [(String, String)] = [
        ("{}", "FieldValueRequired spec.size: Required value"),
        (
            #"{"size":"x"}"#,
            #"FieldValueTypeInvalid spec.size: Invalid value: "string": spec.size in body must be of type integer: "string""#
        ),
        (
            #"{"size":null}"#,
            #"FieldValueTypeInvalid spec.size: Invalid value: "null": spec.size in body must be of type integer: "null""#
        ),
        (
            #"{"size":0}"#,
            "FieldValueInvalid spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1"
        ),
        (
            #"{"size":9}"#,
            "FieldValueInvalid spec.size: Invalid value: 9: spec.size in body should be less than or equal to 5"
        ),
        (
            #"{"size":1,"color":"green"}"#,
            #"FieldValueNotSupported spec.color: Unsupported value: "green": supported values: "red", "blue""#
        ),
        (
            #"{"size":1,"name":"A1"}"#,
            #"FieldValueInvalid spec.name: Invalid value: "A1": spec.name in body should match '^[a-z]+$'"#
        ),
        (
            #"{"size":1,"name":"a"}"#,
            #"FieldValueInvalid spec.name: Invalid value: "a": spec.name in body should be at least 2 chars long"#
        ),
        (
            #"{"size":1,"name":"abcde"}"#,
            "FieldValueTooLong spec.name: Too long: may not be more than 4 bytes"
        ),
        (
            #"{"size":1,"when":"now"}"#,
            #"FieldValueTypeInvalid spec.when: Invalid value: "now": spec.when in body must be of type date-time: "now""#
        ),
        (
            #"{"size":1,"list":["a","b","c"]}"#,
            "FieldValueTooMany spec.list: Too many: 3: must have at most 2 items"
        ),
        (#"{"size":1,"list":["a","a"]}"#, #"FieldValueDuplicate spec.list[1]: Duplicate value: "a""#),
        (
            #"{"size":1,"map":{"k":"v"}}"#,
            #"FieldValueTypeInvalid spec.map[k]: Invalid value: "string": spec.map[k] in body must be of type integer: "string""#
        ),
        (
            #"{"size":1,"port":true}"#,
            #"FieldValueTypeInvalid spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "#
                + #""boolean""#
        ),
        (
            #"{"size":1,"one":{"a":"x","b":"y"}}"#,
            #"FieldValueInvalid <nil>: Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found 2 "#
                + "valid alternatives"
        ),
    ]

    @Test(arguments: breaches)
    func whatBreaksTheSchemaIsSaid(_ spec: String, _ cause: String) throws {
        #expect(try causes(spec) == [cause])
    }

    @Test func whatFitsPasses() throws {
        #expect(
            try causes(
                #"{"size":2,"maybe":null,"port":"http","ratio":1,"free":{"x":[1]},"one":{"a":"x"},"when":"2026-01-01T00:00:00Z"}"#
            ).isEmpty
        )
    }

    @Test func absentFieldsGetTheirDefaults() throws {
        let schema = try schema()
        let object: JSONValue = ["spec": ["size": 1, "nested": [:], "color": .null]]
        #expect(
            schema.applyDefaults(object) == ["spec": ["size": 1, "nested": ["depth": 7], "color": "red"]]
        )
        #expect(schema.applyDefaults(["spec": ["size": 1]])["spec"]?["nested"] == nil)
    }

    @Test func unknownFieldsAreDroppedButWhereTheyArePreserved() throws {
        let schema = try schema()
        let object: JSONValue = [
            "apiVersion": "example.com/v1", "kind": "Widget", "metadata": ["name": "w", "wrong": 1],
            "spec": ["size": 1, "extra": 2, "free": ["any": 3], "map": ["k": 4]],
        ]
        #expect(schema.unknownFields(in: object) == ["metadata.wrong", "spec.extra"])
        #expect(schema.prune(object)["spec"] == ["size": 1, "free": ["any": 3], "map": ["k": 4]])
        let error = #expect(throws: APIStatus.self) { _ = try schema.receive(object, validation: .strict) }
        #expect(
            error?.message
                == #"Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "metadata.wrong", "#
                + #"unknown field "spec.extra""#
        )
    }

    @Test func aCustomResourceIsAppliedByItsListTypes() throws {
        let schema = try schema()
        let write = ManagedFields.Write(manager: "one", now: Timestamp(secondsSinceEpoch: 0))
        let configuration: JSONValue = [
            "apiVersion": "example.com/v1", "kind": "Widget", "metadata": ["name": "w"],
            "spec": ["size": 1, "list": ["a"], "free": ["x": ["y": 1]]],
        ]
        let first = try ManagedFields.apply(configuration, to: nil, schema: schema, by: write, force: false)
        #expect(
            first["metadata"]?["managedFields"]?[0]?["fieldsV1"]
                == (try JSONValue(
                    parsing:
                        #"{"f:spec":{"f:size":{},"f:list":{"v:\"a\"":{}},"f:free":{"f:x":{".":{},"f:y":{}}}}}"#
                ))
        )
        var other = write
        other.manager = "two"
        let second = try ManagedFields.apply(
            ["spec": ["list": ["b"]]],
            to: first,
            schema: schema,
            by: other,
            force: false
        )
        #expect(second["spec"]?["list"] == ["a", "b"])
    }
}
