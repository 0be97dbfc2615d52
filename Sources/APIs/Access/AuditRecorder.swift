public import Audit
public import HTTPServer
import HTTPTypes
import JSON
import KubernetesModel
public import Logging

/// Writes requests that may have changed something to the audit log.
///
/// The line is on the disk before the answer goes out. A change whose line cannot be written has happened all the same, and is
/// answered as what it is; but no further change is made until the log can be written again.
public struct AuditRecorder: ChangeRecorder {
    private let log: AuditLog
    private let logger: Logger

    /// A recorder.
    public init(_ log: AuditLog, logger: Logger) {
        self.log = log
        self.logger = logger
    }

    // MARK: ChangeRecorder

    /// 503 while the log cannot be written.
    public func obstacle() -> HTTPError? {
        log.obstacle.map { _ in
            HTTPError(
                .serviceUnavailable,
                code: "AUDIT_UNAVAILABLE",
                message:
                    "nothing may be changed while the audit log cannot be written; the server's log says why",
                fields: [HTTPField(name: .retryAfter, value: "2")]
            )
        }
    }

    /// Writes the line of a request. Requests of nobody, which were refused for that, have none: they would let anybody fill the log.
    public func record(_ change: RecordedChange) async {
        if change.isRefused, change.request.principal == nil { return }
        do throws(AuditFailure) {
            try await log.append(Self.entry(change))
        } catch {
            logger.critical(
                "a change is missing from the audit log",
                metadata: ["error": "\(error)", "request_id": "\(change.request.id)"]
            )
        }
    }

    private static func entry(_ change: RecordedChange) -> AuditEntry {
        let request = change.request
        return AuditEntry(
            time: .now(),
            user: request.principal?.name ?? "",
            remote: "\(request.remoteAddress)",
            method: request.method.rawValue,
            route: "\(change.route.path)",
            object: object(request, change.route),
            status: change.status,
            isRefused: change.isRefused,
            requestID: request.id
        )
    }

    // MARK: What it was about

    /// The members of a body that name an object. What else it holds may be secret.
    private static let namingMembers = ["name", "namespace", "provider", "providerId"]
    /// Larger bodies are not looked into: what they are about is in the path.
    private static let largestBody = 256 * 1024

    private static func object(_ request: Request, _ route: Route) -> [AuditEntry.Part] {
        var parts: [AuditEntry.Part] = []
        for name in route.path.parameterNames {
            if let value = request.parameters[name] { parts.append(.init(name, value)) }
        }
        let query = request.query
        for name in ["namespace", "provider"] {
            if let value = query[name], isName(value) { parts.append(.init(name, value)) }
        }
        if !request.body.isEmpty, request.body.count <= largestBody,
            let body = try? JSONValue(parsing: request.body)
        {
            for name in namingMembers where !parts.contains(where: { $0.key == name }) {
                if let value = body[name]?.stringValue, isName(value) { parts.append(.init(name, value)) }
            }
        }
        return parts
    }

    /// Whether a text is a name as Kubernetes' objects have it; a token of the Hub has underscores and capitals.
    private static func isName(_ text: String) -> Bool {
        NameSyntax.isSubdomain(text)
    }
}
