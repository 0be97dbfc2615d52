import JSON
import KubernetesModel

/// Namespaces and what holds data in them as rows.
enum ConfigurationLayouts {
    private static func entries(_ value: JSONValue?) -> Int64 { Int64(value?.objectValue?.count ?? 0) }

    static let namespaces = TableLayout([
        .objectName, TableColumn("Status", "Whether the namespace is in use or ending."), .age,
    ]) { object, now in
        [object.nameCell, .cell(object.status["phase"], or: ""), object.ageCell(now)]
    }

    static let configMaps = TableLayout([
        .objectName, TableColumn("Data", "How many entries it has."), .age,
    ]) { object, now in
        [
            object.nameCell, .integer(entries(object.json["data"]) + entries(object.json["binaryData"])),
            object.ageCell(now),
        ]
    }

    static let secrets = TableLayout([
        .objectName,
        TableColumn("Type", "What it is used for."),
        TableColumn("Data", "How many entries it has."),
        .age,
    ]) { object, now in
        [
            object.nameCell, .cell(object.json["type"], or: ""), .integer(entries(object.json["data"])),
            object.ageCell(now),
        ]
    }

    static let serviceAccounts = TableLayout([
        .objectName, TableColumn("Secrets", "How many secrets its pods may use."), .age,
    ]) { object, now in
        [
            object.nameCell, .integer(Int64(object.json["secrets"]?.arrayValue?.count ?? 0)),
            object.ageCell(now),
        ]
    }

    static let leases = TableLayout([
        .objectName, TableColumn("Holder", "Who holds it."), .age,
    ]) { object, now in
        [object.nameCell, .cell(object.spec["holderIdentity"], or: ""), object.ageCell(now)]
    }
}
