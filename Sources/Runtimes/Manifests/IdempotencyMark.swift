internal import Crypto
internal import JSON
public import KubernetesModel

/// The mark that a request with an `Idempotency-Key` leaves on what it has made, so that the same request, sent again, is known.
public struct IdempotencyMark: Sendable, Hashable {
    /// The digest of the key.
    public let key: String
    /// The digest of what was wished for.
    public let content: String

    private static let annotation = "ingot.dev/idempotency"

    /// The mark of a request.
    ///
    /// - Parameters:
    ///   - key: the key that the client has chosen.
    ///   - body: the request's body.
    public init(key: String, body: [UInt8]) {
        self.key = Self.digest(Array(key.utf8))
        content = Self.digest(body)
    }

    /// The mark on an object; nil when it has none.
    public init?(of object: KubernetesObject) {
        guard let parts = object.annotation(Self.annotation)?.split(separator: " "), parts.count == 2 else {
            return nil
        }
        key = String(parts[0])
        content = String(parts[1])
    }

    /// Puts the mark on an object.
    public func mark(_ object: inout KubernetesObject) {
        object.setAnnotation(Self.annotation, "\(key) \(content)")
    }

    private static func digest(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
