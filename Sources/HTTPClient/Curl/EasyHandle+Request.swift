import CCurl
import HTTPTypes

extension EasyHandle {
    /// Sets everything that the request says, except the callbacks.
    ///
    /// - Throws: `HTTPClientError` of the kind `invalidRequest`.
    func configure(_ start: TransferStart) throws(HTTPClientError) {
        let request = start.request
        let url = try setURL(start)
        setGeneral(start)
        setMethodAndBody(request, upload: start.upload)
        setHeaders(request, url: start.url, isRenamed: url.host != start.url.host)
        setTLS(request.tls)
        setProxy(start.proxy, url: start.url)
        if let failure {
            let reason = curl_easy_strerror(failure).map { String(cString: $0) } ?? "refused"
            throw start.transfer.error(.invalidRequest, "libcurl refuses the request: \(reason)")
        }
    }

    /// A server name other than the URL's host takes the host's place in the URL, so that SNI and the certificate's check use
    /// it, while the connection goes to the URL's host.
    private func setURL(_ start: TransferStart) throws(HTTPClientError) -> RequestURL {
        var url = start.url
        if url.scheme == "https", let name = start.request.tls.serverName, name != url.bareHost {
            url = try url.with(host: name)
            set(connectTo: ["\(url.host):\(url.port):\(start.url.host):\(start.url.port)"])
        }
        set(CURLOPT_URL, url.text)
        return url
    }

    private func setGeneral(_ start: TransferStart) {
        let request = start.request
        // Without it, time-outs of the resolver come as SIGALRM.
        set(CURLOPT_NOSIGNAL, true)
        // Without it, ending a transfer waits for the thread that resolves its name.
        set(CURLOPT_QUICK_EXIT, true)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_PATH_AS_IS, true)
        set(CURLOPT_HTTP09_ALLOWED, false)
        set(CURLOPT_FOLLOWLOCATION, false)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, true)
        set(CURLOPT_TCP_NODELAY, true)
        set(CURLOPT_TCP_KEEPALIVE, true)
        set(CURLOPT_NOPROGRESS, true)
        let version = versionToOffer(request.version, start.url)
        set(CURLOPT_HTTP_VERSION, version)
        // Waits for a connection that is being made, if the new request may be able to share it. Only the TLS handshake tells
        // at once whether it can: without TLS libcurl would wait for the other request's answer.
        set(CURLOPT_PIPEWAIT, version != CURL_HTTP_VERSION_1_1)
        // The loop watches the deadline too. libcurl needs it to divide the time among a name's addresses.
        let connect = request.deadlines.connect ?? .seconds(1 << 21)
        set(
            CURLOPT_CONNECTTIMEOUT_MS,
            max(1, min(Int(Int32.max), Int(connect.boundedNanoseconds / 1_000_000)))
        )
        set(CURLOPT_USERAGENT, start.userAgent)
        if request.acceptsCompression { set(CURLOPT_ACCEPT_ENCODING, "gzip") }
    }

    private func versionToOffer(_ preference: HTTPVersionPreference, _ url: RequestURL) -> Int {
        switch preference {
        case .http2 where url.scheme == "https": CURL_HTTP_VERSION_2TLS
        case .automatic, .http1, .http2: CURL_HTTP_VERSION_1_1
        case .http2PriorKnowledge: CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE
        }
    }

    private func setMethodAndBody(_ request: HTTPClientRequest, upload: UploadQueue?) {
        let method = request.method.rawValue
        switch request.body {
        case .none where request.method == .head:
            set(CURLOPT_NOBODY, true)
        case .none where [.post, .put, .patch].contains(request.method):
            // RFC 9110 §8.6: such a request says `Content-Length: 0`.
            set(CURLOPT_POST, true)
            set(body: [])
        case .none:
            set(CURLOPT_HTTPGET, true)
        case .bytes(let bytes):
            set(CURLOPT_POST, true)
            set(body: bytes)
        case .stream(let stream):
            set(CURLOPT_UPLOAD, true)
            set(CURLOPT_INFILESIZE_LARGE, offset: stream.length ?? -1)
        }
        if request.method != .head { set(CURLOPT_CUSTOMREQUEST, method) }
    }

    private func setHeaders(_ request: HTTPClientRequest, url: RequestURL, isRenamed: Bool) {
        var lines = request.headers.map {
            $0.value.isEmpty ? "\($0.name.rawName);" : "\($0.name.rawName): \($0.value)"
        }
        // A name without a value keeps libcurl from sending its own.
        if request.headers[.contentType] == nil { lines.append("Content-Type:") }
        if request.headers[.accept] == nil { lines.append("Accept: */*") }
        lines.append("Expect:")
        if let host = request.host ?? (isRenamed ? url.hostField : nil) { lines.append("Host: \(host)") }
        set(headers: lines)
    }

    private func setTLS(_ tls: TLSOptions) {
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        set(CURLOPT_SSL_VERIFYPEER, tls.verifiesServer)
        set(CURLOPT_SSL_VERIFYHOST, tls.verifiesServer ? 2 : 0)
        if let authorities = tls.certificateAuthorities { set(CURLOPT_CAINFO_BLOB, blob: authorities) }
        if let certificate = tls.clientCertificate {
            set(CURLOPT_SSLCERTTYPE, "PEM")
            set(CURLOPT_SSLKEYTYPE, "PEM")
            set(CURLOPT_SSLCERT_BLOB, blob: certificate.chain)
            set(CURLOPT_SSLKEY_BLOB, blob: certificate.privateKey)
        }
    }

    private func setProxy(_ policy: ProxyPolicy, url: RequestURL) {
        // An empty name keeps libcurl from reading the environment.
        guard let (proxy, settings) = policy.proxy(for: url) else { return set(CURLOPT_PROXY, "") }
        set(CURLOPT_PROXY, proxy)
        set(CURLOPT_NOPROXY, settings.exceptions)
        set(CURLOPT_PROXY_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let authorities = settings.certificateAuthorities {
            set(CURLOPT_PROXY_CAINFO_BLOB, blob: authorities)
        }
    }
}
