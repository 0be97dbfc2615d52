import HTTPServer
import JSON
import KubernetesModel
import KubernetesSchema
import Synchronization

/// Answers `/openapi/v3` and what is below it. Documents are made anew when custom resource definitions change.
final class OpenAPIHandler: Sendable {
    private let api: ClusterAPI
    private let made = Mutex<(revision: UInt64, documents: [String: KubernetesSchema.OpenAPIDocument])?>(nil)

    init(api: ClusterAPI) {
        self.api = api
    }

    func index() -> Response {
        Response(json: KubernetesSchema.OpenAPIDocument.index(Array(documents().values)))
    }

    func document(_ path: String) throws(APIStatus) -> Response {
        guard let document = documents()[path] else { throw APIStatus.noSuchPath }
        var response = Response(contentType: .json, body: .bytes(document.body))
        response.entityTag = "\"\(document.hash)\""
        return response
    }

    private func documents() -> [String: KubernetesSchema.OpenAPIDocument] {
        let state = api.state
        let revision = state.revision(of: .customResourceDefinitions)
        if let made = made.withLock(\.self), made.revision == revision { return made.documents }
        let groups = Dictionary(grouping: api.catalog.definitions, by: \.groupVersion)
        var documents: [String: KubernetesSchema.OpenAPIDocument] = [:]
        for (groupVersion, definitions) in groups {
            let document = KubernetesSchema.OpenAPIDocument(
                groupVersion,
                definitions.compactMap { Self.resource($0, state) }
            )
            documents[document.path] = document
        }
        let result = documents
        made.withLock { $0 = (revision, result) }
        return result
    }

    private static func resource(_ definition: ResourceDefinition, _ state: ClusterState) -> OpenAPIResource?
    {
        guard let schema = ObjectSchemas.schema(of: definition, state) else { return nil }
        return OpenAPIResource(
            plural: definition.plural,
            schema: schema,
            isNamespaced: definition.isNamespaced,
            actions: actions(definition.verbs.names),
            subresources: definition.subresources.map { name in
                let form = Subresources.form(name, of: definition)
                return .init(name: name, type: form.kind, actions: actions(form.verbs))
            }
        )
    }

    private static func actions(_ verbs: [String]) -> OpenAPIResource.Actions {
        var actions: OpenAPIResource.Actions = []
        if verbs.contains("create") { actions.insert(.create) }
        if verbs.contains("get") { actions.insert(.read) }
        if verbs.contains("update") { actions.insert(.update) }
        if verbs.contains("delete") { actions.insert(.delete) }
        return actions
    }
}
