internal import COpenSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A private key of OpenSSL's.
final class PrivateKey {
    let handle: OpaquePointer

    /// A new key on the curve P-256.
    init() throws(CertificateFailure) {
        guard let handle = ingot_make_p256_key() else { throw CertificateFailure("cannot make a key") }
        self.handle = handle
    }

    init(pem: [UInt8]) throws(CertificateFailure) {
        let bio = PEM.source(pem)
        defer { BIO_free(bio) }
        guard let handle = PEM_read_bio_PrivateKey(bio, nil, PEM.refusePassphrase, nil) else {
            throw CertificateFailure("the private key is not PEM, or has a passphrase")
        }
        self.handle = handle
    }

    deinit { EVP_PKEY_free(handle) }

    func pem() throws(CertificateFailure) -> [UInt8] {
        try PEM.text { PEM_write_bio_PKCS8PrivateKey($0, handle, nil, nil, 0, nil, nil) }
    }
}

/// A certificate of OpenSSL's.
final class Certificate {
    private let handle: OpaquePointer

    /// An unsigned certificate, valid from a minute ago so that clocks that differ a little do not matter.
    init(subject: CertificateSubject, key: PrivateKey, validFor seconds: Int) throws(CertificateFailure) {
        guard let handle = X509_new() else { throw CertificateFailure("cannot make a certificate") }
        self.handle = handle
        X509_set_version(handle, 2)
        ASN1_INTEGER_set_uint64(X509_get_serialNumber(handle), UInt64.random(in: 1...UInt64(Int64.max)))
        X509_gmtime_adj(X509_getm_notBefore(handle), -60)
        X509_gmtime_adj(X509_getm_notAfter(handle), seconds)
        for organization in subject.organizations { try add("O", organization) }
        if let commonName = subject.commonName { try add("CN", commonName) }
        guard X509_set_pubkey(handle, key.handle) == 1 else {
            throw CertificateFailure("cannot fill in a certificate")
        }
    }

    private func add(_ kind: String, _ value: String) throws(CertificateFailure) {
        let added = X509_NAME_add_entry_by_txt(
            X509_get_subject_name(handle),
            kind,
            MBSTRING_UTF8,
            value,
            Int32(clamping: value.utf8.count),
            -1,
            0
        )
        guard added == 1 else { throw CertificateFailure("\(kind) cannot be \"\(value)\"") }
    }

    /// The first certificate of a PEM text.
    init(pem: [UInt8]) throws(CertificateFailure) {
        let bio = PEM.source(pem)
        defer { BIO_free(bio) }
        guard let handle = PEM_read_bio_X509(bio, nil, PEM.refusePassphrase, nil) else {
            throw CertificateFailure("the certificate is not PEM")
        }
        self.handle = handle
    }

    deinit { X509_free(handle) }

    func setIssuer(of authority: Certificate) throws(CertificateFailure) {
        guard X509_set_issuer_name(handle, X509_get_subject_name(authority.handle)) == 1 else {
            throw CertificateFailure("cannot set the issuer")
        }
    }

    func extend(_ extensions: [(Int32, String)], issuer: Certificate) throws(CertificateFailure) {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer.handle, handle, nil, nil, 0)
        for (kind, value) in extensions {
            guard let made = X509V3_EXT_conf_nid(nil, &context, kind, value) else {
                throw CertificateFailure("cannot make the extension \(value)")
            }
            defer { X509_EXTENSION_free(made) }
            guard X509_add_ext(handle, made, -1) == 1 else {
                throw CertificateFailure("cannot add the extension \(value)")
            }
        }
    }

    func sign(with key: PrivateKey) throws(CertificateFailure) {
        guard X509_sign(handle, key.handle, EVP_sha256()) > 0 else { throw CertificateFailure("cannot sign") }
    }

    func pem() throws(CertificateFailure) -> [UInt8] {
        try PEM.text { PEM_write_bio_X509($0, handle) }
    }

    func hasSigned(_ other: Certificate) -> Bool {
        defer { ERR_clear_error() }
        return X509_verify(other.handle, X509_get0_pubkey(handle)) == 1
    }

    func belongs(to key: PrivateKey) -> Bool {
        defer { ERR_clear_error() }
        return X509_check_private_key(handle, key.handle) == 1
    }

    /// Whether it is valid now and will be in `seconds`.
    func isValid(for seconds: Int) -> Bool {
        var now = time(nil)
        let (later, overflow) = now.addingReportingOverflow(seconds)
        var end = overflow ? now : later
        return !overflow && X509_cmp_time(X509_get0_notBefore(handle), &now) < 0
            && X509_cmp_time(X509_get0_notAfter(handle), &end) > 0
    }

    /// Seconds of the Unix epoch from which it is no longer valid.
    var notAfter: Int? {
        var broken = tm()
        guard ASN1_TIME_to_tm(X509_get0_notAfter(handle), &broken) == 1 else { return nil }
        return timegm(&broken)
    }

    var subject: CertificateSubject {
        CertificateSubject(
            commonName: entries(NID_commonName).last,
            organizations: entries(NID_organizationName)
        )
    }

    private func entries(_ kind: Int32) -> [String] {
        let name = X509_get_subject_name(handle)
        var found: [String] = []
        var index = X509_NAME_get_index_by_NID(name, kind, -1)
        while index >= 0 {
            let entry = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index))
            var bytes: UnsafeMutablePointer<UInt8>?
            let count = ASN1_STRING_to_UTF8(&bytes, entry)
            if count >= 0, let bytes {
                let text = UnsafeBufferPointer(start: bytes, count: Int(count))
                found.append(String(decoding: text, as: UTF8.self))
                CRYPTO_free(bytes, #file, #line)
            }
            index = X509_NAME_get_index_by_NID(name, kind, index)
        }
        return found
    }

    func names(host: String) -> Bool {
        X509_check_host(handle, host, host.utf8.count, 0, nil) == 1
    }

    func names(address: String) -> Bool {
        X509_check_ip_asc(handle, address, 0) == 1
    }
}

/// PEM text in OpenSSL's sources and sinks.
enum PEM {
    /// A source with a copy of the bytes.
    static func source(_ bytes: [UInt8]) -> OpaquePointer? {
        let bio = BIO_new(BIO_s_mem())
        _ = bytes.withUnsafeBytes { BIO_write(bio, $0.baseAddress, Int32(clamping: $0.count)) }
        return bio
    }

    /// Answers that there is no passphrase; OpenSSL would otherwise ask for one on the terminal.
    static let refusePassphrase:
        @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?)
            -> Int32 = { _, _, _, _ in -1 }

    static func text(_ write: (OpaquePointer?) -> Int32) throws(CertificateFailure) -> [UInt8] {
        let bio = BIO_new(BIO_s_mem())
        defer { BIO_free(bio) }
        guard write(bio) == 1 else { throw CertificateFailure("cannot write PEM") }
        var start: UnsafeMutablePointer<CChar>?
        let count = ingot_bio_memory(bio, &start)
        guard let start, count > 0 else { throw CertificateFailure("cannot write PEM") }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(count)))
    }
}
