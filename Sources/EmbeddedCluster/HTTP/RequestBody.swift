import HTTPServer
import HTTPTypes
import JSON
import KubernetesModel
import KubernetesSchema
import YAML

/// Reads the bodies of requests.
enum RequestBody {
    /// The media type of a request without its parameters, in lower case; empty when it names none.
    static func mediaType(of request: Request) -> String {
        let field = request[.contentType] ?? ""
        return field.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
    }

    /// The object in the body, as JSON, YAML or protobuf.
    static func object(_ request: Request) throws(APIStatus) -> KubernetesObject {
        try objectAndDuplicates(request).object
    }

    /// The object in the body, and the paths of the fields that the body has more than once.
    static func objectAndDuplicates(
        _ request: Request
    ) throws(APIStatus) -> (object: KubernetesObject, duplicates: [String]) {
        let type = mediaType(of: request)
        guard ["", "application/json", "application/yaml", "*/*", ProtobufObject.mediaType].contains(type)
        else {
            throw APIStatus.unsupportedMediaType(
                type,
                accepted: ["application/json", "application/yaml", ProtobufObject.mediaType]
            )
        }
        let (value, duplicates) = try valueAndDuplicates(request.body, of: type)
        guard value.objectValue != nil else {
            throw APIStatus.badRequest(
                request.body.isEmpty
                    ? "the request has no body; send the object"
                    : "the body must be an object, not \(value.kindDescription)"
            )
        }
        return (KubernetesObject(value), duplicates)
    }

    /// Any JSON, or what else the media type says.
    static func value(_ bytes: [UInt8], of type: String) throws(APIStatus) -> JSONValue {
        try valueAndDuplicates(bytes, of: type).value
    }

    /// Any JSON, or what else the media type says, and the paths of the fields that are there more than once.
    static func valueAndDuplicates(
        _ bytes: [UInt8],
        of type: String
    ) throws(APIStatus) -> (value: JSONValue, duplicates: [String]) {
        if bytes.isEmpty { return (.null, []) }
        if type == ProtobufObject.mediaType { return (try ProtobufObject.json(bytes), []) }
        if type.hasSuffix("yaml"), bytes.first != 0x7B {
            do throws(YAMLError) {
                return (try YAMLNode(parsing: bytes).json, [])
            } catch {
                throw APIStatus.badRequest("error decoding YAML: \(error)")
            }
        }
        do throws(JSONParseError) {
            let json = try RequestJSON(parsing: bytes)
            return (json.value, json.duplicates)
        } catch {
            throw APIStatus.badRequest("couldn't parse the body as JSON: \(error)")
        }
    }

    /// DeleteOptions from the body and the query, the query first.
    static func deleteOptions(_ request: Request) throws(APIStatus) -> (
        options: DeleteOptions, isDryRun: Bool
    ) {
        try deleteOptions(try value(request.body, of: mediaType(of: request)), request.query)
    }

    /// DeleteOptions from an object and the query, the query first.
    static func deleteOptions(
        _ body: JSONValue,
        _ parameters: QueryParameters
    ) throws(APIStatus) -> (options: DeleteOptions, isDryRun: Bool) {
        let query = RequestOptions(query: parameters)
        var options = DeleteOptions()
        let propagation = parameters["propagationPolicy"] ?? body["propagationPolicy"]?.stringValue
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
