import CLinux

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An IPv4 or IPv6 address and a port.
public struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    /// The address's bits as IPv6, IPv4 mapped into `::ffff:0:0/96` (RFC 4291 §2.5.5.2).
    let high: UInt64
    let low: UInt64
    /// The port in host order.
    public let port: UInt16
    let isIPv4: Bool

    private init(high: UInt64, low: UInt64, port: UInt16, isIPv4: Bool) {
        self.high = high
        self.low = low
        self.port = port
        self.isIPv4 = isIPv4
    }

    /// Parses a literal IPv4 or IPv6 address; `localhost` means 127.0.0.1. Nil for anything else: names are not looked up.
    public init?(host: String, port: UInt16) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host, &four) == 1 {
            self.init(four, port: port)
        } else if inet_pton(AF_INET6, host, &six) == 1 {
            self.init(six, port: port)
        } else {
            return nil
        }
    }

    private init(_ address: in_addr, port: UInt16) {
        self.init(
            high: 0,
            low: 0xFFFF_0000_0000 | UInt64(UInt32(bigEndian: address.s_addr)),
            port: port,
            isIPv4: true
        )
    }

    private init(_ address: in6_addr, port: UInt16) {
        let words = withUnsafeBytes(of: address) { bytes in
            (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        self.init(
            high: UInt64(bigEndian: words.0),
            low: UInt64(bigEndian: words.1),
            port: port,
            isIPv4: false
        )
    }

    /// The address that the system wrote into `storage`, or nil when it is of another family.
    init?(_ storage: sockaddr_storage) {
        var storage = storage
        let family = Int32(storage.ss_family)
        let address: SocketAddress? = withUnsafeBytes(of: &storage) { bytes in
            switch family {
            case AF_INET:
                let four = bytes.loadUnaligned(as: sockaddr_in.self)
                return SocketAddress(four.sin_addr, port: UInt16(bigEndian: four.sin_port))
            case AF_INET6:
                let six = bytes.loadUnaligned(as: sockaddr_in6.self)
                return SocketAddress(six.sin6_addr, port: UInt16(bigEndian: six.sin6_port))
            default: return nil
            }
        }
        guard let address else { return nil }
        self = address
    }

    var family: Int32 { isIPv4 ? AF_INET : AF_INET6 }

    /// Whether only this machine can reach the address: 127.0.0.0/8, `::1`, or the former mapped into IPv6.
    public var isLoopback: Bool {
        if high == 0, low == 1 { return true }
        return high == 0 && low >> 32 == 0xFFFF && (low >> 24) & 0xFF == 127
    }

    /// Calls `body` with the address as the system's structure.
    func withSystemAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        if isIPv4 {
            var four = sockaddr_in()
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            four.sin_addr.s_addr = UInt32(truncatingIfNeeded: low).bigEndian
            return withUnsafePointer(to: &four) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        var six = sockaddr_in6()
        six.sin6_family = sa_family_t(AF_INET6)
        six.sin6_port = port.bigEndian
        withUnsafeMutableBytes(of: &six.sin6_addr) { bytes in
            bytes.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
            bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return withUnsafePointer(to: &six) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }

    /// The address without the port, as a URI writes it: IPv6 in brackets.
    public var host: String {
        if isIPv4 {
            return "\((low >> 24) & 0xFF).\((low >> 16) & 0xFF).\((low >> 8) & 0xFF).\(low & 0xFF)"
        }
        var six = in6_addr()
        withUnsafeMutableBytes(of: &six) { bytes in
            bytes.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
            bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, &six, &text, socklen_t(text.count)) != nil else { return "[::]" }
        let bytes = text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
        return "[\(String(decoding: bytes, as: UTF8.self))]"
    }

    /// The host and the port, `host:port`.
    public var description: String { "\(host):\(port)" }

    /// Appends `description` without making a string, for the access log.
    func append(to bytes: inout [UInt8]) {
        if isIPv4 {
            var shift: UInt64 = 32
            while shift > 0 {
                shift -= 8
                Decimal.append((low >> shift) & 0xFF, to: &bytes)
                if shift > 0 { bytes.append(0x2E) }
            }
        } else {
            bytes.append(contentsOf: host.utf8)
        }
        bytes.append(0x3A)
        Decimal.append(UInt64(port), to: &bytes)
    }
}
