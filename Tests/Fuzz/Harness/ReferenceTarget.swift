/// A second reading of request targets and Host, RFC 9112 §3.2, RFC 3986 §3 and RFC 9110 §7.2.
enum ReferenceTarget {
    static func check(
        _ method: [UInt8],
        _ target: [UInt8],
        _ names: [String],
        _ ports: [Int],
        _ faults: inout Set<Int>
    ) {
        if method.elementsEqual("CONNECT".utf8) { faults.insert(501) }
        let text = ReferenceHead.lowercased(target)
        if text == "*" {
            if !method.elementsEqual("OPTIONS".utf8) { faults.insert(400) }
        } else if text.hasPrefix("/") {
            checkPathAndQuery(target[...], &faults)
        } else if text.hasPrefix("http://"), target.count > 7 {
            let rest = target.dropFirst(7)
            let authority = rest.prefix { $0 != 0x2F && $0 != 0x3F }
            if let host = hostAndPort(Array(authority)), isServed(host.name, names),
                ports.contains(host.port ?? 80)
            {
                checkPathAndQuery(rest.dropFirst(authority.count), &faults)
            } else {
                faults.insert(400)
            }
        } else {
            faults.insert(400)
        }
    }

    private static func checkPathAndQuery(_ bytes: ArraySlice<UInt8>, _ faults: inout Set<Int>) {
        let path = bytes.prefix { $0 != 0x3F }
        let query = bytes.dropFirst(path.count + 1)
        let pathBytes = letters + "-._~!$&'()*+,;=:@/%".utf8
        let queryBytes = pathBytes + "?[]{}|^`\\".utf8
        if !path.allSatisfy(pathBytes.contains) || !query.allSatisfy(queryBytes.contains) {
            faults.insert(400)
        }
        if decoded(query) == nil { faults.insert(400) }
        for segment in path.split(separator: 0x2F, omittingEmptySubsequences: false) {
            guard let decoded = decoded(segment) else {
                faults.insert(400)
                continue
            }
            if decoded.contains(0) || decoded == [0x2E] || decoded == [0x2E, 0x2E] { faults.insert(400) }
        }
    }

    private static let letters = Array(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8
    )

    /// Nil when some `%` is not followed by two hexadecimal digits.
    static func decoded(_ bytes: some Collection<UInt8>) -> [UInt8]? {
        let bytes = Array(bytes)
        var decoded: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0x25 {
                guard index + 2 < bytes.count, let value = hexadecimal(bytes[(index + 1)...(index + 2)])
                else { return nil }
                decoded.append(UInt8(value))
                index += 3
            } else {
                decoded.append(bytes[index])
                index += 1
            }
        }
        return decoded
    }

    /// The value of hexadecimal digits without any sign, or nil; at most 15 of them.
    static func hexadecimal(_ digits: some Collection<UInt8>) -> Int? {
        let isHexadecimal = digits.allSatisfy { "0123456789ABCDEFabcdef".utf8.contains($0) }
        guard isHexadecimal, digits.count <= 15 else { return nil }
        return Int(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    static func hostAndPort(_ bytes: [UInt8]) -> (name: [UInt8], port: Int?)? {
        let name: ArraySlice<UInt8>
        if bytes.first == 0x5B {
            guard let end = bytes.firstIndex(of: 0x5D) else { return nil }
            name = bytes[...end]
            let inner = bytes[1..<end]
            guard inner.allSatisfy("0123456789ABCDEFabcdef:.".utf8.contains),
                inner.count(where: { $0 == 0x3A }) >= 2
            else { return nil }
        } else {
            name = bytes.prefix { $0 != 0x3A }
            guard !name.isEmpty, name.allSatisfy((letters + "-._~!$&'()*+,;=%".utf8).contains),
                decoded(name) != nil
            else { return nil }
        }
        let rest = bytes[name.endIndex...]
        guard let colon = rest.first else { return (Array(name), nil) }
        let digits = rest.dropFirst()
        guard colon == 0x3A, digits.count <= 5, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        guard let port = Int(String(decoding: digits, as: UTF8.self)) else { return (Array(name), nil) }
        return port <= 65535 ? (Array(name), port) : nil
    }

    /// Addresses, localhost and what is below it, and the configured names.
    static func isServed(_ host: [UInt8], _ names: [String]) -> Bool {
        if host.first == 0x5B || host.allSatisfy("0123456789.".utf8.contains) { return true }
        var name = ReferenceHead.lowercased(host)
        if name.hasSuffix(".") { name.removeLast() }
        return name == "localhost" || name.hasSuffix(".localhost") || names.contains(name)
    }
}
