import HTTPClient
import HTTPTypes
import JSON
import Kubernetes
import KubernetesModel
import YAML

/// Makes and deletes custom resource definitions.
struct DefinitionInstaller: Sendable {
    /// It cannot be made.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let client: KubernetesClient
    let http: HTTPClient

    private static let definitions = GroupVersionResource(
        group: "apiextensions.k8s.io",
        version: "v1",
        resource: "customresourcedefinitions"
    )
    private static let longestManifest = 4 << 20

    /// Applies the definitions of a manifest.
    ///
    /// - Returns: their names.
    func apply(_ definition: Provider.Definition) async throws -> [String] {
        var request = HTTPClientRequest(url: definition.url)
        request.deadlines.total = .seconds(60)
        let answer = try await http.fetch(request, upTo: Self.longestManifest)
        guard answer.status == .ok else {
            throw Failure(description: "\(definition.url) answers \(answer.status.code)")
        }
        let objects = try Self.objects(in: answer.body)
        guard objects.contains(where: { KubernetesObject($0).name == definition.name }),
            objects.allSatisfy(Self.isDefinition)
        else { throw Failure(description: "\(definition.url) is not the definition \(definition.name)") }
        return try await apply(objects)
    }

    /// Applies the definitions that a chart has beside its other objects.
    ///
    /// - Parameter manifests: as `helm show crds` prints them.
    /// - Returns: their names.
    func apply(manifests: String) async throws -> [String] {
        let objects = try Self.objects(in: Array(manifests.utf8))
        guard !objects.isEmpty, objects.allSatisfy(Self.isDefinition) else {
            throw Failure(description: "the chart has something else than definitions in its folder for them")
        }
        return try await apply(objects)
    }

    private static func objects(in manifest: [UInt8]) throws -> [JSONValue] {
        try YAMLNode.documents(in: manifest).map(\.json).filter { !$0.isNull }
    }

    private static func isDefinition(_ object: JSONValue) -> Bool {
        object["kind"]?.stringValue == "CustomResourceDefinition"
    }

    private func apply(_ objects: [JSONValue]) async throws -> [String] {
        var names: [String] = []
        for object in objects {
            _ = try await client.apply(Self.definitions, object, manager: "ingot", force: true)
            names.append(KubernetesObject(object).name)
        }
        return names
    }

    /// Deletes a definition.
    ///
    /// - Returns: false when there is none.
    func delete(_ name: String) async throws -> Bool {
        do throws(KubernetesError) {
            try await client.delete(Self.definitions, name)
            return true
        } catch  where error.isNotFound {
            return false
        }
    }
}
