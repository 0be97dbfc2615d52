internal import HTTPClient
internal import HTTPTypes
internal import JSON

/// Whose token it is.
public struct HubUser: Sendable, Hashable {
    /// The Hub's number for the user.
    public var id: String
    /// The user's name on the Hub.
    public var name: String
    /// The name that people read.
    public var fullName: String
    /// The user's address, where the token may see it.
    public var email: String?
    /// The URL of a picture.
    public var avatarURL: String?
    /// The names of the organisations that the user belongs to.
    public var organizations: [String]

    /// A user.
    public init(
        id: String,
        name: String,
        fullName: String,
        email: String? = nil,
        avatarURL: String? = nil,
        organizations: [String] = []
    ) {
        self.id = id
        self.name = name
        self.fullName = fullName
        self.email = email
        self.avatarURL = avatarURL
        self.organizations = organizations
    }
}

extension HubClient {
    /// Whose token it is.
    ///
    /// - Throws: `HubError`; `unauthorized` when the token is nobody's.
    public func user(_ token: HubToken) async throws(HubError) -> HubUser {
        let response = try await answer("/api/whoami-v2", token: token)
        let json = try json(response)
        guard let name = json["name"]?.stringValue else {
            throw HubError(.badAnswer, "the Hub's answer names no user", status: response.status.code)
        }
        let avatar = json["avatarUrl"]?.stringValue
        return HubUser(
            id: json["id"]?.stringValue ?? "",
            name: name,
            fullName: json["fullname"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 } ?? name,
            email: json["email"]?.stringValue,
            avatarURL: avatar.map { $0.hasPrefix("/") ? configuration.endpoint.url + $0 : $0 },
            organizations: json["orgs"]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
        )
    }
}
