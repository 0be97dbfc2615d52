/// Ways to cut an input into pieces, as a network does. They follow from the input alone, so that a finding can be repeated.
enum Pieces {
    /// At once, byte by byte unless that takes too long, and twice at pseudo-random places.
    static func ways(_ input: [UInt8]) -> [[Range<Int>]] {
        var ways = [[0..<input.count]]
        if input.count <= 512 { ways.append(input.indices.map { $0..<($0 + 1) }) }
        var state = seed(input)
        ways.append(cut(input.count, longest: 16, &state))
        ways.append(cut(input.count, longest: max(17, input.count), &state))
        return ways
    }

    private static func cut(_ count: Int, longest: Int, _ state: inout UInt64) -> [Range<Int>] {
        var pieces: [Range<Int>] = []
        var start = 0
        while start < count {
            let end = min(count, start + 1 + Int(next(&state) % UInt64(longest)))
            pieces.append(start..<end)
            start = end
        }
        return pieces
    }

    /// FNV-1a.
    private static func seed(_ input: [UInt8]) -> UInt64 {
        input.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    /// SplitMix64.
    private static func next(_ state: inout UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

extension Sequence<UInt8> {
    /// The bytes as text for people, with everything but printable ASCII escaped.
    var printable: String {
        let text = map { byte in
            switch byte {
            case 0x0A: "\\n"
            case 0x0D: "\\r"
            case 0x22, 0x5C: "\\" + String(Unicode.Scalar(byte))
            case 0x20...0x7E: String(Unicode.Scalar(byte))
            default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return "\"" + text.joined() + "\""
    }
}
