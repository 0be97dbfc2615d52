import JSON
import KubernetesModel

/// Custom resources as rows, with the columns that their definition asks for (apiextensions/v1 CustomResourceColumnDefinition).
enum CustomResourceLayout {
    private struct Column: Sendable {
        var column: TableColumn
        /// Nil when the path is malformed: its cells are empty.
        var path: JSONPath?
    }

    static func layout(_ crd: KubernetesObject, version: String) -> TableLayout {
        let versions = crd.spec["versions"]?.arrayValue ?? []
        let asked = versions.first { $0["name"]?.stringValue == version }?["additionalPrinterColumns"]?
            .arrayValue
        let columns = asked?.map(column) ?? [age]
        return TableLayout([.objectName] + columns.map(\.column)) { object, now in
            [object.nameCell] + columns.map { cell($0, object, now) }
        }
    }

    private static let age = Column(
        column: TableColumn("Age", "The time since the object was created.", type: "date"),
        path: try? JSONPath(".metadata.creationTimestamp")
    )

    private static func column(_ definition: JSONValue) -> Column {
        let description = definition["description"]?.stringValue ?? ""
        let path = definition["jsonPath"]?.stringValue ?? ""
        return Column(
            column: TableColumn(
                definition["name"]?.stringValue ?? "",
                description.isEmpty
                    ? "Custom resource definition column (in JSONPath format): \(path)" : description,
                type: definition["type"]?.stringValue ?? "string",
                format: definition["format"]?.stringValue ?? "",
                priority: definition["priority"]?.integerValue ?? 0
            ),
            path: try? JSONPath(path)
        )
    }

    private static func cell(_ column: Column, _ object: KubernetesObject, _ now: Timestamp) -> JSONValue {
        guard let value = column.path?.values(in: object.json).first, !value.isNull else { return .null }
        switch column.column.type {
        case "integer":
            return value.integerValue.map(JSONValue.integer)
                ?? value.doubleValue.flatMap { Int64(exactly: $0.rounded(.towardZero)) }.map(
                    JSONValue.integer
                )
                ?? .null
        case "number": return value.doubleValue.map(JSONValue.number) ?? .null
        case "boolean": return value.boolValue.map(JSONValue.bool) ?? .null
        case "date":
            guard let text = value.stringValue else { return .null }
            guard let time = Timestamp(rfc3339: text) else { return "<invalid>" }
            return .string(HumanDuration.text(from: time, to: now))
        default: return .string(value.stringValue ?? value.description)
        }
    }
}
