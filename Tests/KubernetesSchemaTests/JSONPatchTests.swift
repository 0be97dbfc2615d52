import JSON
import KubernetesModel
import KubernetesSchema
import Testing

@Suite struct JSONPatchTests {
    private func patched(_ document: String, _ patch: String) throws -> JSONValue {
        try Patch.json(JSONValue(parsing: patch), to: JSONValue(parsing: document))
    }

    /// The cases of RFC 6902, appendix A, and of what upstream does beyond.
    @Test(arguments: [
        (#"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux"}]"#, #"{"baz":"qux","foo":"bar"}"#),
        (#"{"foo":["a","b"]}"#, #"[{"op":"add","path":"/foo/1","value":"q"}]"#, #"{"foo":["a","q","b"]}"#),
        (#"{"foo":["a"]}"#, #"[{"op":"add","path":"/foo/-","value":["c"]}]"#, #"{"foo":["a",["c"]]}"#),
        (#"{"baz":"qux","foo":"bar"}"#, #"[{"op":"remove","path":"/baz"}]"#, #"{"foo":"bar"}"#),
        (#"{"foo":["a","q","b"]}"#, #"[{"op":"remove","path":"/foo/1"}]"#, #"{"foo":["a","b"]}"#),
        (#"{"baz":"qux"}"#, #"[{"op":"replace","path":"/baz","value":"boo"}]"#, #"{"baz":"boo"}"#),
        (#"{"a":{"x":1},"b":{}}"#, #"[{"op":"move","from":"/a/x","path":"/b/y"}]"#, #"{"a":{},"b":{"y":1}}"#),
        (#"{"a":[1,2,3]}"#, #"[{"op":"move","from":"/a/0","path":"/a/2"}]"#, #"{"a":[2,3,1]}"#),
        (#"{"a":{"x":1}}"#, #"[{"op":"copy","from":"/a","path":"/b"}]"#, #"{"a":{"x":1},"b":{"x":1}}"#),
        (#"{"a":1}"#, #"[{"op":"test","path":"/a","value":1.0}]"#, #"{"a":1}"#),
        (#"{"/":9,"~1":10}"#, #"[{"op":"replace","path":"/~01","value":1}]"#, #"{"/":9,"~1":1}"#),
        (#"{"a":1}"#, #"[{"op":"replace","path":"","value":{"b":2}}]"#, #"{"b":2}"#),
    ])
    func anOperationChangesTheDocument(_ document: String, _ patch: String, _ expected: String) throws {
        #expect(try patched(document, patch) == JSONValue(parsing: expected))
    }

    @Test(arguments: [
        #"[{"op":"remove","path":"/none"}]"#, #"[{"op":"replace","path":"/none","value":1}]"#,
        #"[{"op":"add","path":"/a/9","value":1}]"#, #"[{"op":"add","path":"/none/x","value":1}]"#,
        #"[{"op":"test","path":"/s","value":"other"}]"#, #"[{"op":"move","from":"/o","path":"/o/inner"}]"#,
        #"[{"op":"add","path":"/a/01","value":1}]"#, #"[{"op":"copy","from":"/none","path":"/x"}]"#,
    ])
    func anOperationThatDoesNotFitIsRefusedWith422(_ patch: String) throws {
        let error = #expect(throws: PatchError.self) {
            _ = try patched(#"{"a":[1,2],"s":"text","o":{}}"#, patch)
        }
        #expect(error?.status.code == 422)
    }

    @Test(arguments: [
        #"{}"#, #"[{"path":"/a"}]"#, #"[{"op":"add","path":"/a"}]"#, #"[{"op":"jump","path":"/a"}]"#,
        #"[{"op":"add","path":"a","value":1}]"#, #"[{"op":"add","path":"/~2","value":1}]"#,
        #"[{"op":"move","path":"/a"}]"#,
    ])
    func aMalformedPatchIsRefusedWith400(_ patch: String) throws {
        let error = #expect(throws: PatchError.self) { _ = try patched(#"{"a":1}"#, patch) }
        #expect(error?.status.code == 400)
    }

    @Test func moreThanTenThousandOperationsAreRefused() throws {
        let operation: JSONValue = ["op": "test", "path": "", "value": [:]]
        let patch = JSONValue.array(Array(repeating: operation, count: 10_001))
        let error = #expect(throws: PatchError.self) { _ = try Patch.json(patch, to: [:]) }
        #expect(error?.status.code == 413)
    }

    /// The cases of RFC 7386, appendix A.
    @Test(arguments: [
        (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
        (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
        (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
        (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
        (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
        (#"[1,2]"#, #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
        (#"{}"#, #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
    ])
    func aMergePatchMergesObjects(_ document: String, _ patch: String, _ expected: String) throws {
        let result = try JSONValue(parsing: document).merged(with: JSONValue(parsing: patch))
        #expect(result == (try JSONValue(parsing: expected)))
    }
}
