import JSON
import KubernetesModel

/// Who owns which fields of an object: `metadata.managedFields`, decoded.
struct ManagedFieldsEntries: Equatable {
    struct Entry: Equatable {
        var fields: FieldSet
        /// In which version the fields were written last.
        var apiVersion: String
        /// When the fields of the owner changed last, as text.
        var time: String?
    }

    var entries: [FieldOwner: Entry] = [:]

    init() {}

    /// Reads the entries; nil when there is something that is none.
    init?(_ json: [JSONValue]) {
        for entry in json {
            guard
                let operation = entry["operation"]?.stringValue.flatMap(FieldOwner.Operation.init(rawValue:)),
                entry["fieldsType"]?.stringValue == "FieldsV1",
                let fields = try? FieldSet(fieldsV1: entry["fieldsV1"] ?? [:])
            else { return nil }
            let apiVersion = entry["apiVersion"]?.stringValue ?? ""
            let owner = FieldOwner(
                manager: entry["manager"]?.stringValue ?? "",
                operation: operation,
                apiVersion: apiVersion,
                subresource: entry["subresource"]?.stringValue ?? ""
            )
            entries[owner] = Entry(fields: fields, apiVersion: apiVersion, time: entry["time"]?.stringValue)
        }
    }

    /// In upstream's order: appliers first, then by time, manager, version and subresource.
    var json: JSONValue {
        let sorted = entries.sorted { left, right in
            let (one, other) = (left.key, right.key)
            if one.operation != other.operation { return one.operation < other.operation }
            if left.value.time != right.value.time { return left.value.time ?? "" < right.value.time ?? "" }
            if one.manager != other.manager { return one.manager < other.manager }
            if left.value.apiVersion != right.value.apiVersion {
                return left.value.apiVersion < right.value.apiVersion
            }
            return one.subresource < other.subresource
        }
        return .array(
            sorted.map { owner, entry in
                var members = JSONMembers()
                members["manager"] = .string(owner.manager)
                members["operation"] = .string(owner.operation.rawValue)
                members["apiVersion"] = .string(entry.apiVersion)
                members["time"] = entry.time.map(JSONValue.string)
                members["fieldsType"] = "FieldsV1"
                members["fieldsV1"] = entry.fields.fieldsV1
                if !owner.subresource.isEmpty { members["subresource"] = .string(owner.subresource) }
                return .object(members)
            }
        )
    }

    mutating func remove(_ fields: FieldSet, from owner: FieldOwner) {
        guard var entry = entries[owner] else { return }
        entry.fields = entry.fields.subtracting(fields)
        entries[owner] = entry.fields.isEmpty ? nil : entry
    }

    /// How many owners by update are kept apart, as upstream.
    private static let mostUpdaters = 10
    private static let ancient = "ancient-changes"

    /// Puts the oldest owners by update together when there are too many of them.
    mutating func cap() {
        let updaters = entries.filter { $0.key.operation == .update }
        guard updaters.count > Self.mostUpdaters else { return }
        let named = updaters.filter { $0.key.manager != Self.ancient }.sorted {
            ($0.value.time ?? "", $0.key.manager) < ($1.value.time ?? "", $1.key.manager)
        }
        for (owner, entry) in named {
            let joint = FieldOwner(manager: Self.ancient, operation: .update, apiVersion: entry.apiVersion)
            let present = entries[joint]
            entries[owner] = nil
            entries[joint] = Entry(
                fields: entry.fields.union(present?.fields ?? FieldSet()),
                apiVersion: entry.apiVersion,
                time: max(entry.time ?? "", present?.time ?? "")
            )
            if entries.count(where: { $0.key.operation == .update }) <= Self.mostUpdaters { break }
        }
    }
}
