import JSON
import KubernetesModel
import KubernetesSchema
import Testing

@Suite struct BuiltinValidationTests {
    private func deployment() throws -> ObjectSchema {
        try #require(
            SchemaCatalog.builtin[GroupVersionKind(group: "apps", version: "v1", kind: "Deployment")]
        )
    }

    private let good =
        #"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"selector":{},"template":{"spec":"#
        + #"{"containers":[{"name":"web","image":"web:1"}]}}}}"#

    @Test func aGoodObjectPasses() throws {
        let object = try JSONValue(parsing: good)
        let received = try deployment().receive(object, validation: .strict)
        #expect(received.object == object)
        #expect(received.warnings.isEmpty)
        #expect(try deployment().validate(object).isEmpty)
    }

    @Test func unknownFieldsAreRefusedWarnedAboutOrDropped() throws {
        var object = try JSONValue(parsing: good)
        object[at: "spec", "replica"] = 2
        object[at: "spec", "template", "spec", "containers"] = [["name": "web", "imagee": "x"]]
        let schema = try deployment()
        let error = #expect(throws: APIStatus.self) { _ = try schema.receive(object, validation: .strict) }
        #expect(error?.code == 400)
        #expect(
            error?.message == """
                Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: \
                unknown field "spec.template.spec.containers[0].imagee", unknown field "spec.replica"
                """
        )
        let warned = try schema.receive(object, validation: .warn)
        #expect(
            warned.warnings == [
                #"unknown field "spec.template.spec.containers[0].imagee""#, #"unknown field "spec.replica""#,
            ]
        )
        #expect(warned.object["spec"]?["replica"] == nil)
        #expect(try schema.receive(object, validation: .ignore).warnings.isEmpty)
    }

    @Test func aPatchThatAddsUnknownFieldsIsRefusedWith422() throws {
        var object = try JSONValue(parsing: good)
        object[at: "spec", "replica"] = 2
        let schema = try deployment()
        let error = #expect(throws: APIStatus.self) {
            _ = try schema.receive(patched: object, patch: #"{"spec":{}}"#, validation: .strict)
        }
        #expect(error?.code == 422)
        #expect(
            error?.message
                == #"Deployment.apps "web" is invalid: patch: Invalid value: "{\"spec\":{}}": strict decoding error: unknown field "spec.replica""#
        )
    }

    @Test(arguments: [
        (
            #"{"spec":{"replicas":"two"}}"#,
            "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32"
        ),
        (
            #"{"spec":{"template":{"spec":{"containers":{}}}}}"#,
            "json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container"
        ),
        (
            #"{"spec":{"template":{"spec":{"containers":[{"resources":{"limits":{"cpu":"many"}}}]}}}}"#,
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
        ),
        (
            #"{"metadata":{"labels":{"a":1}}}"#,
            "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string"
        ),
    ])
    func aValueOfTheWrongKindCannotBeDecoded(_ text: String, _ problem: String) throws {
        let schema = try deployment()
        let object = try JSONValue(parsing: text)
        let error = #expect(throws: APIStatus.self) { _ = try schema.receive(object, validation: .ignore) }
        #expect(error?.code == 400)
        #expect(
            error?.message == #"Deployment in version "v1" cannot be handled as a Deployment: "# + problem
        )
    }

    @Test func requiredFieldsAllowedValuesAndRangesAreChecked() throws {
        let object = try JSONValue(
            parsing:
                #"{"metadata":{"name":"web"},"spec":{"replicas":-1,"template":{"spec":{"restartPolicy":"Sometimes","#
                + #""containers":[{"image":"x","ports":[{"containerPort":70000}]}]}}}}"#
        )
        #expect(
            try Set(deployment().validate(object)) == [
                .init(reason: "FieldValueRequired", message: "Required value", field: "spec.selector"),
                .init(
                    reason: "FieldValueInvalid",
                    message: "Invalid value: -1: must be greater than or equal to 0",
                    field: "spec.replicas"
                ),
                .init(
                    reason: "FieldValueNotSupported",
                    message:
                        #"Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never""#,
                    field: "spec.template.spec.restartPolicy"
                ),
                .init(
                    reason: "FieldValueRequired",
                    message: "Required value",
                    field: "spec.template.spec.containers[0].name"
                ),
                .init(
                    reason: "FieldValueInvalid",
                    message: "Invalid value: 70000: must be between 1 and 65535, inclusive",
                    field: "spec.template.spec.containers[0].ports[0].containerPort"
                ),
            ]
        )
    }

    @Test func nullsAreTheSameAsAbsentFields() throws {
        var object = try JSONValue(parsing: good)
        object[at: "metadata", "creationTimestamp"] = .null
        let received = try deployment().receive(object, validation: .strict)
        #expect(received.object == (try JSONValue(parsing: good)))
    }

    @Test func keysThatAreThereTwiceAreFound() throws {
        let body = #"{"spec":{"replicas":1,"a":[{"x":1,"x":"}\""}],"replicas":2},"kind":"K"}"#
        let read = try RequestJSON(parsing: body.utf8)
        #expect(read.value["spec"]?["replicas"] == 2)
        #expect(read.duplicates == ["spec.a[0].x", "spec.replicas"])
        #expect(read.value["spec"]?["a"]?[0]?["x"] == #"}""#)
        let schema = try deployment()
        let error = #expect(throws: APIStatus.self) {
            _ = try schema.receive([:], duplicates: ["spec.replicas"], validation: .strict)
        }
        #expect(error?.message.hasSuffix(#"strict decoding error: duplicate field "spec.replicas""#) == true)
        #expect(throws: JSONParseError.self) { _ = try RequestJSON(parsing: #"{"a":1,"a":2"#.utf8) }
    }
}
