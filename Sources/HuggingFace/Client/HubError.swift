/// Why the Hub gave no answer that can be used. It shows no token.
public struct HubError: Error, Sendable, Hashable {
    /// What went wrong, in one word.
    public enum Kind: Sendable, Hashable, CaseIterable {
        /// What was asked for cannot be asked: a path that no file has, for example.
        case invalidRequest
        /// There is no such repository, revision or file, or the user may not know of it.
        case notFound
        /// The token is wrong, or one is needed.
        case unauthorized
        /// The repository's owner lets in only those who have accepted terms; the user has not, or is not known.
        case gated
        /// The user may not do this.
        case forbidden
        /// Too many requests came from this user or address.
        case rateLimited
        /// The Hub says that it cannot answer just now, or has failed.
        case unavailable
        /// No complete answer came in time.
        case timeout
        /// No connection came about, or it was cut.
        case unreachable
        /// The answer is not what the Hub's API promises.
        case badAnswer
        /// The file or the answer has more bytes than are wanted.
        case tooLarge
        /// The task was cancelled, or the HTTP client shut down.
        case cancelled
    }

    /// What went wrong.
    public var kind: Kind
    /// What went wrong, for people.
    public var message: String
    /// The status of the Hub's answer, where there was one: 401 or 403 for a gated repository, for example.
    public var status: Int?
    /// The Hub's own word for it, as `EntryNotFound`, where it has one.
    public var code: String?
    /// How long the Hub wants not to be asked again; nil when it does not say.
    public var retryAfter: Duration?

    /// An error of that kind.
    public init(
        _ kind: Kind,
        _ message: String,
        status: Int? = nil,
        code: String? = nil,
        retryAfter: Duration? = nil
    ) {
        self.kind = kind
        self.message = message
        self.status = status
        self.code = code
        self.retryAfter = retryAfter
    }

    /// Whether the same question may get an answer later, though nobody changes anything.
    public var isTransient: Bool {
        switch kind {
        case .rateLimited, .unavailable, .timeout, .unreachable: true
        case .invalidRequest, .notFound, .unauthorized, .gated, .forbidden, .badAnswer, .tooLarge, .cancelled:
            false
        }
    }

    /// Whether the repository is there and the file is not.
    public var isFileMissing: Bool {
        kind == .notFound && status == 404 && (code == nil || code == "EntryNotFound")
    }

    static let cancelled = HubError(.cancelled, "the request was cancelled")
}

extension HubError: CustomStringConvertible {
    /// The message.
    public var description: String { message }
}
