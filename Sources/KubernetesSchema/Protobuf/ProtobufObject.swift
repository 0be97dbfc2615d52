public import JSON
public import KubernetesModel

/// Objects in `application/vnd.kubernetes.protobuf`, in which current Go clients send the built-in kinds.
///
/// The body begins with `k8s` and a zero byte; an `Unknown` message with the type and the object's own message follows
/// (k8s.io/apimachinery, runtime/serializer/protobuf).
public enum ProtobufObject {
    /// The media type.
    public static let mediaType = "application/vnd.kubernetes.protobuf"

    private static let prefix: [UInt8] = [0x6B, 0x38, 0x73, 0x00]
    private static let deepest = 64

    /// The object in a body, as JSON has it.
    ///
    /// - Throws: 400 for what is malformed, 415 for a kind that is not built in.
    public static func json(_ body: [UInt8]) throws(APIStatus) -> JSONValue {
        guard body.starts(with: prefix) else {
            throw APIStatus.badRequest(
                "the body is no Kubernetes protobuf: it does not begin with k8s and a zero byte"
            )
        }
        let unsupported: GroupVersionKind
        do throws(ProtobufReader.Malformed) {
            let (kind, raw) = try unknown(body.dropFirst(prefix.count))
            var members = JSONMembers()
            members["kind"] = .string(kind.kind)
            members["apiVersion"] = .string(kind.apiVersion)
            if let type = ProtobufTypes.shared.type(of: kind) {
                try read(type, raw, into: &members, depth: 0)
                return .object(members)
            }
            unsupported = kind
        } catch {
            throw APIStatus.badRequest("the body is malformed protobuf")
        }
        throw APIStatus.unsupportedMediaType("\(mediaType) of \(unsupported)", accepted: ["application/json"])
    }

    /// The type of the object in an `Unknown` message, and its own message.
    private static func unknown(
        _ bytes: ArraySlice<UInt8>
    ) throws(ProtobufReader.Malformed) -> (GroupVersionKind, ArraySlice<UInt8>) {
        var reader = ProtobufReader(bytes)
        var apiVersion = ""
        var kind = ""
        var raw: ArraySlice<UInt8> = []
        while let (number, payload) = try reader.next() {
            guard case .bytes(let bytes) = payload else { continue }
            switch number {
            case 1:
                var type = ProtobufReader(bytes)
                while let (number, payload) = try type.next() {
                    guard case .bytes(let text) = payload else { continue }
                    if number == 1 { apiVersion = String(decoding: text, as: UTF8.self) }
                    if number == 2 { kind = String(decoding: text, as: UTF8.self) }
                }
            case 2: raw = bytes
            default: break
            }
        }
        guard let version = GroupVersion(apiVersion: apiVersion) else { throw ProtobufReader.Malformed() }
        return (GroupVersionKind(group: version.group, version: version.version, kind: kind), raw)
    }

    /// Reads a message of that type into the members of an object. Fields that are not known are passed over.
    private static func read(
        _ type: String,
        _ bytes: ArraySlice<UInt8>,
        into members: inout JSONMembers,
        depth: Int
    ) throws(ProtobufReader.Malformed) {
        guard depth < deepest, let fields = ProtobufTypes.shared.fields(of: type) else {
            throw ProtobufReader.Malformed()
        }
        var reader = ProtobufReader(bytes)
        while let (number, payload) = try reader.next() {
            guard let field = fields[number] else { continue }
            if field.name.isEmpty, case .message(let inner) = field.kind, case .bytes(let bytes) = payload {
                try read(inner, bytes, into: &members, depth: depth + 1)
                continue
            }
            switch field.kind {
            case .list(let element):
                var elements = members[field.name]?.arrayValue ?? []
                members[field.name] = .null
                elements.append(try value(element, payload, depth: depth) ?? .null)
                members[field.name] = .array(elements)
            case .map(let element):
                guard case .bytes(let entry) = payload else { throw ProtobufReader.Malformed() }
                let (key, value) = try self.entry(element, entry, depth: depth)
                var map = members[field.name]?.objectValue ?? JSONMembers()
                members[field.name] = .null
                map[key] = value
                members[field.name] = .object(map)
            default:
                guard let value = try value(field.kind, payload, depth: depth) else { continue }
                if field.omitsZero, [.string(""), .bool(false), .integer(0), .number(0)].contains(value) {
                    continue
                }
                members[field.name] = value
            }
        }
    }

    private static func entry(
        _ kind: ProtobufTypes.Kind,
        _ bytes: ArraySlice<UInt8>,
        depth: Int
    ) throws(ProtobufReader.Malformed) -> (String, JSONValue) {
        var reader = ProtobufReader(bytes)
        var key = ""
        var found: JSONValue = .null
        while let (number, payload) = try reader.next() {
            if number == 1, case .bytes(let text) = payload { key = String(decoding: text, as: UTF8.self) }
            if number == 2 { found = try value(kind, payload, depth: depth) ?? .null }
        }
        // A list in a map is a message with the list as its only field.
        if case .message = kind, let items = found["items"], found.objectValue?.count == 1 { found = items }
        return (key, found)
    }

    /// The value of a field; nil for a time that is not set.
    private static func value(
        _ kind: ProtobufTypes.Kind,
        _ payload: ProtobufReader.Payload,
        depth: Int
    ) throws(ProtobufReader.Malformed) -> JSONValue? {
        switch (kind, payload) {
        case (.text, .bytes(let bytes)): return .string(String(decoding: bytes, as: UTF8.self))
        case (.boolean, .integer(let number)): return .bool(number != 0)
        case (.integer, .integer(let number)): return .integer(Int64(bitPattern: number))
        case (.double, .fixed64(let bits)): return .number(Double(bitPattern: bits))
        case (.bytes, .bytes(let bytes)): return .string(Base64.text(of: bytes))
        case (.message(let type), .bytes(let bytes)):
            var members = JSONMembers()
            try read(type, bytes, into: &members, depth: depth + 1)
            return .object(members)
        case (.time, .bytes(let bytes)):
            return try time(bytes).map { .string($0.kubernetesTime) }
        case (.microTime, .bytes(let bytes)):
            return try time(bytes).map { .string($0.kubernetesMicroTime) }
        case (.quantity, .bytes(let bytes)):
            return try first(1, bytes).map { .string(String(decoding: $0, as: UTF8.self)) } ?? "0"
        case (.raw, .bytes(let bytes)), (.fields, .bytes(let bytes)):
            guard let text = try first(1, bytes), let value = try? JSONValue(parsing: text) else {
                return .null
            }
            return value
        case (.intOrString, .bytes(let bytes)): return try intOrString(bytes)
        case (.duration, .bytes(let bytes)):
            var reader = ProtobufReader(bytes)
            guard let (_, payload) = try reader.next(), case .integer(let nanoseconds) = payload else {
                return "0s"
            }
            return .string("\(Double(Int64(bitPattern: nanoseconds)) / 1_000_000_000)s")
        default: throw ProtobufReader.Malformed()
        }
    }

    private static func first(
        _ wanted: Int,
        _ bytes: ArraySlice<UInt8>
    ) throws(ProtobufReader.Malformed) -> ArraySlice<UInt8>? {
        var reader = ProtobufReader(bytes)
        while let (number, payload) = try reader.next() {
            if number == wanted, case .bytes(let bytes) = payload { return bytes }
        }
        return nil
    }

    private static func time(_ bytes: ArraySlice<UInt8>) throws(ProtobufReader.Malformed) -> Timestamp? {
        var reader = ProtobufReader(bytes)
        var seconds: Int64 = 0
        var nanoseconds: Int64 = 0
        while let (number, payload) = try reader.next() {
            guard case .integer(let value) = payload else { continue }
            if number == 1 { seconds = Int64(bitPattern: value) }
            if number == 2 { nanoseconds = Int64(bitPattern: value) }
        }
        // The zero time of Go, which stands for none, is sent as an empty message.
        return bytes.isEmpty ? nil : Timestamp(secondsSinceEpoch: seconds, nanoseconds: nanoseconds)
    }

    private static func intOrString(_ bytes: ArraySlice<UInt8>) throws(ProtobufReader.Malformed) -> JSONValue
    {
        var reader = ProtobufReader(bytes)
        var isText = false
        var number: Int64 = 0
        var text = ""
        while let (field, payload) = try reader.next() {
            switch (field, payload) {
            case (1, .integer(let type)): isText = type == 1
            case (2, .integer(let value)): number = Int64(bitPattern: value)
            case (3, .bytes(let bytes)): text = String(decoding: bytes, as: UTF8.self)
            default: break
            }
        }
        return isText ? .string(text) : .integer(number)
    }
}
