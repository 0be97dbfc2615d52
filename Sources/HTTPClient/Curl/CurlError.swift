import CCurl

extension ActiveTransfer {
    /// What libcurl's result means.
    func error(_ code: CURLcode) -> HTTPClientError {
        if let failure { return failure }
        let words = shownReason(code)
        if code == CURLE_OPERATION_TIMEDOUT {
            return timeoutError(phase == .connecting ? .connect : .total)
        }
        // libcurl takes a line of more than 100 KB in the head for a lack of memory.
        if code == CURLE_OUT_OF_MEMORY, phase == .receiving, !hasHead {
            return transfer.error(.tooLarge, "a line of the answer's head is too long")
        }
        return transfer.error(kind(code, words), words)
    }

    private func kind(_ code: CURLcode, _ words: String) -> HTTPClientError.Kind {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            .resolve
        case CURLE_COULDNT_CONNECT, CURLE_PROXY, CURLE_INTERFACE_FAILED:
            .connect
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_CLIENTCERT,
            CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CRL_BADFILE, CURLE_USE_SSL_FAILED:
            .tls
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING, CURLE_HTTP2:
            .protocolViolation
        case CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_NOT_BUILT_IN:
            .invalidRequest
        case CURLE_READ_ERROR:
            .requestBody
        // TLS 1.3 refuses a client's certificate after the handshake; the alert is then a failure to receive.
        case CURLE_RECV_ERROR where words.contains("alert"):
            .tls
        case CURLE_RECV_ERROR
        where words.contains("chunked-encoding") || words.contains("Invalid Content-Length"):
            .protocolViolation
        default:
            phase == .connecting ? .connect : .cutOff
        }
    }

    /// libcurl's words, unless they hold what must not be shown.
    private func shownReason(_ code: CURLcode) -> String {
        let general = curl_easy_strerror(code).map { String(cString: $0) } ?? "the transfer failed"
        let reason = easy.reason
        var secrets = start.url.secrets
        if case .proxied(let settings) = start.proxy {
            for proxy in [settings.http, settings.https].compactMap(\.self) where proxy.contains("@") {
                secrets.append(proxy)
            }
        }
        return reason.isEmpty || secrets.contains(where: reason.contains) ? general : reason
    }
}
