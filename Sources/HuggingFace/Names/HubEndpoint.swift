/// The base URL of a Hub: huggingface.co, a mirror of it, or a private one.
public struct HubEndpoint: Sendable, Hashable {
    /// The URL without a slash at its end.
    public let url: String

    /// The public Hub.
    public static let standard = HubEndpoint(unchecked: "https://huggingface.co")

    /// An endpoint; nil unless the text is a URL with the scheme `http` or `https` and a host, and without user, query and
    /// fragment.
    public init?(_ text: String) {
        guard let scheme = ["http://", "https://"].first(where: { text.lowercased().hasPrefix($0) }) else {
            return nil
        }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        guard text.utf8.count <= 2048, !authority.isEmpty,
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !#"?#\"<>^`{|}@"#.utf8.contains($0) })
        else { return nil }
        var path = rest.dropFirst(authority.count)
        while path.hasSuffix("/") { path = path.dropLast() }
        url = scheme + authority + path
    }

    private init(unchecked url: String) {
        self.url = url
    }
}

extension HubEndpoint: CustomStringConvertible {
    /// The URL.
    public var description: String { url }
}
