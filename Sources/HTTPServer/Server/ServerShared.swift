import HTTPTypes
import Logging
import Synchronization

/// What all event loops of a server have in common. It is safe to use from any of them.
final class ServerShared: Sendable {
    let router: Router
    let logger: Logger
    let accessLog: AccessLog?
    let access: ServerAccess
    let metrics: ServerMetrics
    let loopCount: Int
    /// What connections are encrypted with at first; nil for plain ones.
    let tls: TLSContext?
    private let address: SocketAddress
    private let open = Atomic<Int>(0)
    private let perAddress = Mutex<[AddressKey: Int]>([:])

    private struct AddressKey: Hashable {
        var high: UInt64
        var low: UInt64

        /// IPv6 clients count by their /64, which is what one of them is usually given.
        init(_ address: SocketAddress) {
            high = address.high
            low = address.isIPv4 || address.isLoopback ? address.low : 0
        }
    }

    init(
        router: Router,
        logger: Logger,
        accessLog: AccessLog?,
        metrics: ServerMetrics,
        loopCount: Int,
        address: SocketAddress,
        tls: TLSContext? = nil,
        access: ServerAccess = ServerAccess()
    ) {
        self.tls = tls
        self.access = access
        self.router = router
        self.logger = logger
        self.accessLog = accessLog
        self.metrics = metrics
        self.loopCount = loopCount
        self.address = address
    }

    /// Which hosts the listener answers for.
    func authorityPolicy(_ settings: ServerSettings) -> AuthorityPolicy {
        AuthorityPolicy(
            names: settings.allowedHosts.map { $0.lowercased() },
            servesAnyName: !address.isLoopback || settings.allowedHosts.contains("*"),
            ports: [address.port],
            isSecure: tls != nil
        )
    }

    // MARK: Connections

    /// Counts a new connection, or returns false when it would be one too many. Each connection that was counted must be
    /// matched by a call of `connectionClosed`. Those that are turned away do not count: else a crowd of them would keep
    /// every place taken.
    func connectionOpened(_ remote: SocketAddress, limits: ServerLimits) -> Bool {
        let number = open.add(1, ordering: .relaxed).newValue
        let fromAddress = perAddress.withLock { counts in
            counts[AddressKey(remote), default: 0] += 1
            return counts[AddressKey(remote), default: 0]
        }
        let isAdmitted = number <= limits.connections && fromAddress <= limits.connectionsPerAddress
        if isAdmitted {
            metrics.connectionOpened()
        } else {
            metrics.connectionTurnedAway()
            uncount(remote)
        }
        return isAdmitted
    }

    func connectionClosed(_ remote: SocketAddress) {
        uncount(remote)
        metrics.connectionClosed()
    }

    private func uncount(_ remote: SocketAddress) {
        open.subtract(1, ordering: .relaxed)
        perAddress.withLock { counts in
            let key = AddressKey(remote)
            guard let count = counts[key], count > 1 else {
                counts[key] = nil
                return
            }
            counts[key] = count - 1
        }
    }

    // MARK: Failures

    func render(_ failure: HTTPError, exchange: Exchange, into response: inout Response) {
        render(failure, surface: exchange.surface, id: exchange.identity.text(exchange.head), into: &response)
    }

    func render(failure: any Error, exchange: Exchange, into response: inout Response) {
        let id = exchange.identity.text(exchange.head)
        render(answerable(failure, id: id), surface: exchange.surface, id: id, into: &response)
    }

    func render(failure: any Error, surface: Int, request: Request, into response: inout Response) {
        render(answerable(failure, id: request.id), surface: surface, id: request.id, into: &response)
    }

    /// An error that says what to answer is answered; what any other one says is for the log only.
    private func answerable(_ failure: any Error, id: String) -> HTTPError {
        if let failure = failure as? HTTPError { return failure }
        logger.error("a request failed", metadata: ["error": "\(failure)", "request_id": "\(id)"])
        return .internalError
    }

    private func render(_ failure: HTTPError, surface: Int, id: String, into response: inout Response) {
        response.status = failure.status
        response.fields = failure.fields
        response.entityTag = nil
        guard router.surfaces.indices.contains(surface) else { return }
        router.surfaces[surface].renderError(failure, id, &response)
    }

    /// The answer to a client for whom there is no connection left: complete, and independent of what it will ask.
    func appendOverloadAnswer(to bytes: inout [UInt8], clock: inout LoopClock) {
        var failure = HTTPError(Refusal.overloaded)
        failure.fields.append(HTTPField(name: .retryAfter, value: "1"))
        var response = Response()
        var ids = RequestIDSource()
        let id = ids.next().text(nil)
        render(failure, surface: 0, id: id, into: &response)
        let body = response.takeBytes()
        ResponseHead.appendStatusLine(response.status, to: &bytes)
        clock.appendDateField(to: &bytes)
        for field in response.fields { ResponseHead.append(field, to: &bytes) }
        let type = response.contentType?.value ?? ContentType.octets.value
        bytes.append(contentsOf: "Content-Type: \(type)\r\nContent-Length: \(body.count)\r\n".utf8)
        bytes.append(contentsOf: "X-Request-Id: \(id)\r\nConnection: close\r\n\r\n".utf8)
        bytes.append(contentsOf: body)
    }
}
