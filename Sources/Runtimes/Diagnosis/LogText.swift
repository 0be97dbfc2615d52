/// A text in which words are looked for whatever their case. Logs are long and the words are many, so it is held as bytes.
struct LogText: Sendable {
    private let bytes: [UInt8]

    init(_ text: String) {
        bytes = text.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    }

    /// Whether the word is in it.
    func contains(_ word: LogText) -> Bool {
        guard let first = word.bytes.first, bytes.count >= word.bytes.count else { return word.bytes.isEmpty }
        let length = word.bytes.count
        return bytes.withUnsafeBufferPointer { text in
            word.bytes.withUnsafeBufferPointer { word in
                var start = 0
                while start + length <= text.count {
                    if text[start] == first {
                        var index = 1
                        while index < length, text[start + index] == word[index] { index += 1 }
                        if index == length { return true }
                    }
                    start += 1
                }
                return false
            }
        }
    }
}
