internal import COpenSSL
internal import Crypto
internal import JSON

/// A public key that an issuer signs tokens with (RFC 7517): RSA for RS256, P-256 for ES256. Other algorithms are not accepted; so a
/// token can be signed neither with nothing nor with a shared secret (RFC 8725 §3.1).
struct SigningKey: Sendable {
    private enum Material: Sendable {
        /// The SubjectPublicKeyInfo in DER.
        case rsa([UInt8])
        case p256(P256.Signing.PublicKey)
    }

    /// The key's name among the issuer's keys.
    let id: String?
    /// The one algorithm that it is for (RFC 7518 §3.1).
    let algorithm: String
    private let material: Material

    /// The fewest bits of an RSA modulus (RFC 7518 §3.3).
    private static let fewestBits = 2048
    /// The most: each check costs the more the longer the key is.
    private static let mostBits = 8192

    /// Reads a key of a JSON web key set; nil for one that is for something else or cannot be used.
    init?(_ json: JSONValue) {
        if let use = json["use"]?.stringValue, use != "sig" { return nil }
        if let operations = json["key_ops"]?.arrayValue, !operations.contains(.string("verify")) {
            return nil
        }
        id = json["kid"]?.stringValue
        switch json["kty"]?.stringValue {
        case "RSA":
            guard let modulus = Self.number(json["n"]), let exponent = Self.number(json["e"]),
                (Self.fewestBits...Self.mostBits).contains(modulus.count * 8 - modulus[0].leadingZeroBitCount)
            else { return nil }
            algorithm = "RS256"
            material = .rsa(DistinguishedEncoding.rsaPublicKey(modulus: modulus, exponent: exponent))
        case "EC":
            guard json["crv"]?.stringValue == "P-256", let x = Self.coordinate(json["x"]),
                let y = Self.coordinate(json["y"]),
                let key = try? P256.Signing.PublicKey(x963Representation: [0x04] + x + y)
            else { return nil }
            algorithm = "ES256"
            material = .p256(key)
        default: return nil
        }
        if let stated = json["alg"]?.stringValue, stated != algorithm { return nil }
    }

    /// Whether the signature is this key's.
    func verifies(_ signature: [UInt8], of signed: [UInt8]) -> Bool {
        switch material {
        case .rsa(let key): return Self.verifiesRSA(signature, signed, key)
        case .p256(let key):
            // RFC 7518 §3.4: the two numbers as 32 bytes each, not in DER.
            guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else {
                return false
            }
            return key.isValidSignature(signature, for: signed)
        }
    }

    private static func verifiesRSA(_ signature: [UInt8], _ signed: [UInt8], _ encoded: [UInt8]) -> Bool {
        let key = encoded.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var position = bytes.baseAddress
            return d2i_PUBKEY(nil, &position, bytes.count)
        }
        guard let key else { return false }
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        // Without another word the padding is that of PKCS #1 v1.5, which RS256 is.
        guard EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1 else { return false }
        let outcome = EVP_DigestVerify(context, signature, signature.count, signed, signed.count)
        ERR_clear_error()
        return outcome == 1
    }

    /// A positive number without leading zeros (RFC 7518 §2 Base64urlUInt).
    private static func number(_ value: JSONValue?) -> [UInt8]? {
        guard let text = value?.stringValue, let bytes = Base64.bytes(ofURLText: text) else { return nil }
        let digits = Array(bytes.drop { $0 == 0 })
        return digits.isEmpty || digits.count > mostBits / 8 ? nil : digits
    }

    /// A coordinate, which has the full 32 bytes (RFC 7518 §6.2.1.2).
    private static func coordinate(_ value: JSONValue?) -> [UInt8]? {
        guard let text = value?.stringValue, let bytes = Base64.bytes(ofURLText: text), bytes.count == 32
        else { return nil }
        return bytes
    }
}

/// The few forms of DER (ITU-T X.690) that a public key is written in.
private enum DistinguishedEncoding {
    /// The object identifier 1.2.840.113549.1.1.1, rsaEncryption, with its NULL parameters.
    private static let rsaEncryption: [UInt8] = [
        0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00,
    ]

    /// The SubjectPublicKeyInfo of an RSA key (RFC 3279 §2.3.1).
    static func rsaPublicKey(modulus: [UInt8], exponent: [UInt8]) -> [UInt8] {
        let key = element(0x30, integer(modulus) + integer(exponent))
        return element(0x30, rsaEncryption + element(0x03, [0] + key))
    }

    private static func integer(_ digits: [UInt8]) -> [UInt8] {
        element(0x02, (digits.first ?? 0) & 0x80 == 0 ? digits : [0] + digits)
    }

    private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        var length: [UInt8] = []
        var rest = content.count
        while rest > 0 {
            length.insert(UInt8(truncatingIfNeeded: rest), at: 0)
            rest >>= 8
        }
        if content.count < 128 { return [tag, UInt8(content.count)] + content }
        return [tag, 0x80 | UInt8(length.count)] + length + content
    }
}
