import JSON
import KubernetesModel
import KubernetesSchema
import Testing

@Suite struct StrategicMergePatchTests {
    private func patched(_ kind: String, _ document: String, _ patch: String) throws -> JSONValue {
        let group = kind == "Deployment" ? "apps" : ""
        let schema = try #require(
            SchemaCatalog.builtin[GroupVersionKind(group: group, version: "v1", kind: kind)]
        )
        return try Patch.strategic(
            JSONValue(parsing: patch),
            to: JSONValue(parsing: document),
            schema: schema.root
        )
    }

    private func expect(_ document: String, _ patch: String, _ expected: String, kind: String = "Pod") throws
    {
        #expect(try patched(kind, document, patch) == JSONValue(parsing: expected))
    }

    @Test func aContainerIsFoundByItsName() throws {
        try expect(
            #"{"spec":{"containers":[{"name":"a","image":"a:1"},{"name":"b","image":"b:1"}]}}"#,
            #"{"spec":{"containers":[{"name":"b","image":"b:2"}]}}"#,
            #"{"spec":{"containers":[{"name":"a","image":"a:1"},{"name":"b","image":"b:2"}]}}"#
        )
    }

    @Test func aNewElementComesBehindThePresentOnes() throws {
        let result = try patched(
            "Pod",
            #"{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}"#,
            #"{"spec":{"containers":[{"name":"c","env":[{"name":"X","value":"1"}]}]}}"#
        )
        let names = result["spec"]?["containers"]?.arrayValue?.compactMap { $0["name"]?.stringValue }
        #expect(names?.count == 3)
        #expect(Set(names ?? []) == ["a", "b", "c"])
    }

    @Test func anElementIsRemovedByItsKey() throws {
        try expect(
            #"{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}"#,
            #"{"spec":{"containers":[{"name":"a","$patch":"delete"}]}}"#,
            #"{"spec":{"containers":[{"name":"b"}]}}"#
        )
    }

    @Test func aListIsReplacedWhenThePatchSaysSo() throws {
        try expect(
            #"{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}"#,
            #"{"spec":{"containers":[{"name":"c"},{"$patch":"replace"}]}}"#,
            #"{"spec":{"containers":[{"name":"c"}]}}"#
        )
    }

    @Test func anObjectIsReplacedOrEmptiedWhenThePatchSaysSo() throws {
        try expect(
            #"{"metadata":{"labels":{"a":"1","b":"2"},"annotations":{"x":"y"}}}"#,
            #"{"metadata":{"labels":{"$patch":"replace","c":"3"},"annotations":{"$patch":"delete"}}}"#,
            #"{"metadata":{"labels":{"c":"3"},"annotations":{}}}"#
        )
    }

    @Test func theOrderOfThePatchIsTaken() throws {
        let result = try patched(
            "Pod",
            #"{"spec":{"containers":[{"name":"a"},{"name":"b"},{"name":"server"}]}}"#,
            #"{"spec":{"$setElementOrder/containers":[{"name":"c"},{"name":"b"},{"name":"a"}],"containers":[{"name":"c"}]}}"#
        )
        let names = result["spec"]?["containers"]?.arrayValue?.compactMap { $0["name"]?.stringValue }
        #expect(names == ["c", "b", "a", "server"])
    }

    @Test func anOrderThatContradictsThePatchIsRefused() throws {
        #expect(throws: PatchError.self) {
            _ = try patched(
                "Pod",
                #"{"spec":{"containers":[]}}"#,
                #"{"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"a"},{"name":"b"}]}}"#
            )
        }
    }

    @Test func aListOfScalarsIsMergedAndShortened() throws {
        try expect(
            #"{"metadata":{"finalizers":["a","b","c"]}}"#,
            #"{"metadata":{"$deleteFromPrimitiveList/finalizers":["b"],"finalizers":["d"]}}"#,
            #"{"metadata":{"finalizers":["d","a","c"]}}"#
        )
    }

    @Test func aListWithoutAStrategyIsReplaced() throws {
        try expect(
            #"{"spec":{"containers":[{"name":"a","args":["1","2"]}]}}"#,
            #"{"spec":{"containers":[{"name":"a","args":["3"]}]}}"#,
            #"{"spec":{"containers":[{"name":"a","args":["3"]}]}}"#
        )
    }

    @Test func keysThatAreNotRetainedGo() throws {
        try expect(
            #"{"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}}"#,
            #"{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}"#,
            #"{"spec":{"strategy":{"type":"Recreate"}}}"#,
            kind: "Deployment"
        )
    }

    @Test func nullRemovesAFieldAndLeavesNoneInWhatIsNew() throws {
        try expect(
            #"{"spec":{"nodeName":"n","hostname":"h"}}"#,
            #"{"spec":{"nodeName":null,"affinity":{"podAffinity":null,"nodeAffinity":{}}}}"#,
            #"{"spec":{"hostname":"h","affinity":{"nodeAffinity":{}}}}"#
        )
    }

    @Test func anElementWithoutItsKeyIsRefused() throws {
        let error = #expect(throws: PatchError.self) {
            _ = try patched(
                "Pod",
                #"{"spec":{"containers":[{"name":"a"}]}}"#,
                #"{"spec":{"containers":[{"image":"x"}]}}"#
            )
        }
        #expect(error?.description.contains("does not contain declared merge key: name") == true)
    }
}
