import JSON
import KubernetesModel
import KubernetesSchema
import Synchronization

/// The schemas of the objects that the API serves: the built-in ones, and those that custom resource definitions carry.
enum ObjectSchemas {
    /// The schema of a collection's objects; nil when there is none.
    static func schema(of definition: ResourceDefinition, _ state: ClusterState) -> ObjectSchema? {
        guard definition.isCustom else { return SchemaCatalog.builtin[definition.objectType] }
        let key = ObjectKey(name: definition.groupResource.description)
        guard let crd = state.object(.customResourceDefinitions, key) else { return nil }
        let origin = "\(crd.uid)/\(crd.resourceVersion)"
        return custom.withLock { schemas in
            if let known = schemas[definition.objectType], known.origin == origin { return known.schema }
            let schema = CustomResourceSchema.schema(of: crd.json, version: definition.version)
            schemas[definition.objectType] = (origin, schema)
            return schema
        }
    }

    /// The schema's root, for strategic merge and apply.
    static func cursor(of definition: ResourceDefinition, _ state: ClusterState) -> SchemaCursor? {
        schema(of: definition, state)?.root
    }

    /// Schemas made from definitions, each with the definition and its resource version that it was made from.
    private static let custom = Mutex<[GroupVersionKind: (origin: String, schema: ObjectSchema?)]>([:])
}
