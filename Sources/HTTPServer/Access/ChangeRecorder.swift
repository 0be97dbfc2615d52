/// Keeps a record of every request that may change something.
public protocol ChangeRecorder: Sendable {
    /// Why no change may be made now; nil when what is made will be recorded.
    func obstacle() -> HTTPError?

    /// Keeps the record of a request, and returns when it is kept. The answer goes out after that. It is called also for tasks that
    /// have been cancelled, and does not heed that.
    func record(_ change: RecordedChange) async
}

/// A request that may have changed something, and how it ended.
public struct RecordedChange: Sendable {
    /// The request.
    public let request: Request
    /// Its route.
    public let route: Route
    /// The status code of the answer; 499 where the client went away before there was one.
    public let status: Int
    /// Whether it was refused before its handler saw it.
    public let isRefused: Bool
}
