/// A text that comes line by line, made fit to be shown. A private key of several lines is hidden in all of them.
public struct LineRedaction: Sendable {
    private let redaction: Redaction
    private var isInKey = false

    /// Hides what that hides.
    public init(_ redaction: Redaction = Redaction()) {
        self.redaction = redaction
    }

    /// The next line without secrets; nil where nothing of it may be shown.
    public mutating func shown(_ line: String) -> String? {
        let bytes = redaction.withoutKnown(Array(line.utf8))
        var scan = SecretScan(bytes)
        if isInKey {
            guard scan.skipRestOfPrivateKey() else { return nil }
            isInKey = false
            guard !scan.isAtEnd else { return nil }
        }
        let shown = String(decoding: scan.run(), as: UTF8.self)
        isInKey = scan.endsInKey
        return shown
    }
}
