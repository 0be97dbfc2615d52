import HTTPServer
import HTTPTypes
import JSON
import KubernetesModel
import YAML

/// Reads the bodies of requests.
enum RequestBody {
    /// The media type of a request without its parameters, in lower case; empty when it names none.
    static func mediaType(of request: Request) -> String {
        let field = request[.contentType] ?? ""
        return field.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
    }

    /// The object in the body, as JSON or YAML.
    static func object(_ request: Request) throws(APIStatus) -> KubernetesObject {
        let type = mediaType(of: request)
        guard ["", "application/json", "application/yaml", "*/*"].contains(type) else {
            throw APIStatus.unsupportedMediaType(type, accepted: ["application/json", "application/yaml"])
        }
        let value = try self.value(request.body, isYAML: type == "application/yaml")
        guard value.objectValue != nil else {
            throw APIStatus.badRequest(
                request.body.isEmpty
                    ? "the request has no body; send the object"
                    : "the body must be an object, not \(value.kindDescription)"
            )
        }
        return KubernetesObject(value)
    }

    /// Any JSON, or YAML where the type says so.
    static func value(_ bytes: [UInt8], isYAML: Bool) throws(APIStatus) -> JSONValue {
        if bytes.isEmpty { return .null }
        if isYAML, bytes.first != 0x7B {
            do throws(YAMLError) {
                return try YAMLNode(parsing: bytes).json
            } catch {
                throw APIStatus.badRequest("error decoding YAML: \(error)")
            }
        }
        do throws(JSONParseError) {
            return try JSONValue(parsing: bytes)
        } catch {
            throw APIStatus.badRequest("couldn't parse the body as JSON: \(error)")
        }
    }

    /// DeleteOptions from the body and the query, the query first.
    static func deleteOptions(_ request: Request) throws(APIStatus) -> (
        options: DeleteOptions, isDryRun: Bool
    ) {
        let body = try value(request.body, isYAML: mediaType(of: request) == "application/yaml")
        let query = RequestOptions(query: request.query)
        var options = DeleteOptions()
        let propagation = request.query["propagationPolicy"] ?? body["propagationPolicy"]?.stringValue
        if let propagation {
            guard let policy = DeleteOptions.Propagation(rawValue: propagation) else {
                throw APIStatus.badRequest(
                    "propagationPolicy: Unsupported value: \"\(propagation)\": supported values: "
                        + "\"Foreground\", \"Background\", \"Orphan\""
                )
            }
            options.propagation = policy
        } else if let orphans = body["orphanDependents"]?.boolValue {
            options.propagation = orphans ? .orphan : .background
        }
        options.gracePeriodSeconds =
            try query.integer("gracePeriodSeconds") ?? body["gracePeriodSeconds"]?.integerValue
        options.uid = body["preconditions"]?["uid"]?.stringValue
        options.resourceVersion = body["preconditions"]?["resourceVersion"]?.stringValue
        let isDryRun = body["dryRun"]?.arrayValue?.contains("All") == true
        return (options, try query.isDryRun() || isDryRun)
    }
}
