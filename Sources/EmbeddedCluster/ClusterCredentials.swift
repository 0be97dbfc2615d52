import Certificates
import JSON
import KubernetesModel

/// What proves the API server to its clients and its clients to it: kept in the cluster's folder, made when missing.
struct ClusterCredentials: Sendable {
    /// Why there are none.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let authority: CertificateAuthority
    let server: TLSIdentity
    /// Opens everything, as the administrator.
    let token: String
    /// Signs the tokens of service accounts.
    let signingKey: [UInt8]

    private static let names: [CertificateAuthority.Name] = [
        .dns("localhost"), .dns("kubernetes"), .dns("kubernetes.default"), .dns("kubernetes.default.svc"),
        .ip("127.0.0.1"), .ip("::1"), .ip(ServiceAddresses.apiServer),
    ]
    private static let day = 86_400

    /// Reads or makes them.
    init(folder: String) throws(Failure) {
        do {
            (authority, server) = try Self.identities(folder)
            token = String(decoding: try Self.secret("\(folder)/token", bytes: 32), as: UTF8.self)
            signingKey = try Self.secret("\(folder)/service-account.key", bytes: 48)
        } catch {
            throw Failure(description: "\(error)")
        }
    }

    private static func identities(_ folder: String) throws -> (CertificateAuthority, TLSIdentity) {
        if let certificate = try KeptFile.read("\(folder)/ca.crt"),
            let key = try KeptFile.read("\(folder)/ca.key"),
            let serverCertificate = try KeptFile.read("\(folder)/server.crt"),
            let serverKey = try KeptFile.read("\(folder)/server.key")
        {
            let authority = CertificateAuthority(TLSIdentity(certificates: certificate, key: key))
            let server = TLSIdentity(certificates: serverCertificate, key: serverKey)
            if authority.stillServes(server, names: names, for: 30 * day) { return (authority, server) }
        }
        let authority = try CertificateAuthority(named: "ingot embedded cluster", validFor: 3650 * day)
        let server = try authority.issueServer("localhost", names: names, validFor: 825 * day)
        try KeptFile.write(authority.identity.key, to: "\(folder)/ca.key")
        try KeptFile.write(authority.identity.certificates, to: "\(folder)/ca.crt")
        try KeptFile.write(server.key, to: "\(folder)/server.key")
        try KeptFile.write(server.certificates, to: "\(folder)/server.crt")
        return (authority, server)
    }

    /// Random bytes in hexadecimal digits.
    private static func secret(_ path: String, bytes: Int) throws -> [UInt8] {
        if let kept = try KeptFile.read(path), kept.count == 2 * bytes { return kept }
        var random = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdef".utf8)
        var made: [UInt8] = []
        for _ in 0..<bytes {
            let byte = UInt8.random(in: .min ... .max, using: &random)
            made += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        try KeptFile.write(made, to: path)
        return made
    }

    /// A kubeconfig (client.authentication and clientcmd v1) as JSON, which is YAML too.
    func kubeconfig(port: Int) -> [UInt8] {
        let config: JSONValue = [
            "apiVersion": "v1", "kind": "Config", "current-context": "ingot",
            "clusters": [
                [
                    "name": "ingot",
                    "cluster": [
                        "server": .string("https://127.0.0.1:\(port)"),
                        "certificate-authority-data": .string(
                            Base64.text(of: authority.identity.certificates)
                        ),
                    ],
                ]
            ],
            "contexts": [["name": "ingot", "context": ["cluster": "ingot", "user": "ingot"]]],
            "users": [["name": "ingot", "user": ["token": .string(token)]]],
        ]
        return config.encoded() + [0x0A]
    }
}
