import Glibc

/// A loopback port whose queue of connections is full: further ones are neither taken nor refused.
final class FullListener {
    let port: UInt16
    private var descriptors: [Int32] = []

    init() throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        func withAddress(_ call: (UnsafeMutablePointer<sockaddr>) -> Int32) -> Int32 {
            withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0) }
            }
        }
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard withAddress({ bind(listener, $0, length) }) == 0, listen(listener, 0) == 0,
            withAddress({ getsockname(listener, $0, &length) }) == 0
        else { throw RawServer.NoSocket(call: "bind") }
        port = UInt16(bigEndian: address.sin_port)
        descriptors = [listener]
        // A queue of 0 takes one connection; those after it wait in the kernel as half open.
        for _ in 0..<4 {
            let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
            let client = socket(AF_INET, type, 0)
            _ = withAddress { connect(client, $0, length) }
            descriptors.append(client)
            // The next must not overtake the one that has the queue's place.
            var taken = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
            poll(&taken, 1, -1)
        }
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }
}
