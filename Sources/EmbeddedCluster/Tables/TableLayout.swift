import JSON
import KubernetesModel

/// One column of a table that the API sends to `kubectl get` (meta/v1 TableColumnDefinition).
struct TableColumn: Sendable, Hashable {
    /// The heading; `kubectl` shows it in capitals.
    var name: String
    /// The type of its cells in OpenAPI's words.
    var type = "string"
    /// A particular of the type; `name` marks the column with the object's name.
    var format = ""
    /// What the column tells.
    var description: String
    /// 0 for a column that is always shown, 1 for one that only `-o wide` shows.
    var priority: Int64 = 0

    init(
        _ name: String,
        _ description: String,
        type: String = "string",
        format: String = "",
        priority: Int64 = 0
    ) {
        self.name = name
        self.type = type
        self.format = format
        self.description = description
        self.priority = priority
    }

    /// A column that only `-o wide` shows.
    static func wide(_ name: String, _ description: String, type: String = "string") -> TableColumn {
        TableColumn(name, description, type: type, priority: 1)
    }

    static let objectName = TableColumn("Name", "The name, unique in its namespace.", format: "name")
    static let age = TableColumn("Age", "The time since the object was created.")
    static let createdAt = TableColumn("Created At", "When the object was created.", type: "date")

    var json: JSONValue {
        [
            "name": .string(name), "type": .string(type), "format": .string(format),
            "description": .string(description), "priority": .integer(priority),
        ]
    }
}

/// How the objects of one type are shown as rows.
struct TableLayout: Sendable {
    /// The columns.
    let columns: [TableColumn]
    /// One cell for each column.
    let cells: @Sendable (_ object: KubernetesObject, _ now: Timestamp) -> [JSONValue]
    /// Conditions of the row, such as that a pod has ended.
    var conditions: @Sendable (_ object: KubernetesObject) -> [JSONValue] = { _ in [] }

    init(
        _ columns: [TableColumn],
        _ cells: @escaping @Sendable (_ object: KubernetesObject, _ now: Timestamp) -> [JSONValue]
    ) {
        self.columns = columns
        self.cells = cells
    }

    /// What the API server shows of types that it has no layout for.
    static let plain = TableLayout([.objectName, .createdAt]) { object, _ in
        [object.nameCell, object.createdAtCell]
    }
}

/// Cells that many layouts have.
extension KubernetesObject {
    var nameCell: JSONValue { .string(name) }

    /// How long ago the object was created.
    func ageCell(_ now: Timestamp) -> JSONValue {
        .string(HumanDuration.text(since: json["metadata"]?["creationTimestamp"], now: now))
    }

    /// When the object was created; `<unknown>` when that is absent.
    var createdAtCell: JSONValue {
        .string(creationTimestamp.map(\.kubernetesTime) ?? "<unknown>")
    }

    /// The names and the images of the containers in a pod's specification.
    static func containerCells(_ podSpec: JSONValue?) -> [JSONValue] {
        let containers = podSpec?["containers"]?.arrayValue ?? []
        return ["name", "image"].map { key in
            .string(containers.map { $0[key]?.stringValue ?? "" }.joined(separator: ","))
        }
    }

    /// A LabelSelector as one text; `<none>` when it is empty.
    static func selectorCell(_ selector: JSONValue?) -> JSONValue {
        guard let selector else { return "<none>" }
        do throws(LabelSelector.Invalid) {
            let requirements = try LabelSelector(object: selector).requirements
            let text = requirements.map { LabelSelector([$0]).description }.sorted().joined(separator: ",")
            return .string(text.isEmpty ? "<none>" : text)
        } catch {
            return "<error>"
        }
    }

    /// A map of labels as `a=b,c=d`; `<none>` when it is empty.
    static func labelsCell(_ labels: JSONValue?) -> JSONValue {
        let pairs = (labels?.objectValue ?? JSONMembers()).sorted { $0.key < $1.key }
        guard !pairs.isEmpty else { return "<none>" }
        return .string(pairs.map { "\($0.key)=\($0.value.stringValue ?? "")" }.joined(separator: ","))
    }
}

extension JSONValue {
    /// A string, or the replacement when this is absent or empty.
    static func cell(_ value: JSONValue?, or replacement: String = "<none>") -> JSONValue {
        guard let text = value?.stringValue, !text.isEmpty else { return .string(replacement) }
        return .string(text)
    }

    /// An integer, 0 when this is absent.
    static func count(_ value: JSONValue?) -> JSONValue { .integer(value?.integerValue ?? 0) }
}
