import HTTPServer
import JSON

/// The OpenAPI document of version 2 (`/openapi/v2`): its head alone.
///
/// `kubectl` asks for it, in protobuf only, when it checks a file with a `List`, and then leaves to the server what the document
/// does not describe. The schemas are in the documents of version 3.
enum OpenAPIVersion2 {
    private static let title = "Kubernetes"
    private static let description = "The schemas are in the documents of version 3, below /openapi/v3."
    /// Clients ask for `…v2@v1.0+protobuf`, which is no media type by RFC 9110, section 8.3.1.
    private static let protobufType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"

    /// The document in the form that the client takes.
    static func response(accept: String) -> Response {
        guard accept.contains("application/com.github.proto-openapi.spec.v2") else {
            return Response(json: json)
        }
        return Response(contentType: ContentType(protobufType), body: .bytes(protobuf))
    }

    static var json: JSONValue {
        [
            "swagger": "2.0",
            "info": [
                "title": .string(title), "version": .string(ServerVersion.gitVersion),
                "description": .string(description),
            ],
            "paths": [:],
        ]
    }

    /// A `Document` of gnostic's openapiv2 package: `swagger` is field 1, `info` field 2, `paths` field 8.
    static var protobuf: [UInt8] {
        // In `Info`, `title` is field 1, `version` field 2, `description` field 3.
        let info =
            field(1, Array(title.utf8)) + field(2, Array(ServerVersion.gitVersion.utf8))
            + field(3, Array(description.utf8))
        return field(1, Array("2.0".utf8)) + field(2, info) + field(8, [])
    }

    /// A field of bytes: its number with wire type 2, the length as a varint, and the bytes.
    private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        var encoded = [number << 3 | 2]
        var length = bytes.count
        while length > 0x7F {
            encoded.append(UInt8(length & 0x7F) | 0x80)
            length >>= 7
        }
        encoded.append(UInt8(length))
        return encoded + bytes
    }
}
