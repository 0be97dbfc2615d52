internal import COpenSSL

/// Who a client is by its certificate, which an authority that the server trusts has signed (RFC 5280 §4.1.2.6).
public struct TLSPeer: Sendable, Hashable {
    /// The subject's common name (CN); nil when it has none. To Kubernetes it is the user.
    public let commonName: String?
    /// The subject's organizations (O). To Kubernetes they are the user's groups.
    public let organizations: [String]

    /// A client with these names.
    public init(commonName: String?, organizations: [String]) {
        self.commonName = commonName
        self.organizations = organizations
    }

    /// The client of a session; nil when it showed no certificate that was verified.
    init?(session: OpaquePointer) {
        guard let certificate = SSL_get0_peer_certificate(session),
            SSL_get_verify_result(session) == Int(X509_V_OK),
            let subject = X509_get_subject_name(certificate)
        else { return nil }
        commonName = Self.entries(NID_commonName, of: subject).last
        organizations = Self.entries(NID_organizationName, of: subject)
    }

    private static func entries(_ kind: Int32, of name: OpaquePointer) -> [String] {
        var found: [String] = []
        var index = X509_NAME_get_index_by_NID(name, kind, -1)
        while index >= 0 {
            if let text = text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index))) {
                found.append(text)
            }
            index = X509_NAME_get_index_by_NID(name, kind, index)
        }
        return found
    }

    private static func text(_ string: UnsafeMutablePointer<ASN1_STRING>?) -> String? {
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = ASN1_STRING_to_UTF8(&bytes, string)
        guard count >= 0, let bytes else { return nil }
        defer { CRYPTO_free(bytes, #file, #line) }
        return String(decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
    }
}
