import Testing

@testable import Kubernetes

@Suite struct Base64Tests {
    @Test(
        "the examples of RFC 4648 are written and read",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ]
    )
    func example(plain: String, encoded: String) {
        #expect(Base64.encode(plain.utf8) == encoded)
        #expect(Base64.decode(encoded) == Array(plain.utf8))
    }

    @Test func `every byte survives`() {
        let bytes = (0...255).map { UInt8($0) }
        #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }

    @Test func `wrapped and unpadded text is read, other text is not`() {
        #expect(Base64.decode("Zm9v\nYmE\n") == Array("fooba".utf8))
        for text in ["Z", "Zg=", "Zg===", "Zm9v=", "Z*==", "=Zg=", "Zg==Zg=="] {
            #expect(Base64.decode(text) == nil)
        }
    }
}
