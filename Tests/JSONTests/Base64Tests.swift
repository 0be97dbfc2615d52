import JSON
import Testing

struct Base64Tests {
    @Test(
        "the examples of RFC 4648 §10 are written and read",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ]
    )
    func example(plain: String, encoded: String) {
        #expect(Base64.text(of: plain.utf8) == encoded)
        #expect(Base64.bytes(of: encoded) == Array(plain.utf8))
        let bare = encoded.filter { $0 != "=" }
        #expect(Base64.urlText(of: plain.utf8) == bare)
        #expect(Base64.bytes(ofURLText: bare) == Array(plain.utf8))
    }

    @Test func `every byte survives in both alphabets`() {
        let bytes = (0...255).map { UInt8($0) }
        #expect(Base64.bytes(of: Base64.text(of: bytes)) == bytes)
        #expect(Base64.bytes(ofURLText: Base64.urlText(of: bytes)) == bytes)
        #expect(Base64.text(of: [0xFB, 0xFF, 0xBF]) == "+/+/")
        #expect(Base64.urlText(of: [0xFB, 0xFF, 0xBF]) == "-_-_")
    }

    @Test func `pasted text may be wrapped and unpadded`() {
        #expect(Base64.bytes(ofPasted: "Zm9v\n YmE\n") == Array("fooba".utf8))
        #expect(Base64.bytes(of: "Zm9v\r\nYmE=\n") == Array("fooba".utf8))
        #expect(Base64.bytes(of: "Zm9vYmE") == nil)
        #expect(Base64.bytes(of: "Zm9v YmE=") == nil)
    }

    @Test(arguments: ["Z", "Zg=", "Zg===", "Zm9v=", "Z*==", "=Zg=", "Zg==Zg=="])
    func `other text is not read`(text: String) {
        #expect(Base64.bytes(of: text) == nil)
        #expect(Base64.bytes(ofPasted: text) == nil)
        #expect(Base64.bytes(ofURLText: text) == nil)
    }
}
