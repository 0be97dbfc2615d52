import CCurl
import Glibc

extension EasyHandle {
    /// Has libcurl call a transfer, which must outlive the handle's use.
    func setCallbacks(_ active: ActiveTransfer) {
        let context = Unmanaged.passUnretained(active).toOpaque()
        set(CURLOPT_PRIVATE, pointer: context)
        set(CURLOPT_PREREQDATA, pointer: context)
        setReadyCallback { context, address, ownAddress, port, ownPort in
            guard let active = ActiveTransfer.of(context), let address, let ownAddress else {
                return CURL_PREREQFUNC_OK
            }
            let (here, there) = (String(cString: ownAddress), String(cString: address))
            active.connectionIsReady("\(here) \(ownPort) \(there) \(port)")
            return CURL_PREREQFUNC_OK
        }
        // libcurl's own sockets would stay open in the programs that this process starts, and with them the connections.
        setSocketOpener { _, _, address in
            guard let address = address?.pointee else { return CURL_SOCKET_BAD }
            return socket(address.family, address.socktype | Int32(SOCK_CLOEXEC.rawValue), address.protocol)
        }
        set(CURLOPT_HEADERDATA, pointer: context)
        set(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let active = ActiveTransfer.of(context) else { return 0 }
            let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return active.take(headerLine: line) ? line.count : 0
        }
        set(CURLOPT_WRITEDATA, pointer: context)
        set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let active = ActiveTransfer.of(context) else { return 0 }
            let bytes = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return active.take(body: bytes) ?? Int(CURL_WRITEFUNC_PAUSE)
        }
        set(CURLOPT_READDATA, pointer: context)
        set(CURLOPT_READFUNCTION) { bytes, size, count, context in
            guard let active = ActiveTransfer.of(context) else { return Int(CURL_READFUNC_ABORT) }
            return active.fill(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
        }
    }
}

extension ActiveTransfer {
    fileprivate static func of(_ context: UnsafeMutableRawPointer?) -> ActiveTransfer? {
        context.map { Unmanaged<ActiveTransfer>.fromOpaque($0).takeUnretainedValue() }
    }
}
