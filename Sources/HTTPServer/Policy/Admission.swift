import HTTPTypes

/// What must hold of a request beyond its route's existence before the route's handler sees it.
enum Admission {
    /// Why the request is turned away, or nil.
    static func failure(of head: RequestHead, entry: Router.Entry, cors: CORSSettings) -> HTTPError? {
        if !head.method.isSafe || head.count(of: .upgrade) > 0, let origin = head.range(of: .origin),
            !CrossOrigin.mayChangeState(head, origin, cors: cors)
        {
            return .crossOrigin(head.text(origin))
        }
        if !head.method.isSafe, head.range(of: .origin) == nil, isFromOtherSite(head) {
            return .crossOrigin("another site")
        }
        if head.range(of: .accept) != nil, let failure = unacceptable(head, entry.offeredTypes) {
            return failure
        }
        if head.framing != .none, let failure = unsupported(head, entry.route.requestTypes) { return failure }
        return nil
    }

    /// Whether a browser says that a page of another origin sends this (W3C Fetch Metadata §2.3), though it does not say which:
    /// some leave `Origin` out where the page asks for that. Programs that are no browsers do not send the field.
    private static func isFromOtherSite(_ head: RequestHead) -> Bool {
        guard let site = head.firstValue(named: "sec-fetch-site") else { return false }
        return site != "same-origin" && site != "none"
    }

    /// RFC 9110 §12.5.1: 406 when the route has nothing to offer that the client accepts.
    private static func unacceptable(_ head: RequestHead, _ offered: [String]) -> HTTPError? {
        guard !offered.isEmpty, let accept = head.combined(.accept) else { return nil }
        let isAccepted = offered.contains { Accept.allows($0, in: accept) }
        return isAccepted ? nil : .notAcceptable(offered)
    }

    /// RFC 9110 §15.5.16: 415 when the body is of a type that the route does not read.
    private static func unsupported(_ head: RequestHead, _ taken: [String]) -> HTTPError? {
        guard !taken.isEmpty else { return nil }
        guard let range = head.range(of: .contentType), let type = MediaType(head.slice(range)) else {
            return .unsupportedMediaType(taken)
        }
        let essence = "\(type.type)/\(type.subtype)"
        return taken.contains(essence) ? nil : .unsupportedMediaType(taken)
    }
}
