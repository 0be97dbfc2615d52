import JSON
import KubernetesModel
import KubernetesSchema

/// The decoder of objects in protobuf: it refuses, or makes JSON of an object that says what it is.
enum ProtobufTarget {
    private static let prefix: [UInt8] = [0x6B, 0x38, 0x73, 0x00]

    static func examine(_ input: [UInt8]) throws(FuzzFinding) {
        let object: JSONValue
        do throws(APIStatus) {
            object = try ProtobufObject.json(input.starts(with: prefix) ? input : prefix + input)
        } catch {
            try FuzzFinding.require(
                [400, 415].contains(error.code) && !error.message.isEmpty,
                "the refusal of \(input.printable): \(error)"
            )
            return
        }
        let written = object.encoded()
        let again = try? JSONValue(parsing: written)
        try FuzzFinding.requireEqual(object, again, "the object of \(input.printable) after it was written")
        try FuzzFinding.require(
            KubernetesObject(object).kind.isEmpty == false,
            "the object of \(input.printable) has no kind"
        )
    }
}
