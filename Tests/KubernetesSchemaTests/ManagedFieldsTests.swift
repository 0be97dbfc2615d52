import JSON
import KubernetesModel
import KubernetesSchema
import Testing

/// What the tests of server-side apply share: a deployment and requests about it.
enum Applying {
    static let schema = SchemaCatalog.builtin[
        GroupVersionKind(group: "apps", version: "v1", kind: "Deployment")
    ]

    static func write(_ manager: String, second: Int = 0, subresource: String = "") -> ManagedFields.Write {
        let ignored = subresource == "status" ? FieldSet(fields: ["spec"]) : FieldSet(fields: ["status"])
        return .init(
            manager: manager,
            now: Timestamp(secondsSinceEpoch: 1_767_225_600 + Int64(second)),
            subresource: subresource,
            ignored: ignored
        )
    }

    static func configuration(_ spec: String, metadata: String = #""name":"web","namespace":"default""#)
        throws -> JSONValue
    {
        try JSONValue(
            parsing:
                #"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{\#(metadata)},"spec":\#(spec)}"#
        )
    }

    static func apply(
        _ spec: String,
        to live: JSONValue?,
        _ manager: String = "one",
        force: Bool = false,
        second: Int = 0
    ) throws -> JSONValue {
        try ManagedFields.apply(
            configuration(spec),
            to: live,
            schema: #require(schema),
            by: write(manager, second: second),
            force: force
        )
    }

    static func update(
        _ live: JSONValue?,
        to new: JSONValue,
        _ manager: String,
        second: Int = 0,
        subresource: String = ""
    )
        throws -> JSONValue
    {
        try ManagedFields.update(
            live,
            to: new,
            schema: #require(schema),
            by: write(manager, second: second, subresource: subresource)
        )
    }

    static func owned(_ object: JSONValue, by manager: String) -> [String] {
        (object["metadata"]?["managedFields"]?.arrayValue ?? [])
            .filter { $0["manager"]?.stringValue == manager }
            .flatMap { (try? FieldSet(fieldsV1: $0["fieldsV1"] ?? .null))?.paths ?? [] }
            .map(\.description)
    }
}

@Suite struct ServerSideApplyTests {
    private let web = #"{"replicas":2,"template":{"spec":{"containers":[{"name":"web","image":"web:1"}]}}}"#

    @Test func theFirstApplyMakesTheObjectAndOwnsItsFields() throws {
        let object = try Applying.apply(web, to: nil)
        #expect(object["spec"]?["replicas"] == 2)
        let entry = object["metadata"]?["managedFields"]?[0]
        #expect(
            entry
                == (try JSONValue(
                    parsing:
                        #"{"manager":"one","operation":"Apply","apiVersion":"apps/v1","time":"2026-01-01T00:00:00Z","#
                        + #""fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:containers":"#
                        + #"{"k:{\"name\":\"web\"}":{".":{},"f:image":{},"f:name":{}}}}}}}}"#
                ))
        )
    }

    @Test func applyingTheSameAgainChangesNothing() throws {
        let first = try Applying.apply(web, to: nil)
        #expect(try Applying.apply(web, to: first, second: 5) == first)
    }

    @Test func aFieldThatIsNoLongerAppliedIsRemoved() throws {
        let first = try Applying.apply(#"{"replicas":2,"paused":true,"minReadySeconds":3}"#, to: nil)
        let second = try Applying.apply(#"{"replicas":2}"#, to: first)
        #expect(second["spec"] == ["replicas": 2])
        #expect(Applying.owned(second, by: "one") == [".spec.replicas"])
    }

    @Test func aFieldThatAnotherOwnsTooStays() throws {
        var object = try Applying.apply(#"{"replicas":2,"paused":true}"#, to: nil)
        object = try Applying.apply(#"{"paused":true}"#, to: object, "two")
        object = try Applying.apply(#"{"replicas":2}"#, to: object)
        #expect(object["spec"]?["paused"] == true)
        #expect(Applying.owned(object, by: "two") == [".spec.paused"])
        object = try Applying.apply("{}", to: object, "two")
        #expect(object["spec"] == ["replicas": 2])
    }

    @Test func anotherValueForAnothersFieldIsAConflict() throws {
        let object = try Applying.apply(web, to: nil)
        let error = #expect(throws: ApplyError.self) {
            _ = try Applying.apply(#"{"replicas":5}"#, to: object, "two")
        }
        let status = try #require(error?.status)
        #expect(status.code == 409)
        #expect(status.reason == .conflict)
        #expect(status.message == #"Apply failed with 1 conflict: conflict with "one": .spec.replicas"#)
        #expect(
            status.causes == [
                .init(
                    reason: "FieldManagerConflict",
                    message: #"conflict with "one""#,
                    field: ".spec.replicas"
                )
            ]
        )
    }

    @Test func severalConflictsAreListedByOwner() throws {
        var object = try Applying.apply(web, to: nil)
        var edited = object
        edited[at: "spec", "paused"] = true
        object = try Applying.update(object, to: edited, "kubectl-edit")
        let error = #expect(throws: ApplyError.self) {
            _ = try Applying.apply(
                #"{"paused":false,"replicas":5,"template":{"spec":{"containers":[{"name":"web","image":"web:2"}]}}}"#,
                to: object,
                "two"
            )
        }
        #expect(
            error?.status.message == """
                Apply failed with 3 conflicts: conflicts with "kubectl-edit" using apps/v1:
                - .spec.paused
                conflicts with "one":
                - .spec.replicas
                - .spec.template.spec.containers[name="web"].image
                """
        )
    }

    @Test func forceTakesTheFieldOver() throws {
        let object = try Applying.apply(
            #"{"replicas":5}"#,
            to: Applying.apply(web, to: nil),
            "two",
            force: true
        )
        #expect(object["spec"]?["replicas"] == 5)
        #expect(Applying.owned(object, by: "two") == [".spec.replicas"])
        #expect(!Applying.owned(object, by: "one").contains(".spec.replicas"))
    }

    @Test func theSameValueIsSharedWithoutAConflict() throws {
        let object = try Applying.apply(#"{"replicas":2}"#, to: Applying.apply(web, to: nil), "two")
        #expect(Applying.owned(object, by: "two") == [".spec.replicas"])
        #expect(Applying.owned(object, by: "one").contains(".spec.replicas"))
    }

    @Test func aContainerIsRemovedAndTheOthersStay() throws {
        let two = #"{"template":{"spec":{"containers":[{"name":"a","image":"a"},{"name":"b","image":"b"}]}}}"#
        let one = #"{"template":{"spec":{"containers":[{"name":"b","image":"b"}]}}}"#
        var object = try Applying.apply(two, to: nil)
        object = try Applying.apply(
            #"{"template":{"spec":{"containers":[{"name":"sidecar","image":"s"}]}}}"#,
            to: object,
            "injector"
        )
        object = try Applying.apply(one, to: object)
        let names = object["spec"]?["template"]?["spec"]?["containers"]?.arrayValue?.compactMap {
            $0["name"]?.stringValue
        }
        #expect(names == ["sidecar", "b"] || names == ["b", "sidecar"])
    }

    @Test func thePortsProtocolCountsAsItsDefault() throws {
        let ports = #"{"template":{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80}]}]}}}"#
        let object = try Applying.apply(ports, to: nil)
        #expect(
            Applying.owned(object, by: "one").contains(
                #".spec.template.spec.containers[name="a"].ports[containerPort=80,protocol="TCP"]"#
            )
        )
    }

    @Test(arguments: [
        (#"{"replica":1}"#, ".spec.replica: field not declared in schema"),
        (#"{"replicas":"two"}"#, #".spec.replicas: expected numeric (int or float), got string "two""#),
        (
            #"{"template":{"spec":{"containers":[{"name":"a"},{"name":"a"}]}}}"#,
            #".spec.template.spec.containers: duplicate entries for key [name="a"]"#
        ),
        (
            #"{"template":{"spec":{"containers":[{"image":"a"}]}}}"#,
            ".spec.template.spec.containers: element 0: associative list with keys has an element that omits key field "
                + #""name" (and doesn't have default value)"#
        ),
    ])
    func aConfigurationThatDoesNotFitTheTypeIsRefused(_ spec: String, _ problem: String) throws {
        let error = #expect(throws: ApplyError.self) { _ = try Applying.apply(spec, to: nil) }
        #expect(
            error?.status.message
                == "failed to create typed patch object (default/web; apps/v1, Kind=Deployment): \(problem)"
        )
    }

    @Test func anObjectThatNobodyKeptAccountOfBelongsToThoseBeforeTheFirstApply() throws {
        let live = try Applying.configuration(#"{"replicas":2,"paused":true}"#)
        let object = try Applying.apply(#"{"replicas":2}"#, to: live)
        #expect(Applying.owned(object, by: "before-first-apply") == [".spec.paused", ".spec.replicas"])
        let error = #expect(throws: ApplyError.self) {
            _ = try Applying.apply(#"{"paused":false}"#, to: live)
        }
        #expect(error?.status.causes.first?.message == #"conflict with "before-first-apply" using apps/v1"#)
    }

    @Test func clientSideAppliedFieldsAreTakenOverByKubectl() throws {
        let annotation = #"{\"spec\":{\"replicas\":2}}"#
        let live = try Applying.configuration(
            #"{"replicas":2}"#,
            metadata:
                #""name":"web","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"\#(annotation)"}"#
        )
        let object = try Applying.update(nil, to: live, "kubectl-client-side-apply")
        #expect(throws: ApplyError.self) { _ = try Applying.apply(#"{"replicas":3}"#, to: object, "two") }
        let applied = try Applying.apply(#"{"replicas":3}"#, to: object, "kubectl")
        #expect(applied["spec"]?["replicas"] == 3)
    }

    @Test func aConfigurationMustNotBringItsOwnAccount() throws {
        let configuration = try Applying.configuration(
            "{}",
            metadata: #""name":"web","managedFields":[{"manager":"x"}]"#
        )
        #expect(throws: ApplyError.configurationHasManagedFields) {
            _ = try ManagedFields.apply(
                configuration,
                to: nil,
                schema: #require(Applying.schema),
                by: Applying.write("one"),
                force: false
            )
        }
    }
}

@Suite struct UpdateTrackingTests {
    @Test func aCreatedObjectBelongsToItsCreator() throws {
        let new = try Applying.configuration(
            #"{"replicas":1,"selector":{"matchLabels":{"app":"web"}},"strategy":{"rollingUpdate":{"maxSurge":1}},"template":"#
                + #"{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"web","resources":{}}],"volumes":[{"name":"v"}]}}}"#
        )
        let object = try Applying.update(nil, to: new, "kubectl-create")
        #expect(
            object["metadata"]?["managedFields"]?[0]?["fieldsV1"]
                == (try JSONValue(
                    parsing:
                        #"{"f:spec":{"f:replicas":{},"f:selector":{},"f:strategy":{"f:rollingUpdate":{".":{},"f:maxSurge":{}}},"#
                        + #""f:template":{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":"#
                        + #"{"k:{\"name\":\"web\"}":{".":{},"f:name":{},"f:resources":{}}},"f:volumes":{".":{},"k:{\"name\":\"v\"}":"#
                        + #"{".":{},"f:name":{}}}}}}}"#
                ))
        )
    }

    @Test func anUpdateTakesOnlyWhatItChanges() throws {
        let first = try Applying.apply(#"{"replicas":2,"paused":false}"#, to: nil)
        var edited = first
        edited[at: "spec", "replicas"] = 3
        let object = try Applying.update(first, to: edited, "kubectl-edit", second: 4)
        #expect(Applying.owned(object, by: "kubectl-edit") == [".spec.replicas"])
        #expect(Applying.owned(object, by: "one") == [".spec.paused"])
        let entry = object["metadata"]?["managedFields"]?[1]
        #expect(entry?["operation"] == "Update")
        #expect(entry?["time"] == "2026-01-01T00:00:04Z")
    }

    @Test func anUpdateThatChangesNothingLeavesTheAccountAsItIs() throws {
        let first = try Applying.apply(#"{"replicas":2}"#, to: nil)
        #expect(try Applying.update(first, to: first, "other", second: 9) == first)
    }

    @Test func aRemovedFieldBelongsToNobody() throws {
        let first = try Applying.apply(#"{"replicas":2,"paused":true}"#, to: nil)
        var edited = first
        edited[at: "spec", "paused"] = nil
        let object = try Applying.update(first, to: edited, "two")
        #expect(Applying.owned(object, by: "one") == [".spec.replicas"])
        #expect(Applying.owned(object, by: "two").isEmpty)
    }

    @Test func theStatusIsOwnedThroughItsSubresource() throws {
        let first = try Applying.apply(#"{"replicas":2}"#, to: nil)
        var reported = first
        reported["status"] = ["readyReplicas": 2, "conditions": [["type": "Available", "status": "True"]]]
        reported[at: "spec", "replicas"] = 9
        let object = try Applying.update(first, to: reported, "controller", subresource: "status")
        #expect(
            Applying.owned(object, by: "controller") == [
                ".status.conditions", #".status.conditions[type="Available"]"#,
                #".status.conditions[type="Available"].status"#,
                #".status.conditions[type="Available"].type"#,
                ".status.readyReplicas",
            ]
        )
        #expect(object["metadata"]?["managedFields"]?[1]?["subresource"] == "status")
    }

    @Test func elementsThatCannotBeToldApartBelongToWhoeverMadeThemSo() throws {
        let one = #"{"template":{"spec":{"containers":[{"name":"a"}],"tolerations":[]}}}"#
        let first = try Applying.apply(one, to: nil)
        var doubled = first
        doubled[at: "spec", "template", "spec", "containers"] = [
            ["name": "a", "image": "x"], ["name": "a", "image": "y"],
        ]
        let object = try Applying.update(first, to: doubled, "two")
        #expect(Applying.owned(object, by: "two") == [#".spec.template.spec.containers[name="a"]"#])
        #expect(!Applying.owned(object, by: "one").contains { $0.contains("containers") })
    }

    @Test func oneEmptyEntryClearsTheAccount() throws {
        var object = try Applying.apply(#"{"replicas":2}"#, to: nil)
        object[at: "metadata", "managedFields"] = [[:]]
        let cleared = try Applying.update(object, to: object, "two")
        #expect(cleared["metadata"]?["managedFields"] == nil)
    }

    @Test func theOldestUpdatersAreKeptAsOne() throws {
        var object = try Applying.update(nil, to: Applying.configuration(#"{"replicas":1}"#), "writer")
        for number in 0..<14 {
            var edited = object
            edited[at: "metadata", "annotations", "a\(number)"] = "x"
            object = try Applying.update(object, to: edited, "writer-\(number)")
        }
        let managers =
            object["metadata"]?["managedFields"]?.arrayValue?.compactMap { $0["manager"]?.stringValue } ?? []
        #expect(managers.count == 10)
        #expect(managers.contains("ancient-changes"))
        #expect(Applying.owned(object, by: "ancient-changes").contains(".metadata.annotations.a0"))
    }
}
