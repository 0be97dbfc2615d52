import JSON
import Testing

private func schemaText(_ schema: JSONSchema) -> String {
    jsonText { schema.write(to: &$0) }
}

private enum Phase: String, CaseIterable, JSONEncodable {
    case pending
    case running
}

private struct Port: JSONObject {
    var number: UInt16

    static let schemaName = "Port"
    static let fields: [JSONField<Port>] = [
        .init("number", "The TCP port", example: 3001, value: \.number)
    ]
}

private struct Deployment: JSONObject {
    var name: String
    var phase: Phase
    var replicas: Int
    var note: String?
    var ended: Timestamp?
    var ports: [Port]
    var labels: [String: String]
    var parents: [Deployment]

    static let schemaName = "Deployment"
    static let fields: [JSONField<Deployment>] = [
        .init("name", "What it is called", example: "llama") { $0.name },
        .init("phase", "How far it is") { $0.phase },
        .init("replicas", "How many run") { $0.replicas }.schema(.integer(minimum: 0, maximum: 100)),
        .init("note", "Left out when there is none") { $0.note },
        .nullable("ended", "When it ended, null while it runs") { $0.ended },
        .init("ports", "Where it listens") { $0.ports },
        .init("labels", "Its labels") { $0.labels },
        .init("parents", "What it came from") { $0.parents },
    ]

    static let sample = Deployment(
        name: "a\"b",
        phase: .running,
        replicas: 2,
        note: nil,
        ended: nil,
        ports: [Port(number: 80), Port(number: 443)],
        labels: ["z": "1", "a": "2"],
        parents: []
    )
}

@Suite struct JSONObjectTests {
    @Test func `an object is written from its table`() {
        var deployment = Deployment.sample
        #expect(
            jsonText(of: deployment)
                == #"{"name":"a\"b","phase":"running","replicas":2,"ended":null,"#
                + #""ports":[{"number":80},{"number":443}],"labels":{"a":"2","z":"1"},"parents":[]}"#
        )
        deployment.note = "x"
        deployment.ended = Timestamp(secondsSinceEpoch: 0)
        deployment.ports = []
        deployment.labels = [:]
        deployment.parents = [deployment]
        let inner =
            #""name":"a\"b","phase":"running","replicas":2,"note":"x","ended":"1970-01-01T00:00:00.000Z","#
            + #""ports":[],"labels":{},"parents":"#
        #expect(jsonText(of: deployment) == "{\(inner)[{\(inner)[]}]}")
    }

    @Test func `what is written has the properties that the schema requires`() throws {
        guard case .object(let schema) = Deployment.jsonSchema.kind else {
            Issue.record("not an object")
            return
        }
        let written = try JSONValue(parsing: Deployment.sample.encoded()).objectValue?.keys
        #expect(schema.properties().filter(\.isRequired).map(\.name) == written)
        #expect(schema.properties().map(\.name) == Deployment.fields.map(\.name))
    }

    @Test func `a named object is a reference, and the components hold everything it reaches`() {
        #expect(schemaText(Deployment.jsonSchema) == ##"{"$ref":"#/components/schemas/Deployment"}"##)
        var components = JSONSchemaComponents()
        components.add(.array(of: .nullable(Deployment.jsonSchema)))
        components.add(Port.jsonSchema)
        #expect(components.names == ["Deployment", "Port"])
        #expect(components.conflicts.isEmpty)
        #expect(
            jsonText { components.write(to: &$0) }
                == #"{"Deployment":{"type":"object","properties":{"#
                + #""name":{"type":"string","description":"What it is called","examples":["llama"]},"#
                + #""phase":{"type":"string","enum":["pending","running"],"description":"How far it is"},"#
                + #""replicas":{"type":"integer","minimum":0,"maximum":100,"description":"How many run"},"#
                + #""note":{"type":"string","description":"Left out when there is none"},"#
                + #""ended":{"type":["string","null"],"format":"date-time","#
                + #""description":"When it ended, null while it runs"},"#
                + ##""ports":{"type":"array","items":{"$ref":"#/components/schemas/Port"},"##
                + #""description":"Where it listens"},"#
                + #""labels":{"type":"object","additionalProperties":{"type":"string"},"#
                + #""description":"Its labels"},"#
                + ##""parents":{"type":"array","items":{"$ref":"#/components/schemas/Deployment"},"##
                + #""description":"What it came from"}},"#
                + #""required":["name","phase","replicas","ended","ports","labels","parents"]},"#
                + #""Port":{"type":"object","properties":{"number":{"type":"integer","format":"int32","#
                + #""minimum":0,"maximum":65535,"description":"The TCP port","examples":[3001]}},"#
                + #""required":["number"]}}"#
        )
    }

    @Test func `two different objects of one name are a conflict`() {
        var components = JSONSchemaComponents()
        components.add(Port.jsonSchema)
        components.add(.object("Port") { [JSONProperty("other", nil, .string)] })
        #expect(components.conflicts == ["Port"])
    }
}

@Suite struct JSONSchemaTests {
    @Test(
        arguments: [
            (.any, "{}"),
            (.null, #"{"type":"null"}"#),
            (.boolean, #"{"type":"boolean"}"#),
            (.nullable(.boolean), #"{"type":["boolean","null"]}"#),
            (Int.jsonSchema, #"{"type":"integer","format":"int64"}"#),
            (UInt64.jsonSchema, #"{"type":"integer","format":"int64","minimum":0}"#),
            (.number(minimum: 0, maximum: 0.5), #"{"type":"number","minimum":0.0,"maximum":0.5}"#),
            (
                .string(format: "uri", pattern: "^h", minimumLength: 1, maximumLength: 9),
                #"{"type":"string","format":"uri","pattern":"^h","minLength":1,"maxLength":9}"#
            ),
            (.nullable(.enumeration(["a", "b"])), #"{"type":["string","null"],"enum":["a","b",null]}"#),
            (.constant(true), #"{"const":true}"#),
            (.nullable(.constant(1)), #"{"anyOf":[{"const":1},{"type":"null"}]}"#),
            (
                .array(of: .string, minimumCount: 1, maximumCount: 2),
                #"{"type":"array","items":{"type":"string"},"minItems":1,"maxItems":2}"#
            ),
            (
                .nullable(Port.jsonSchema).documented("d"),
                ##"{"anyOf":[{"$ref":"#/components/schemas/Port"},{"type":"null"}],"description":"d"}"##
            ),
            (.anyOf([.string, .integer]), #"{"anyOf":[{"type":"string"},{"type":"integer"}]}"#),
            (
                .nullable(.anyOf([.string, .integer])),
                #"{"anyOf":[{"type":"string"},{"type":"integer"},{"type":"null"}]}"#
            ),
            (
                .object(additionalProperties: .refused) {
                    [JSONProperty("a", "d", .string, isRequired: false, example: "e")]
                },
                #"{"type":"object","properties":{"a":{"type":"string","description":"d","examples":["e"]}},"#
                    + #""additionalProperties":false}"#
            ),
            (
                .object(additionalProperties: .allowed(.integer)) { [] },
                #"{"type":"object","properties":{},"additionalProperties":{"type":"integer"}}"#
            ),
            ([String?].jsonSchema, #"{"type":"array","items":{"type":["string","null"]}}"#),
        ] as [(JSONSchema, String)]
    )
    func `a schema is written as JSON Schema 2020-12`(schema: JSONSchema, text: String) {
        #expect(schemaText(schema) == text)
    }

    @Test func `nil elements are written as null`() {
        #expect(jsonText(of: [1, nil, 3] as [Int?]) == "[1,null,3]")
    }
}
