/// A second reading of request heads, written for clearness only and apart from the server's: it takes a whole head, cuts it
/// into lines and values, and collects the status of every rule of RFC 9112 that is broken.
struct ReferenceHead {
    struct Limits {
        var head: Int
        var target: Int
        var fields: Int
    }

    /// The framing of the body: 0 for none, nil for chunked.
    var length: Int? = 0
    var method: [UInt8] = []
    var target: [UInt8] = []
    var isVersion11 = true
    var fields: [(name: [UInt8], value: [UInt8])] = []
    var keepsAlive = true
    /// The statuses that fit the rules broken; empty for a good head.
    private(set) var faults: Set<Int> = []

    /// Where the head that starts with the first of `bytes` ends, leading empty lines included; nil when it does not.
    static func end(_ bytes: ArraySlice<UInt8>) -> Int? {
        var start = bytes.startIndex
        while Self.isLineEnd(bytes, start) { start += 2 }
        return bytes.indices[start...].first { isLineEnd(bytes, $0) && isLineEnd(bytes, $0 + 2) }.map {
            $0 + 4
        }
    }

    init(_ bytes: ArraySlice<UInt8>, limits: Limits, names: [String], ports: [Int]) {
        if bytes.count > limits.head { faults.formUnion([431, 414, 400]) }
        var lines = Self.lines(bytes.dropLast(4))
        let isControl = { (byte: UInt8) in byte < 0x20 && byte != 9 || byte == 0x7F }
        if lines.contains(where: { $0.contains(where: isControl) }) { faults.insert(400) }
        let empty = lines.prefix { $0.isEmpty }.count
        if empty > 2 { faults.insert(400) }
        lines.removeFirst(empty)
        guard let requestLine = lines.first else {
            faults.insert(400)
            return
        }
        readRequestLine(requestLine, limits)
        for line in lines.dropFirst() { readField(line) }
        if lines.count - 1 > limits.fields { faults.insert(431) }
        if !isVersion11 { keepsAlive = false }
        ReferenceTarget.check(method, target, names, ports, &faults)
        checkHost(names)
        readFraming()
        readConnection()
        let expectations = values("expect")
        if expectations.count > 1 || expectations.contains(where: { Self.lowercased($0) != "100-continue" }) {
            faults.insert(417)
        }
    }

    private static func lines(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var rest = bytes
        while let end = lineEnd(rest) {
            lines.append(rest[..<end])
            rest = rest[(end + 2)...]
        }
        return lines + [rest]
    }

    private mutating func readRequestLine(_ line: ArraySlice<UInt8>, _ limits: Limits) {
        if line.count > limits.target + 64 { faults.formUnion([400, 414]) }
        let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 3 else {
            faults.insert(400)
            if parts.count > 1, parts[1].count > limits.target { faults.insert(414) }
            return
        }
        method = Array(parts[0])
        target = Array(parts[1])
        if method.isEmpty || method.count > 64 || !method.allSatisfy(Self.isToken) { faults.insert(400) }
        if target.isEmpty || target.contains(where: { $0 <= 0x20 || $0 >= 0x7F }) { faults.insert(400) }
        if target.count > limits.target { faults.insert(414) }
        let version = String(decoding: parts[2], as: UTF8.self)
        let digits = version.utf8.dropFirst(5)
        let isVersion =
            version.hasPrefix("HTTP/") && digits.count == 3 && digits.dropFirst().first == 0x2E
            && [digits.first, digits.last].allSatisfy { (0x30...0x39).contains($0 ?? 0) }
        if !isVersion {
            faults.insert(400)
        } else if version != "HTTP/1.1", version != "HTTP/1.0" {
            faults.insert(505)
        }
        isVersion11 = version == "HTTP/1.1"
    }

    private mutating func readField(_ line: ArraySlice<UInt8>) {
        guard let colon = line.firstIndex(of: 0x3A), colon > line.startIndex,
            line[..<colon].allSatisfy(Self.isToken)
        else {
            faults.insert(400)
            return
        }
        fields.append((Array(line[..<colon]), Self.trimmed(line[(colon + 1)...])))
    }

    func values(_ name: String) -> [[UInt8]] {
        fields.filter { Self.lowercased($0.name) == name }.map(\.value)
    }

    private mutating func checkHost(_ names: [String]) {
        let hosts = values("host")
        if hosts.count > 1 || (hosts.isEmpty && isVersion11) { faults.insert(400) }
        guard let value = hosts.first else { return }
        guard let host = ReferenceTarget.hostAndPort(value) else {
            faults.insert(400)
            return
        }
        if target.first == 0x2F || target.elementsEqual([0x2A]), !ReferenceTarget.isServed(host.name, names) {
            faults.insert(421)
        }
    }

    private mutating func readFraming() {
        let codings = values("transfer-encoding")
        let lengths = values("content-length")
        if !codings.isEmpty {
            length = nil
            if !lengths.isEmpty || !isVersion11 { faults.insert(400) }
            let names = codings.flatMap { $0.split(separator: 0x2C, omittingEmptySubsequences: false) }
                .map { Self.lowercased(Self.trimmed($0)) }
            if names.last != "chunked" || names.dropLast().contains(where: { $0.isEmpty || $0 == "chunked" })
            {
                faults.insert(400)
            } else if names.count > 1 {
                faults.insert(501)
            }
        } else if let value = lengths.first {
            length =
                value.allSatisfy { (0x30...0x39).contains($0) }
                ? Int(String(decoding: value, as: UTF8.self)) : nil
            if lengths.count > 1 || length == nil { faults.insert(400) }
        }
    }

    private mutating func readConnection() {
        for option in Self.elements(Array(values("connection").joined(separator: [0x2C, 0x20]))) {
            switch Self.lowercased(Self.trimmed(option)) {
            case "close":
                keepsAlive = false
                return
            case "keep-alive": keepsAlive = true
            default: break
            }
        }
    }

    // MARK: Bytes

    /// Whether CR LF stands at `index`.
    static func isLineEnd(_ bytes: ArraySlice<UInt8>, _ index: Int) -> Bool {
        index + 1 < bytes.endIndex && bytes[index] == 13 && bytes[index + 1] == 10
    }

    /// Where the first CR LF stands.
    static func lineEnd(_ bytes: ArraySlice<UInt8>) -> Int? {
        bytes.indices.first { isLineEnd(bytes, $0) }
    }

    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    /// What stands between commas; a comma in a quoted string (RFC 9110 §5.6.4) separates nothing.
    static func elements(_ list: [UInt8]) -> [[UInt8]] {
        var elements: [[UInt8]] = [[]]
        var isQuoted = false
        var isEscaped = false
        for byte in list {
            if byte == 0x2C, !isQuoted {
                elements.append([])
                continue
            }
            elements[elements.count - 1].append(byte)
            if !isEscaped, byte == 0x22 { isQuoted.toggle() }
            isEscaped = isQuoted && !isEscaped && byte == 0x5C
        }
        return elements
    }

    static func trimmed(_ bytes: some BidirectionalCollection<UInt8>) -> [UInt8] {
        Array(bytes.drop { $0 == 0x20 || $0 == 9 }.reversed().drop { $0 == 0x20 || $0 == 9 }.reversed())
    }

    /// Only ASCII letters have two cases in HTTP; anything that is not ASCII gives text that equals no name.
    static func lowercased(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }, as: UTF8.self)
    }
}
