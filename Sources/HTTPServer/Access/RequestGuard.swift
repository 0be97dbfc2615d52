/// Decides who may call which route. The server asks it in one place, before any handler, for every route but those for anyone.
public protocol RequestGuard: Sendable {
    /// Why a request is turned away before its body is read; nil to go on. It runs on the event loop and needs memory only.
    func screen(_ request: borrowing Request, to route: Route) -> HTTPError?

    /// Whether a request, whose body is there, goes on to its handler. It runs on the event loop: what is not known yet is found
    /// out by the operation of ``RequestAdmission/pending(_:)``, off the loop.
    func admit(_ request: Request, to route: Route) -> RequestAdmission

    /// How it is asked whether the caller of an admitted request may go on to have an answer that is a stream or a WebSocket; nil
    /// where what was said when it began holds to its end.
    func renewal(of request: Request, to route: Route) -> AccessRenewal?
}

/// What a guard says of a request.
public enum RequestAdmission: Sendable {
    /// It is known.
    case decided(AccessVerdict)
    /// It is being found out.
    case pending(@Sendable () async -> AccessVerdict)
}

/// Whether a request goes on to its handler.
public enum AccessVerdict: Sendable {
    /// It does, and this is who makes it.
    case admitted(Principal)
    /// It is answered with this failure; the user is known where only a permission is missing.
    case refused(HTTPError, Principal?)
}
