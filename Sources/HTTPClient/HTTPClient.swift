import HTTPTypes

/// Sends HTTP requests through libcurl. All transfers of a client run on one thread of its own, which sleeps while nothing
/// happens; connections are kept and shared.
///
/// When the last reference to the client and to the bodies of its answers goes away, its thread ends.
public final class HTTPClient: Sendable {
    /// What holds for all requests.
    public let configuration: HTTPClientConfiguration
    private let mailbox: LoopMailbox
    private let end: LoopEnd
    private let metrics: ClientMetrics

    /// Starts a client.
    ///
    /// - Throws: `HTTPClientError` of the kind `connect` when the process has no descriptor or thread left for it.
    public init(configuration: HTTPClientConfiguration = HTTPClientConfiguration()) throws(HTTPClientError) {
        self.configuration = configuration
        mailbox = try LoopMailbox()
        end = LoopEnd()
        metrics = ClientMetrics(factory: configuration.metrics)
        try LoopThread.start(mailbox: mailbox, idleConnections: configuration.idleConnections, end: end)
    }

    deinit {
        mailbox.post(.stop)
    }

    /// Ends all transfers, which fail as cancelled, and returns when the client's thread has let go of everything. Later
    /// requests fail as cancelled.
    public func shutDown() async {
        mailbox.post(.stop)
        await end.wait()
    }

    /// Sends a request and returns when the answer's head has arrived.
    ///
    /// - Throws: `HTTPClientError`; `cancelled` when the task is cancelled.
    public func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        var request = request
        var url = try RequestURL(request.url)
        let start = ContinuousClock.now
        let total = request.deadlines.total
        while true {
            try request.check(for: url)
            try ProxyURL.check(request.proxy ?? configuration.proxy, for: url)
            let response = try await exchange(request, url)
            guard let redirect = try request.following(response, from: url) else { return response }
            await response.body.discard()
            (request, url) = (redirect.request, redirect.url)
            // The time for everything goes on.
            if let total { request.deadlines.total = total - (ContinuousClock.now - start) }
        }
    }

    /// Sends a request and returns when the answer is complete.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - limit: the most bytes of the answer's body, after decompression; the request's own limit goes before.
    /// - Throws: `HTTPClientError`; `tooLarge` when the body is longer.
    public func fetch(
        _ request: HTTPClientRequest,
        upTo limit: Int = 16 * 1024 * 1024
    ) async throws(HTTPClientError) -> HTTPClientCollectedResponse {
        var request = request
        let limit = request.maximumResponseBytes ?? limit
        request.maximumResponseBytes = limit
        if request.version == .automatic { request.version = .http2 }
        let response = try await send(request)
        let body = try await response.body.collect(upTo: limit)
        return HTTPClientCollectedResponse(
            status: response.status,
            headers: response.headers,
            version: response.version,
            url: response.url,
            body: body
        )
    }

    /// One exchange, without redirects.
    private func exchange(
        _ request: HTTPClientRequest,
        _ url: RequestURL
    ) async throws(HTTPClientError) -> HTTPClientResponse {
        let measurement = metrics.measure(request, url)
        let transfer = Transfer(host: url.authority, mailbox: mailbox, measurement: measurement)
        var upload: UploadQueue?
        if case .stream = request.body { upload = UploadQueue(transferID: transfer.id, mailbox: mailbox) }
        let start = TransferStart(
            transfer: transfer,
            request: request,
            url: url,
            upload: upload,
            proxy: request.proxy ?? configuration.proxy,
            userAgent: configuration.userAgent
        )
        let head = try await transfer.waitForHead {
            guard mailbox.post(.start(start)) else {
                transfer.finish(.failure(transfer.error(.cancelled, "the client was shut down")))
                return
            }
            // What the body's task posts comes after the start.
            if case .stream(let stream) = request.body { start.upload?.begin(stream) }
        }
        return HTTPClientResponse(
            status: head.status,
            headers: head.headers,
            version: head.version,
            url: url.text,
            body: HTTPClientBody(source: BodySource(transfer, client: self))
        )
    }
}
