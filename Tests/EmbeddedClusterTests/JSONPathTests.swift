import JSON
import Testing

@testable import EmbeddedCluster

struct JSONPathTests {
    private let object: JSONValue = [
        "metadata": ["labels": ["app.kubernetes.io/name": "x", "a.b": "dotted"]],
        "spec": ["replicas": 3, "ports": [["name": "http", "port": 80], ["name": "grpc", "port": 90]]],
        "status": [
            "conditions": [["type": "Ready", "status": "True"], ["type": "Stale", "status": "False"]]
        ],
    ]

    @Test(
        "a path names the values that kubectl's JSONPath names",
        arguments: [
            (".spec.replicas", [3]), ("{.spec.replicas}", [3]), ("$.spec.replicas", [3]),
            ("spec.replicas", [3]), (".metadata.labels['app.kubernetes.io/name']", ["x"]),
            (#".metadata.labels.a\.b"#, ["dotted"]),
            (#".status.conditions[?(@.type=="Ready")].status"#, ["True"]),
            (".status.conditions[?(@.type == 'Stale')].status", ["False"]),
            (#".status.conditions[?(@.type!="Ready")].type"#, ["Stale"]),
            (".spec.ports[0].port", [80]), (".spec.ports[-1].port", [90]),
            (".spec.ports[*].name", ["http", "grpc"]), (".spec.ports.*.port", [80, 90]),
            (".spec.ports[?(@.port>80)].name", ["grpc"]), (".spec.ports[?(@.port<=80)].name", ["http"]),
            (".spec.ports[?(@.name)].port", [80, 90]), (".spec.absent.deeper", []), (".spec.ports[7]", []),
        ] as [(String, [JSONValue])]
    )
    func values(_ path: String, _ expected: [JSONValue]) throws {
        #expect(try JSONPath(path).values(in: object) == expected)
    }

    @Test(
        "text that is no path is refused",
        arguments: [".spec[", ".spec[x]", ".a[?(b)]", ".a[?(@.b==)]", ".a]", "..a", ".a['b", ".a.", "{.a}}"]
    )
    func refuses(_ path: String) {
        #expect(throws: JSONPath.Invalid.self) { try JSONPath(path) }
    }

    @Test("a path of members only gives its keys")
    func keys() throws {
        #expect(try JSONPath(".spec.replicas").keys == ["spec", "replicas"])
        #expect(try JSONPath(".spec.ports[0]").keys == nil)
    }
}
