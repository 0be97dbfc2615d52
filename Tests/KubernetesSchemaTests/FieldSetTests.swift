import JSON
import KubernetesSchema
import Testing

@Suite struct FieldSetTests {
    private func set(_ text: String) throws -> FieldSet {
        try FieldSet(fieldsV1: JSONValue(parsing: text))
    }

    /// An excerpt of what a real API server keeps of a deployment.
    private let real =
        #"{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:containers":"#
        + #"{"k:{\"name\":\"web\"}":{".":{},"f:image":{},"f:ports":{".":{},"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":"#
        + #"{".":{},"f:containerPort":{}}}}},"f:finalizers":{"v:\"a\"":{}}}}}}"#

    @Test func theFormOnTheWireIsReadAndWrittenBack() throws {
        let fields = try set(real)
        #expect(fields.fieldsV1 == (try JSONValue(parsing: real)))
        #expect(
            fields.paths.map(\.description) == [
                ".metadata.labels", ".metadata.labels.app", ".spec.replicas",
                #".spec.template.spec.containers[name="web"]"#,
                #".spec.template.spec.containers[name="web"].image"#,
                #".spec.template.spec.containers[name="web"].ports"#,
                #".spec.template.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"]"#,
                #".spec.template.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"].containerPort"#,
                #".spec.template.spec.finalizers[="a"]"#,
            ]
        )
    }

    @Test(arguments: [
        #"[]"#, #"{"x:y":{}}"#, #"{"f":{}}"#, #"{"f:a":1}"#, #"{"k:{}":{}}"#, #"{"v:":{}}"#, #"{"i:x":{}}"#,
    ])
    func anythingElseIsRefused(_ text: String) {
        #expect(throws: FieldSet.Malformed.self) { _ = try set(text) }
    }

    @Test func setsAreJoinedMetAndSubtracted() throws {
        let left = try set(#"{"f:a":{},"f:b":{"f:c":{},"f:d":{}}}"#)
        let right = try set(#"{"f:b":{".":{},"f:d":{},"f:e":{}}}"#)
        #expect(left.union(right) == (try set(#"{"f:a":{},"f:b":{".":{},"f:c":{},"f:d":{},"f:e":{}}}"#)))
        #expect(left.intersection(right) == (try set(#"{"f:b":{"f:d":{}}}"#)))
        #expect(left.subtracting(right) == (try set(#"{"f:a":{},"f:b":{"f:c":{}}}"#)))
        #expect(left.subtractingTrees(right) == (try set(#"{"f:a":{}}"#)))
        #expect(left.subtracting(left).isEmpty)
    }

    @Test func aFieldIsFoundByItsPath() throws {
        let fields = try set(#"{"f:a":{"f:b":{}}}"#)
        #expect(fields.contains(FieldPath([.field("a"), .field("b")])))
        #expect(!fields.contains(FieldPath([.field("a")])))
        #expect(fields == FieldSet(fields: ["a", "b"]))
    }
}
