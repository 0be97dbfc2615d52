import JSON
import Testing

@testable import KubernetesModel

struct SelectorTests {
    static let labels = ["app": "web", "tier": "front", "size": "7"]

    @Test(
        "a label selector selects as kubectl's does",
        arguments: [
            ("", true), ("app=web", true), ("app==web", true), ("app=api", false), ("app!=api", true),
            ("app!=web", false), ("missing!=x", true), ("app in (api, web)", true),
            ("app notin (api,web)", false),
            ("missing notin (a)", true), ("app", true), ("!app", false), ("!missing", true), ("size>6", true),
            ("size<7", false), ("app = web , tier in (front)", true), ("app=web,tier=back", false),
            ("app=", false),
        ]
    )
    func selects(text: String, expected: Bool) throws {
        #expect(try LabelSelector(text).matches(Self.labels) == expected)
    }

    @Test(
        "a malformed label selector is refused with the place",
        arguments: ["app in web", "=a", "a=b=c", "a!b", "a in (b"]
    )
    func refuses(text: String) {
        #expect(throws: LabelSelector.Invalid.self) { try LabelSelector(text) }
    }

    @Test("an object's selector takes labels and expressions together")
    func objectSelector() throws {
        let selector = try LabelSelector(object: [
            "matchLabels": ["app": "web"],
            "matchExpressions": [["key": "tier", "operator": "In", "values": ["front"]]],
        ])
        #expect(selector.matches(Self.labels))
        #expect(!selector.matches(["app": "web"]))
        #expect(throws: LabelSelector.Invalid.self) {
            try LabelSelector(object: ["matchExpressions": [["key": "a", "operator": "Like"]]])
        }
    }

    @Test("a selector's text selects the same again")
    func writes() throws {
        let text = "app=web,tier in (back,front),!gone,size>1"
        #expect(try LabelSelector(text).description == text)
    }

    @Test("a field selector compares scalars at a path")
    func fields() throws {
        let pod: JSONValue = [
            "metadata": ["name": "a,b"], "spec": ["hostNetwork": true], "status": ["phase": "Running"],
        ]
        #expect(try FieldSelector("status.phase=Running,metadata.name=a\\,b").matches(pod))
        #expect(try FieldSelector("status.phase!=Failed,spec.hostNetwork==true").matches(pod))
        #expect(try FieldSelector("spec.nodeName=").matches(pod))
        #expect(try !FieldSelector("spec.nodeName=n").matches(pod))
        #expect(throws: FieldSelector.Invalid.self) { try FieldSelector("status.phase") }
    }

    @Test func `the first sign of a term counts, and special characters in values are escaped`() throws {
        #expect(try FieldSelector("a=b!").requirements == [.init(path: "a", value: "b!")])
        #expect(try FieldSelector("a!=b!").requirements == [.init(path: "a", value: "b!", isEqual: false)])
        #expect(try FieldSelector("a=b\\=c\\\\").requirements == [.init(path: "a", value: "b=c\\")])
        for text in ["a=b=c", "a=b!=c", "a=\\b", "a=b\\"] {
            #expect(throws: FieldSelector.Invalid.self, "\(text)") { try FieldSelector(text) }
        }
        let accented = FieldSelector([.init(path: "a", value: "=\u{301}")])
        #expect(try FieldSelector(accented.description) == accented)
    }
}
