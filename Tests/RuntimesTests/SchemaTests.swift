import JSON
import KubernetesModel
import KubernetesSchema
import Testing
import YAML

@testable import Runtimes

/// Whether manifests are what their kinds allow: Kubernetes' own schemas, and for custom resources those of upstream, which lie in
/// the folder Schemas cut down to the fields that are used (Tests/Tools/cut-crd.py).
@Suite struct SchemaTests {
    private static let definitions = Result { try definitionsOfUpstream() }

    private static func definitionsOfUpstream() throws -> [JSONValue] {
        let folder = SourceFolder("Schemas")
        return try folder.names(endingIn: ".json").map { name in
            try JSONValue(parsing: folder.bytes(of: name) ?? [])
        }
    }

    private static func schema(of object: JSONValue) throws -> ObjectSchema {
        let type = try #require(KubernetesObject(object).type)
        if let schema = SchemaCatalog.builtin[type] { return schema }
        let definition = try #require(
            try definitions.get().first {
                $0["spec"]?["group"]?.stringValue == type.group
                    && $0["spec"]?["names"]?["kind"]?.stringValue == type.kind
            },
            "no schema of \(type)"
        )
        return try #require(CustomResourceSchema.schema(of: definition, version: type.version))
    }

    private static func faults(_ object: JSONValue) throws -> [String] {
        let schema = try schema(of: object)
        do throws(APIStatus) {
            _ = try schema.receive(object, validation: .strict)
        } catch {
            return [error.message]
        }
        return schema.validate(object).map { "\($0.field): \($0.message)" }
    }

    @Test(arguments: GoldenSpecification.all)
    func everyManifestIsWhatItsKindAllows(specification: GoldenSpecification) throws {
        let runtime = try #require(Runtimes.runtime(specification.runtime))
        for manifest in try runtime.render(specification.spec()) {
            #expect(try Self.faults(manifest.object) == [])
        }
    }

    @Test func theSchemasOfUpstreamAreStructural() throws {
        for definition in try Self.definitions.get() {
            #expect(CustomResourceSchema.causes(in: definition).isEmpty)
        }
    }

    @Test func aFieldThatAKindDoesNotHaveAndAValueOfTheWrongTypeAreFaults() throws {
        var object: JSONValue = [
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "x"],
            "spec": ["selector": [:], "template": [:], "replica": 1],
        ]
        #expect(try Self.faults(object).contains { $0.contains(#"unknown field "spec.replica""#) })
        object[at: "spec"] = ["selector": [:], "template": [:], "replicas": "1"]
        #expect(try !Self.faults(object).isEmpty)
    }
}
