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
        let objects = try YAMLNode.documents(in: answer.body).map(\.json).filter { !$0.isNull }
        guard objects.contains(where: { KubernetesObject($0).name == definition.name }),
            objects.allSatisfy({ $0["kind"]?.stringValue == "CustomResourceDefinition" })
        else { throw Failure(description: "\(definition.url) is not the definition \(definition.name)") }
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
