import CLinux
import Glibc

/// Carries bytes both ways between a client's connection and another socket, until either side ends.
enum Relay {
    /// Connects to a port of 127.0.0.1; nil when nobody listens.
    static func connect(port: UInt16) -> Int32? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        return connect(AF_INET, &address)
    }

    /// Connects to a Unix domain socket; nil when nobody listens.
    static func connect(path: String) -> Int32? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        return connect(AF_UNIX, &address)
    }

    private static func connect<Address>(_ family: Int32, _ address: inout Address) -> Int32? {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let outcome = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        if outcome == 0 { return descriptor }
        close(descriptor)
        return nil
    }

    /// Carries bytes until both directions have ended. `other` is closed then.
    static func run(_ connection: RawConnection, _ other: Int32) {
        let done = Signal()
        let target = RawConnection(other)
        Threads.run {
            while let bytes = target.read(65_536), connection.send(bytes) {}
            connection.finishSending()
            done.add()
        }
        while let bytes = connection.read(65_536), target.send(bytes) {}
        shutdown(other, Int32(SHUT_RDWR))
        done.block(for: 1)
        target.close()
    }
}
