public import JSON

extension Timestamp {
    /// As Kubernetes writes `Time`: RFC 3339 in UTC to the second, `2026-11-21T04:50:44Z` (meta/v1 Time).
    public var kubernetesTime: String {
        var bytes: [UInt8] = []
        appendRFC3339(to: &bytes)
        return String(decoding: bytes.prefix(19), as: UTF8.self) + "Z"
    }

    /// As Kubernetes writes `MicroTime`: with six fraction digits, `2026-11-21T04:50:44.123456Z` (meta/v1 MicroTime).
    public var kubernetesMicroTime: String {
        let micros = String(Int(nanoseconds) / 1000)
        let padding = String(repeating: "0", count: 6 - micros.utf8.count)
        return String(kubernetesTime.dropLast()) + "." + padding + micros + "Z"
    }
}
