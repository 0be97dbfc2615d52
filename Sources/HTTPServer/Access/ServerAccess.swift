/// Who may call a server's routes, and where changes are recorded.
public struct ServerAccess: Sendable {
    /// Decides who may call what; nil when everybody may call everything.
    public var requestGuard: (any RequestGuard)?
    /// Records changes; nil for no records.
    public var recorder: (any ChangeRecorder)?

    /// By default everybody may call everything, and nothing is recorded.
    public init(requestGuard: (any RequestGuard)? = nil, recorder: (any ChangeRecorder)? = nil) {
        self.requestGuard = requestGuard
        self.recorder = recorder
    }
}
