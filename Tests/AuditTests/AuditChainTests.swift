import Testing

@testable import Audit

struct AuditChainTests {
    @Test("a line's hash is its SHA-256 in hexadecimal digits")
    func hash() {
        #expect(
            AuditChain.hash("abc".utf8) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        #expect(AuditChain.beginning.utf8.count == 64)
    }
}
