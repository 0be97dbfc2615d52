import HTTPTypes

/// Answers `OPTIONS`, both the plain question (RFC 9110 §9.3.7) and a browser's preflight (WHATWG Fetch §4.8).
enum Preflight {
    static func answer(_ head: RequestHead, allow: String, cors: CORSSettings, into response: inout Response)
    {
        response.status = .noContent
        response.body = .empty
        response.add(.allow, allow)
        guard let origin = head.range(of: .origin),
            head.firstValue(named: "access-control-request-method") != nil,
            CrossOrigin.isAllowed(head.text(origin), cors)
        else { return }
        response.add(.accessControlAllowMethods, allow)
        let wanted = head.values(named: "access-control-request-headers")
            .flatMap { $0.split(separator: ",") }
            .compactMap { HTTPField.Name(String($0).trimming { $0 == " " || $0 == "\t" }) }
            .prefix(64)
        if !wanted.isEmpty {
            response.add(.accessControlAllowHeaders, wanted.map(\.canonicalName).joined(separator: ", "))
        }
        response.add(.accessControlMaxAge, String(cors.maximumAge.components.seconds))
    }
}
