import ControlPlane
import HTTPServer
import HTTPTypes
import JSON
import Runtimes

/// `GET /api/deployments/{name}/logs`: what the pods of a deployment have written, and what they write.
enum DeploymentLogRoutes {
    static func routes(cluster: ClusterAccess) -> [Route] {
        let lookup = DeploymentLookup(cluster: cluster)
        let reader = DeploymentLogReader(cluster: cluster)
        return [
            Route(
                .get,
                "/api/deployments/{name}/logs",
                access: .viewer,
                documentation: documentation,
                handler: .asynchronous { request in
                    try await answer(request, lookup, reader)
                }
            )
        ]
    }

    private static let documentation = Route.Documentation(
        operationID: "getDeploymentLogs",
        summary: "Read or follow the logs of a deployment's pods",
        description: """
            The lines of several pods are merged by time, and each begins with its pod. Of pods that are gone the last lines can be \
            read for an hour.

            With `follow=true` the answer goes on until the deployment is gone, or the one pod that is asked for: as server-sent events \
            whose data is a JSON object with `pod`, `container`, `line` and, with `timestamps`, `time`, unless `Accept` asks for \
            `text/plain`. Events of the type `note` tell in `message` what happens to a pod; the event `end` is the last one. In plain \
            text notes are lines that begin with `---`; one that has nothing more keeps a silent connection open.
            """,
        tag: "Deployments",
        parameters: DeploymentLookup.parameters + DeploymentLogParameters.documentation,
        answers: [
            .init(200, "The lines as JSON.", json: DeploymentLogBody.self),
            .init(200, "Or as text.", mediaType: "text/plain", schema: .string()),
            .init(
                200,
                "Or, with `follow`, as events.",
                mediaType: "text/event-stream",
                schema: EventStreamSchema.event
            ),
        ] + DeploymentLookup.failures + [
            .init(403, "The cluster does not let Ingot read logs.", json: ErrorBody.self),
            .init(502, "The API server failed.", json: ErrorBody.self),
        ]
    )

    private static func answer(
        _ request: Request,
        _ lookup: DeploymentLookup,
        _ reader: DeploymentLogReader
    ) async throws -> Response {
        let parameters = try DeploymentLogParameters(request.query)
        let form = AnswerForm(request[.accept], follows: parameters.follows)
        var response = Response()
        let record: DeploymentRecord
        do throws(HTTPError) {
            record = try lookup.find(request, &response)
        } catch {
            guard error.status == .notFound, let log = try kept(request, parameters, lookup, reader) else {
                throw error
            }
            set(log, parameters, form, &response)
            return response
        }
        do throws(DeploymentLogFailure) {
            guard parameters.follows else {
                set(try await reader.read(record, parameters.query), parameters, form, &response)
                return response
            }
            let log = try reader.follow(record, parameters.query)
            let style = LogLineStyle(
                hasPods: parameters.query.podName == nil,
                hasTimestamps: parameters.hasTimestamps
            )
            return form == .text
                ? Response(text: log, style: style)
                : Response(events: log, hasTimestamps: parameters.hasTimestamps)
        } catch {
            throw HTTPError(error, deployment: record.reading.name)
        }
    }

    /// What was kept of the pods of a deployment that is gone; nil for nothing, and for those who wait for more.
    private static func kept(
        _ request: Request,
        _ parameters: DeploymentLogParameters,
        _ lookup: DeploymentLookup,
        _ reader: DeploymentLogReader
    ) throws(HTTPError) -> DeploymentLog? {
        guard !parameters.follows, let name = request.parameters["name"] else { return nil }
        let namespace = try DeploymentLookup.namespace(request.query)
        let provider = request.query["provider"]
        let keys = reader.keptDeployments(named: name, namespace: namespace).filter {
            provider == nil || $0.runtime.rawValue == provider
        }
        let namespaces = Set(keys.map(\.namespace)).sorted()
        guard namespaces.count < 2 else {
            throw .badParameter(
                "namespace",
                "required here: \(namespaces.alternatives) each had a deployment \(name)"
            )
        }
        for key in keys {
            if let log = reader.kept(key, parameters.query) { return log }
        }
        return nil
    }

    private static func set(
        _ log: DeploymentLog,
        _ parameters: DeploymentLogParameters,
        _ form: AnswerForm,
        _ response: inout Response
    ) {
        let body = DeploymentLogBody(log: log, hasTimestamps: parameters.hasTimestamps)
        guard form == .text else { return response.setJSON(body) }
        response.contentType = .text
        response.body = .bytes(Array(body.text.utf8))
    }
}

/// In which of its forms the client wants the answer.
private enum AnswerForm {
    case json, text, events

    /// The first of the forms that `Accept` names; a browser or curl, which name none, get JSON, or events when they follow.
    init(_ accept: String?, follows: Bool) {
        let named: [AnswerForm] = (accept ?? "").split(separator: ",").compactMap { range in
            switch range.prefix(while: { $0 != ";" }).filter({ $0 != " " }).lowercased() {
            case "text/plain": .text
            case "text/event-stream": follows ? .events : nil
            case "application/json": follows ? nil : .json
            default: nil
            }
        }
        self = named.first ?? (follows ? .events : .json)
    }
}

extension HTTPError {
    /// Why logs cannot be read.
    init(_ failure: DeploymentLogFailure, deployment: String) {
        switch failure {
        case .notItsPod(let name):
            self = .badParameter("podName", "Pod '\(name)' is not part of deployment '\(deployment)'")
        case .noSuchContainer(let name, let known):
            self = .badParameter(
                "container",
                known.isEmpty
                    ? "there is no container \(name)"
                    : "there is no container \(name); there are \(known.joined(separator: ", "))"
            )
        case .kubernetes(let error): self.init(error, doing: "read the logs")
        case .unavailable: self = .clusterUnavailable("no cluster is configured")
        }
    }
}
