import ControlPlane
import HTTPServer
import HTTPTypes
import JSON
import Runtimes

/// `GET /api/deployments/events`: deployments as they are, and then each change, by server-sent events or a WebSocket.
enum DeploymentEventRoutes {
    static func routes(cluster: ClusterAccess) -> [Route] {
        let lookup = DeploymentLookup(cluster: cluster)
        let texts = DeploymentEventTexts()
        return [
            Route(
                .get,
                "/api/deployments/events",
                access: .viewer,
                documentation: documentation,
                handler: .immediate { request, response in
                    let query = request.query
                    let namespace = try DeploymentLookup.namespace(query)
                    let known = try lookup.known(&response)
                    let start = try position(request, query, cluster, known)
                    let follower = DeploymentFollower(
                        index: cluster.deployments,
                        texts: texts,
                        namespace: namespace
                    )
                    if request[.upgrade] != nil {
                        response.body = .webSocket(WebSocketUpgrade { try await follow(follower, start, $0) })
                        return
                    }
                    response.contentType = .eventStream
                    response.add(.cacheControl, "no-store")
                    response.body = .stream(
                        ResponseStream(heartbeat: heartbeat) { writer in
                            try await follower.run(
                                after: start,
                                DeploymentEventStream(writer: writer, texts: texts)
                            )
                            return []
                        }
                    )
                }
            )
        ]
    }

    /// A comment, which clients pass over: some proxies cut off what is silent for half a minute.
    private static let heartbeat = ResponseStream.Heartbeat(
        interval: .seconds(15),
        bytes: Array(":\n\n".utf8)
    )

    private static func follow(_ follower: DeploymentFollower, _ start: UInt64?, _ socket: WebSocket)
        async throws
    {
        try await withThrowingTaskGroup(of: Void.self) { group in
            // What clients say is not listened to, but must not pile up: behind it stands their goodbye.
            group.addTask { while await socket.next() != nil {} }
            group.addTask {
                let sink = DeploymentEventSocket(socket: socket, texts: follower.texts)
                try await follower.run(after: start, sink)
            }
            try await group.next()
            group.cancelAll()
        }
    }

    private static let lastEventID = HTTPField.Name("Last-Event-ID")

    /// The change behind which to begin; nil for a beginning with all deployments.
    ///
    /// - Throws: 410 for one that is not known any more.
    private static func position(
        _ request: borrowing Request,
        _ query: QueryParameters,
        _ cluster: ClusterAccess,
        _ known: DeploymentSnapshot
    ) throws(HTTPError) -> UInt64? {
        // A client that connects again sends the newer one in the field, and the address as it was.
        let field = lastEventID.flatMap { request[$0] }.flatMap { $0.isEmpty ? nil : $0 }
        guard let text = field ?? query["lastEventId"] else { return nil }
        guard let id = DeploymentEventID(text), id.revision <= known.revision,
            case .changes = cluster.deployments.changes.changes(after: id.revision)
        else {
            throw HTTPError(
                .gone,
                code: "GONE",
                message:
                    "the changes behind that event are not known any more; begin anew without an event's id"
            )
        }
        return id.revision
    }

    private static var documentation: Route.Documentation {
        .init(
            operationID: "followDeployments",
            summary: "Follow deployments as they change",
            description: """
                First an event `snapshot` with `{"deployments": […]}`, then for every change an event `changed` with the deployment as \
                `GET /api/deployments/{name}` tells of it, or `deleted` with its `name`, `namespace` and `provider`. With the id of the \
                last event that was received, the changes behind it are told instead of a snapshot. A client that is slower than the \
                changes is told of the newest state only, by a new snapshot where need be. A comment every 15 seconds keeps the \
                connection open.

                The same is told over a WebSocket: each message is a JSON object with `type`, `id` and `data`. A `bookmark`, which has no \
                `data`, tells up to which id there was nothing to tell.

                Whoever may not follow any more is told so by an event `error`, the last one, or by the close code 1008.
                """,
            tag: "Deployments",
            parameters: [
                DeploymentLookup.namespace("Only those in this namespace"),
                .init(
                    .header,
                    "Last-Event-ID",
                    "The id of the last event that was received",
                    schema: .string
                ),
                .init(
                    .query,
                    "lastEventId",
                    "The same, for clients that cannot set fields; the field counts where both are given",
                    schema: .string
                ),
            ],
            answers: [
                .init(200, "The events.", mediaType: "text/event-stream", schema: EventStreamSchema.event),
                .init(101, "The connection is a WebSocket."),
                .init(400, "A parameter has a value that it cannot have.", json: ErrorBody.self),
                .init(410, "The changes behind that event are not known any more.", json: ErrorBody.self),
                .init(503, "The cluster has not been read yet.", json: ErrorBody.self),
            ]
        )
    }
}
