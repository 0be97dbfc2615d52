import HTTPServer
import JSON
import KubernetesModel
import KubernetesSchema

/// The options of requests, which upstream calls GetOptions, ListOptions, CreateOptions and so on (meta/v1).
struct RequestOptions {
    let query: QueryParameters

    /// Reads a flag: absent, empty, `1` and `true` as upstream's conversion does.
    func flag(_ name: String) throws(APIStatus) -> Bool {
        switch query[name] {
        case nil, "false", "0": return false
        case "", "true", "1": return true
        case let text?:
            throw APIStatus.badRequest("\(name): \"\(text)\" is not a boolean; write true or false")
        }
    }

    func integer(_ name: String) throws(APIStatus) -> Int64? {
        guard let text = query[name], !text.isEmpty else { return nil }
        guard let value = Int64(text) else {
            throw APIStatus.badRequest("\(name): \"\(text)\" is not an integer")
        }
        return value
    }

    func labelSelector() throws(APIStatus) -> LabelSelector {
        do throws(LabelSelector.Invalid) {
            return try LabelSelector(query["labelSelector"] ?? "")
        } catch {
            throw APIStatus.badRequest(error.description)
        }
    }

    func fieldSelector() throws(APIStatus) -> FieldSelector {
        do throws(FieldSelector.Invalid) {
            return try FieldSelector(query["fieldSelector"] ?? "")
        } catch {
            throw APIStatus.badRequest(error.description)
        }
    }

    /// Whether the request is only to be tried.
    func isDryRun() throws(APIStatus) -> Bool {
        switch query["dryRun"] {
        case nil, "": return false
        case "All": return true
        case let text?:
            throw APIStatus.badRequest("dryRun: Unsupported value: \"\(text)\": supported values: \"All\"")
        }
    }

    func fieldValidation() throws(APIStatus) -> FieldValidation {
        guard let text = query["fieldValidation"], !text.isEmpty else { return .warn }
        guard let validation = FieldValidation(rawValue: text) else {
            throw APIStatus.badRequest(
                "fieldValidation: Unsupported value: \"\(text)\": supported values: \"Ignore\", \"Warn\", \"Strict\""
            )
        }
        return validation
    }

    /// The manager of the fields that a write sets: `fieldManager`, else the program's name from `User-Agent`, as upstream.
    func manager(userAgent: String?) throws(APIStatus) -> String {
        if let manager = query["fieldManager"], !manager.isEmpty {
            guard manager.utf8.count <= 128 else {
                throw APIStatus.badRequest("fieldManager: may not be longer than 128 characters")
            }
            return manager
        }
        let agent = userAgent ?? "unknown"
        return String(agent.prefix { $0 != "/" }.prefix(128))
    }
}
