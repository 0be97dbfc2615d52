import HTTPServer
import JSON
import KubernetesModel

/// Answers watches: a JSON object a line for each change (Kubernetes API concepts, "Efficient detection of changes").
struct WatchHandler: Sendable {
    let api: ClusterAPI
    let clock: any Clock<Duration>

    /// Between bookmarks, so that a client that resumes misses little.
    private static let bookmarkInterval = Duration.seconds(30)
    /// How long before the end of a watch its last bookmark comes, as upstream.
    private static let lastBookmark = Duration.seconds(2)
    /// How long a watch lasts when the client does not say: upstream ends it between 30 and 60 minutes.
    private static let lifetimeSeconds: ClosedRange<Int64> = 1800...3600

    func watch(_ request: ResourceRequest, _ answers: ObjectAnswers) throws(APIStatus) -> Response {
        let options = request.options
        let selection = try Selection(request)
        let wantsBookmarks = try options.flag("allowWatchBookmarks")
        let seconds = try options.integer("timeoutSeconds") ?? Int64.random(in: Self.lifetimeSeconds)
        let start = try self.start(options, request.definition.groupResource)
        let wantsEnd = try options.flag("sendInitialEvents") && wantsBookmarks
        let api = api
        let clock = clock
        let resource = request.definition.groupResource
        let stream = ResponseStream { writer in
            let session = WatchSession(
                api: api,
                resource: resource,
                selection: selection,
                answers: answers,
                writer: writer
            )
            do {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await clock.sleep(for: .seconds(seconds)) }
                    if wantsBookmarks {
                        group.addTask {
                            var left = Duration.seconds(seconds)
                            while true {
                                // The last one comes shortly before the end, so that the next watch begins there.
                                let last = left - Self.lastBookmark
                                let pause =
                                    last > .zero ? min(Self.bookmarkInterval, last) : Self.bookmarkInterval
                                try await clock.sleep(for: pause)
                                left -= pause
                                await session.requestBookmark()
                            }
                        }
                    }
                    group.addTask { try await session.run(from: start, endsInitialEvents: wantsEnd) }
                    // Whichever ends first ends the watch: its time, or the client.
                    _ = try await group.next()
                    group.cancelAll()
                }
            } catch let status as APIStatus {
                try await writer.write(WatchSession.line("ERROR", status.json))
            } catch is CancellationError {
                return []
            }
            return []
        }
        var response = Response(contentType: .json, body: .stream(stream))
        response.fields = []
        return response
    }

    /// Where the watch begins.
    private func start(_ options: RequestOptions, _ resource: GroupResource) throws(APIStatus)
        -> WatchSession.Start
    {
        let text = options.query["resourceVersion"] ?? ""
        let sendsInitial = try options.flag("sendInitialEvents")
        if text.isEmpty || text == "0" {
            return sendsInitial || options.query["sendInitialEvents"] == nil ? .state(atLeast: 0) : .now
        }
        guard let revision = UInt64(text) else {
            throw APIStatus.badRequest("resourceVersion: Invalid value: \"\(text)\": must be a number")
        }
        if sendsInitial { return .state(atLeast: revision) }
        if case .expired(let oldest) = api.store.look(at: resource, since: revision) {
            throw APIStatus.resourceVersionTooOld(revision, oldest: oldest)
        }
        return .revision(revision)
    }
}

/// One watch, as it goes on.
actor WatchSession {
    enum Start: Sendable {
        /// What is there, as if it had just been added, and then the changes; refused unless it is of that revision or a later one.
        case state(atLeast: UInt64)
        /// The changes from now on.
        case now
        /// The changes since then. As upstream's cache has it, that may be in the future: nothing is told before.
        case revision(UInt64)
    }

    private let api: ClusterAPI
    private let resource: GroupResource
    private let selection: Selection
    private let answers: ObjectAnswers
    private let writer: ResponseBodyWriter
    private var isFirst = true
    private var complete: UInt64 = 0
    private var isWriting = false

    init(
        api: ClusterAPI,
        resource: GroupResource,
        selection: Selection,
        answers: ObjectAnswers,
        writer: ResponseBodyWriter
    ) {
        self.api = api
        self.resource = resource
        self.selection = selection
        self.answers = answers
        self.writer = writer
    }

    func run(from start: Start, endsInitialEvents: Bool) async throws {
        let revision: UInt64
        switch start {
        case .revision(let given): revision = given
        case .now: revision = api.state.revision
        case .state(let least):
            let state = api.state
            guard state.revision >= least else {
                throw APIStatus.resourceVersionTooLarge(least, current: state.revision)
            }
            revision = state.revision
            for object in selection.objects(of: resource, in: state) { try await send("ADDED", object) }
        }
        complete = revision
        if endsInitialEvents { try await writer.write(bookmarkLine(endsInitialEvents: true)) }
        var iterator = api.store.changes(of: resource, since: revision).makeAsyncIterator()
        while let batch = try await iterator.next() {
            isWriting = true
            for change in batch.changes {
                if let (type, object) = event(for: change) { try await send(type, object) }
            }
            complete = batch.revision
            isWriting = false
        }
    }

    /// Sends a bookmark, unless events are under way.
    func requestBookmark() async {
        guard !isWriting, complete > 0, complete <= api.state.revision else { return }
        if case .changes(let changes, let upTo) = api.store.look(at: resource, since: complete),
            changes.isEmpty
        {
            complete = max(complete, upTo)
        }
        try? await writer.write(bookmarkLine(endsInitialEvents: false))
    }

    private func bookmarkLine(endsInitialEvents: Bool) -> [UInt8] {
        Self.line("BOOKMARK", answers.bookmark(complete, endsInitialEvents: endsInitialEvents))
    }

    /// What a change is to this watch: an object that begins to be selected is added, one that ceases to be is deleted.
    private func event(for change: Change) -> (String, KubernetesObject)? {
        let before = change.previous.map(selection.contains) ?? false
        let after = change.current.map(selection.contains) ?? false
        switch (before, after) {
        case (false, true): return change.current.map { ("ADDED", $0) }
        case (true, true): return change.current.map { ("MODIFIED", $0) }
        case (true, false):
            return change.previous.map { previous in
                var gone = change.current ?? previous
                if change.current != nil { gone = previous }
                gone.resourceVersion = String(change.revision)
                return ("DELETED", gone)
            }
        case (false, false): return nil
        }
    }

    private func send(_ type: String, _ object: KubernetesObject) async throws {
        let line = Self.line(type, answers.event(object, isFirst: isFirst))
        isFirst = false
        try await writer.write(line)
    }

    static func line(_ type: String, _ object: JSONValue) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("type")
            writer.string(type)
            writer.key("object")
            writer.value(object)
        }
        var bytes = writer.take()
        bytes.append(0x0A)
        return bytes
    }
}
