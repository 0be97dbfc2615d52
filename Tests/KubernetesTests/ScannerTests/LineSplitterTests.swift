import Testing

@testable import Kubernetes

@Suite struct LineSplitterTests {
    private func lines(_ chunks: [String], longest: Int = 100) throws -> [String] {
        var splitter = LineSplitter(longest: longest)
        var lines: [String] = []
        for chunk in chunks {
            try splitter.add(Array(chunk.utf8)) { lines.append(String(decoding: $0, as: UTF8.self)) }
        }
        return lines
    }

    @Test func `lines are the same however they are cut into chunks`() throws {
        let text = "one\n\ntwo 🚀\nthree\nrest"
        let bytes = Array(text.utf8)
        for size in 1...bytes.count {
            var splitter = LineSplitter(longest: 100)
            var lines: [String] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                try splitter.add(Array(bytes[start..<min(start + size, bytes.count)])) {
                    lines.append(String(decoding: $0, as: UTF8.self))
                }
            }
            #expect(lines == ["one", "two 🚀", "three"])
        }
    }

    @Test func `a line longer than the limit is refused before its end has come`() throws {
        #expect(try lines(["12345\n"], longest: 5) == ["12345"])
        #expect(throws: KubernetesError.self) { try lines(["123", "456"], longest: 5) }
        #expect(throws: KubernetesError.self) { try lines(["123456\n"], longest: 5) }
    }
}
