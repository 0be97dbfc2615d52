import CLinux

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The listening sockets of one address: one for each event loop, between which the kernel spreads new connections
/// (`SO_REUSEPORT`).
enum ListeningSocket {
    /// Opens `count` sockets on `address`. A port of 0 takes a free one.
    ///
    /// The first socket binds without `SO_REUSEPORT`, so that an address which any other process listens on is refused
    /// rather than shared; only then are the others let in beside it.
    static func open(
        _ address: SocketAddress,
        count: Int,
        backlog: Int32
    ) throws(SocketError) -> (descriptors: [Int32], address: SocketAddress) {
        var descriptors: [Int32] = []
        var bound = address
        do throws(SocketError) {
            for index in 0..<max(count, 1) {
                let descriptor = try makeSocket(address.family)
                descriptors.append(descriptor)
                if index > 0 { try set(descriptor, SOL_SOCKET, SO_REUSEPORT, "SO_REUSEPORT") }
                let outcome = bound.withSystemAddress { bind(descriptor, $0, $1) }
                guard outcome == 0 else { throw SocketError("bind") }
                if index == 0 {
                    try set(descriptor, SOL_SOCKET, SO_REUSEPORT, "SO_REUSEPORT")
                    bound = try localAddress(descriptor)
                }
            }
            for descriptor in descriptors {
                guard listen(descriptor, backlog) == 0 else { throw SocketError("listen") }
            }
        } catch {
            for descriptor in descriptors { close(descriptor) }
            throw error
        }
        return (descriptors, bound)
    }

    /// Makes the kernel ignore further connection attempts, so that none is completed and then reset between the last
    /// `accept` and the `close` of the socket. Only Linux has the means; elsewhere nothing happens.
    static func stopHandshakes(_ descriptor: Int32) {
        #if os(Linux)
            var drop = sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: 0)
            withUnsafeMutablePointer(to: &drop) { instruction in
                var program = sock_fprog(len: 1, filter: instruction)
                setsockopt(
                    descriptor,
                    SOL_SOCKET,
                    SO_ATTACH_FILTER,
                    &program,
                    socklen_t(MemoryLayout<sock_fprog>.size)
                )
            }
        #endif
    }

    /// Takes the next connection, or nil when none waits. The new socket is non-blocking.
    static func accept(_ descriptor: Int32) throws(SocketError) -> (descriptor: Int32, remote: SocketAddress)?
    {
        while true {
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let client = withUnsafeMutablePointer(to: &storage) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    #if os(Linux)
                        ingot_accept(descriptor, address, &length)
                    #else
                        Darwin.accept(descriptor, address, &length)
                    #endif
                }
            }
            if client >= 0 {
                #if !os(Linux)
                    _ = fcntl(client, F_SETFL, O_NONBLOCK)
                    _ = fcntl(client, F_SETFD, FD_CLOEXEC)
                #endif
                guard let remote = SocketAddress(storage) else {
                    close(client)
                    continue
                }
                return (client, remote)
            }
            switch errno {
            case EAGAIN, EWOULDBLOCK: return nil
            // The client gave up while it waited, or the call was interrupted: the next may be fine.
            case EINTR, ECONNABORTED, EPROTO, EPERM: continue
            default: throw SocketError("accept")
            }
        }
    }

    private static func makeSocket(_ family: Int32) throws(SocketError) -> Int32 {
        #if os(Linux)
            let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        #else
            let type = SOCK_STREAM
        #endif
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { throw SocketError("socket") }
        do throws(SocketError) {
            #if !os(Linux)
                _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            #endif
            try set(descriptor, SOL_SOCKET, SO_REUSEADDR, "SO_REUSEADDR")
            // Accepted sockets inherit the option, which saves a system call for each connection.
            try set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, "TCP_NODELAY")
            if family == AF_INET6 { try set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, "IPV6_V6ONLY") }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func set(
        _ descriptor: Int32,
        _ level: Int32,
        _ option: Int32,
        _ name: String
    ) throws(SocketError) {
        var on: Int32 = 1
        guard setsockopt(descriptor, level, option, &on, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw SocketError("setsockopt \(name)")
        }
    }

    private static func localAddress(_ descriptor: Int32) throws(SocketError) -> SocketAddress {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let outcome = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard outcome == 0, let address = SocketAddress(storage) else { throw SocketError("getsockname") }
        return address
    }
}
