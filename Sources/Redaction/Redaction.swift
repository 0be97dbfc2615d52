internal import JSON

/// Text that others wrote, made fit to be shown, logged and kept: what helm or an exec plugin printed, or what another server says of
/// a request that it refused.
///
/// Secrets that are known are hidden wherever they stand, also in base64 and percent-encoded. Of those that are not known it hides
/// what is written as secrets are: passwords of URLs, values of names such as `token=` and `"password":`, what follows `Bearer` and
/// `Basic`, signed tokens (RFC 7519), tokens by the beginnings that their makers give them, and private keys in PEM. What is hidden
/// becomes `(hidden)`; all else stays as it is.
public struct Redaction: Sendable {
    /// What stands in place of a secret.
    public static let mark = "(hidden)"

    /// The forms of the known secrets, the longest first.
    private let secrets: [[UInt8]]

    /// Hides what is written as secrets are, and these, whatever they are written like. Those of fewer than four bytes would be
    /// found in anything, and are left out.
    public init(hiding secrets: [String] = []) {
        var forms: Set<[UInt8]> = []
        for secret in secrets where secret.utf8.count >= 4 {
            let bytes = Array(secret.utf8)
            forms.insert(bytes)
            forms.insert(PercentForm.upper(bytes))
            forms.insert(PercentForm.lower(bytes))
            forms.insert(Array(Base64.text(of: bytes).utf8))
            forms.insert(Array(Base64.urlText(of: bytes).utf8))
        }
        self.secrets = forms.sorted { $0.count > $1.count }
    }

    /// The text without the secrets.
    public func shown(_ text: String) -> String {
        var scan = SecretScan(withoutKnown(Array(text.utf8)))
        return String(decoding: scan.run(), as: UTF8.self)
    }

    /// Whether a field, parameter or variable of that name has a secret for its value, as `access_token`, `client-secret` and
    /// `AWS_SECRET_ACCESS_KEY` have.
    public static func isSecretName(_ name: some BidirectionalCollection<UInt8>) -> Bool {
        SecretScan.isSecretName(name)
    }

    func withoutKnown(_ text: [UInt8]) -> [UInt8] {
        guard !secrets.isEmpty else { return text }
        var result: [UInt8] = []
        var rest = text[...]
        while let first = rest.first {
            if let secret = secrets.first(where: { $0.first == first && rest.starts(with: $0) }) {
                result += Self.mark.utf8
                rest = rest.dropFirst(secret.count)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}

/// Percent-encoding (RFC 3986 §2.1) of all but unreserved characters.
private enum PercentForm {
    static func upper(_ bytes: [UInt8]) -> [UInt8] { encoded(bytes, Array("0123456789ABCDEF".utf8)) }
    static func lower(_ bytes: [UInt8]) -> [UInt8] { encoded(bytes, Array("0123456789abcdef".utf8)) }

    private static func encoded(_ bytes: [UInt8], _ digits: [UInt8]) -> [UInt8] {
        bytes.flatMap { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: [byte]
            default: [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
    }
}
