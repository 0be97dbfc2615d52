public import HTTPClient
public import KubernetesModel

/// Why a request to the API server did not do what it should. It shows no secret.
public enum KubernetesError: Error, Sendable, Hashable {
    /// The API server refused, and says why.
    case status(APIStatus)
    /// No complete answer came from the API server.
    case unreachable(HTTPClientError)
    /// There are no credentials to ask with; the reason in words.
    case credentials(String)
    /// The answer is not what the API promises; the matter in words.
    case decoding(String)
}

extension KubernetesError {
    /// What the API server said, if it said something.
    public var status: APIStatus? {
        if case .status(let status) = self { status } else { nil }
    }

    /// There is no such object, or no such resource.
    public var isNotFound: Bool { status?.code == 404 }
    /// The object has changed, or a field belongs to another manager.
    public var isConflict: Bool { status?.code == 409 && !isAlreadyExists }
    /// There is such an object already.
    public var isAlreadyExists: Bool { status?.reason == .alreadyExists }
    /// The resource version or the continue token is too old.
    public var isGone: Bool {
        status.map { $0.code == 410 || $0.reason == .gone || $0.reason == .expired } ?? false
    }
    /// The caller may not do this.
    public var isForbidden: Bool { status?.code == 403 }
    /// The caller is not known.
    public var isUnauthorized: Bool { status?.code == 401 }
    /// The object breaks rules.
    public var isInvalid: Bool { status?.code == 422 }
    /// The client must slow down.
    public var isTooManyRequests: Bool { status?.code == 429 }
    /// The API server cannot answer just now: it is away, or says so itself.
    public var isUnavailable: Bool {
        switch self {
        case .unreachable(let error): error.kind != .invalidRequest && error.kind != .cancelled
        case .status(let status): [502, 503, 504].contains(status.code)
        case .credentials, .decoding: false
        }
    }
    /// The task was cancelled, or the HTTP client shut down.
    public var isCancelled: Bool {
        if case .unreachable(let error) = self { error.kind == .cancelled } else { false }
    }
    /// How long the API server wants not to be asked again; nil when it says nothing about it.
    public var retryAfter: Duration? {
        status?.retryAfterSeconds.map { .seconds($0) }
    }
}

extension KubernetesError: CustomStringConvertible {
    /// What went wrong, for people.
    public var description: String {
        switch self {
        case .status(let status):
            status.message.isEmpty ? "the API server answered with status \(status.code)" : status.message
        case .unreachable(let error): error.description
        case .credentials(let reason), .decoding(let reason): reason
        }
    }
}
