internal import COpenSSL

/// OpenSSL could not make or read something.
public struct CertificateFailure: Error, Sendable, CustomStringConvertible {
    /// What was being done, and OpenSSL's reason.
    public let description: String

    init(_ action: String) {
        let code = ERR_get_error()
        ERR_clear_error()
        let reason = code == 0 ? nil : ERR_reason_error_string(code).map { String(cString: $0) }
        description = reason.map { "\(action): \($0)" } ?? action
    }
}
