import JSON
import KubernetesModel

/// Shows objects as the table that `kubectl get` asks for (meta/v1 Table).
enum TablePrinter {
    /// How much of each object comes along with its row, as the `includeObject` parameter says.
    enum IncludeObject: String, Sendable {
        /// Nothing.
        case none = "None"
        /// A PartialObjectMetadata.
        case metadata = "Metadata"
        /// The whole object.
        case object = "Object"
    }

    /// A table of those objects.
    ///
    /// - Parameters:
    ///   - definition: The collection that the objects are of.
    ///   - crd: The custom resource definition that made the collection, if one did.
    ///   - listMetadata: The metadata of the list; nil for a single object, whose resource version the table takes over.
    ///   - withColumns: Whether the columns are described: in a watch only the first table does that.
    ///   - version: The version of meta.k8s.io that the client asked for.
    static func table(
        _ definition: ResourceDefinition,
        crd: KubernetesObject?,
        objects: [KubernetesObject],
        listMetadata: JSONValue?,
        includeObject: IncludeObject,
        now: Timestamp,
        withColumns: Bool = true,
        version: String = "v1"
    ) -> JSONValue {
        let layout = layout(of: definition, crd)
        return [
            "kind": "Table", "apiVersion": .string("meta.k8s.io/\(version)"),
            "metadata": listMetadata ?? metadata(of: objects),
            "columnDefinitions": .array(withColumns ? layout.columns.map(\.json) : []),
            "rows": .array(
                objects.map { object in
                    var row: JSONValue = ["cells": .array(layout.cells(object, now))]
                    let conditions = layout.conditions(object)
                    if !conditions.isEmpty { row["conditions"] = .array(conditions) }
                    row["object"] = included(object, includeObject, version)
                    return row
                }
            ),
        ]
    }

    private static func layout(of definition: ResourceDefinition, _ crd: KubernetesObject?) -> TableLayout {
        if let crd, definition.isCustom {
            return CustomResourceLayout.layout(crd, version: definition.version)
        }
        return TableLayouts[definition.groupResource]
    }

    private static func metadata(of objects: [KubernetesObject]) -> JSONValue {
        guard objects.count == 1, let object = objects.first else { return [:] }
        return ["resourceVersion": .string(object.resourceVersion)]
    }

    private static func included(
        _ object: KubernetesObject,
        _ includeObject: IncludeObject,
        _ version: String
    ) -> JSONValue {
        switch includeObject {
        case .none: .null
        case .object: object.json
        case .metadata:
            [
                "kind": "PartialObjectMetadata", "apiVersion": .string("meta.k8s.io/\(version)"),
                "metadata": object.json["metadata"] ?? [:],
            ]
        }
    }
}
