internal import HTTPClient
internal import KubernetesModel

/// Where a ``ListWatch`` stands. One task at a time uses it.
final class ListWatchState {
    /// What to do next.
    private enum Step {
        /// Begin a list.
        case list
        /// Go on with a list.
        case page(continueToken: String)
        /// Watch from the last resource version.
        case watch
        /// Read on in an open watch.
        case read(HTTPClientBody.AsyncIterator)
    }

    private let watch: ListWatch
    private var step = Step.list
    /// Events that are there already, the next one last.
    private var waiting: [WatchEvent] = []
    private var backoff: Backoff
    /// Up to where everything has been told.
    private var resourceVersion = ""
    private var lines: LineSplitter
    /// When the open watch began.
    private var watchStart = Duration.zero
    /// Whether the open watch has told something.
    private var hasProgress = false
    private var fruitlessWatches = 0
    private var status: WatchStatus?
    /// How long to wait before the next step.
    private var pause: Duration?

    private var client: KubernetesClient { watch.client }
    private var timing: Timing { watch.client.timing }

    init(_ watch: ListWatch) {
        self.watch = watch
        backoff = Backoff(first: watch.settings.firstPause, longest: watch.settings.longestPause)
        lines = LineSplitter(longest: watch.settings.longestEvent)
    }

    // MARK: Events

    func next(isolation actor: isolated (any Actor)?) async -> WatchEvent? {
        if waiting.isEmpty {
            guard let batch = await nextBatch(isolation: actor) else { return nil }
            waiting = batch.reversed()
        }
        return waiting.popLast()
    }

    func nextBatch(isolation actor: isolated (any Actor)?) async -> [WatchEvent]? {
        if !waiting.isEmpty {
            defer { waiting = [] }
            return waiting.reversed()
        }
        while !Task.isCancelled {
            var events: [WatchEvent] = []
            do throws(KubernetesError) {
                try await advance(&events, isolation: actor)
            } catch {
                if error.isCancelled { return nil }
                recover(from: error, &events)
            }
            if !events.isEmpty { return events }
        }
        return nil
    }

    /// Takes the next step, after the pause that was called for.
    private func advance(
        _ events: inout [WatchEvent],
        isolation actor: isolated (any Actor)?
    ) async throws(KubernetesError) {
        if let pause {
            self.pause = nil
            do {
                try await timing.sleep(pause)
            } catch {
                throw .unreachable(HTTPClientError(.cancelled, host: "", reason: "the task was cancelled"))
            }
        }
        switch step {
        case .list: try await list(nil, &events, isolation: actor)
        case .page(let token): try await list(token, &events, isolation: actor)
        case .watch: try await open(&events, isolation: actor)
        case .read(var iterator): try await read(&iterator, &events, isolation: actor)
        }
    }

    // MARK: Listing

    private func list(
        _ token: String?,
        _ events: inout [WatchEvent],
        isolation actor: isolated (any Actor)?
    ) async throws(KubernetesError) {
        var call = try client.pageCall(
            watch.resource,
            watch.namespace,
            watch.selection,
            watch.settings.pageSize,
            token
        )
        call.waitsWhenTold = false
        call.deadlines.firstByte = call.deadlines.firstByte.map { min($0, watch.settings.silence) }
        call.deadlines.idle = call.deadlines.idle.map { min($0, watch.settings.silence) }
        call.deadlines.total = watch.settings.pageTime
        let page = try ListPage(await client.bytes(call))
        if let token, page.continueToken == token {
            throw .decoding("a list does not get on: a part of it leads to itself")
        }
        if token == nil { events.append(.listing) }
        events.reserveCapacity(page.items.count + 2)
        for item in page.items {
            let bytes = Array(page.bytes[item.range])
            events.append(.listed(WatchedObject(bytes: bytes, resourceVersion: item.resourceVersion)))
        }
        if let next = page.continueToken {
            step = .page(continueToken: next)
        } else {
            resourceVersion = page.resourceVersion
            step = .watch
            // The list was good news; when the watch fails as it did before, that is to be told again.
            if status != .connected { status = nil }
            events.append(.synced(resourceVersion: resourceVersion))
        }
    }

    // MARK: Watching

    private func open(
        _ events: inout [WatchEvent],
        isolation actor: isolated (any Actor)?
    ) async throws(KubernetesError) {
        let settings = watch.settings
        var call = APICall(try ResourcePath.path(watch.resource, namespace: watch.namespace))
        call.add(watch.selection)
        let time = settings.watchTime * (1 + 0.3 * timing.random())
        call.parameters += [
            ("watch", "true"), ("allowWatchBookmarks", "true"), ("resourceVersion", resourceVersion),
            ("timeoutSeconds", String(max(1, time.components.seconds))),
        ]
        call.deadlines = HTTPClientDeadlines(
            connect: .seconds(10),
            firstByte: min(settings.silence, .seconds(30)),
            idle: settings.silence,
            // A server that does not end the watch itself.
            total: time + settings.silence
        )
        // Compressed events would wait for one another.
        call.acceptsCompression = false
        call.waitsWhenTold = false
        let response = try await client.send(call)
        lines = LineSplitter(longest: settings.longestEvent)
        watchStart = timing.now()
        hasProgress = false
        step = .read(response.body.makeAsyncIterator())
        if let event = change(to: .connected) { events.append(event) }
    }

    private func read(
        _ iterator: inout HTTPClientBody.AsyncIterator,
        _ events: inout [WatchEvent],
        isolation actor: isolated (any Actor)?
    ) async throws(KubernetesError) {
        let chunk: [UInt8]?
        do {
            chunk = try await iterator.next(isolation: actor)
        } catch {
            if error.kind == .cancelled { throw .unreachable(error) }
            chunk = nil
        }
        guard let chunk else {
            endWatch(&events)
            return
        }
        try lines.add(chunk) { (line) throws(KubernetesError) in
            switch try WatchLine(line) {
            case .event(let event, let version):
                resourceVersion = version
                hasProgress = true
                fruitlessWatches = 0
                events.append(event)
            case .error(let status): throw .status(status)
            }
        }
    }

    /// Goes on after the end of a watch, be it as agreed, a cut or silence. That is no failure unless the next attempt fails; only,
    /// a watch that ended at once must not be opened again at once.
    private func endWatch(_ events: inout [WatchEvent]) {
        step = .watch
        let lasted = timing.now() - watchStart
        if hasProgress || lasted >= watch.settings.longestPause { backoff.reset() }
        guard lasted < .seconds(1) else { return }
        let pause = backoff.pause(least: nil, random: timing.random())
        self.pause = pause
        if pause >= Self.longestUntoldPause,
            let event = change(to: .interrupted(.decoding("the API server ends each watch at once")))
        {
            events.append(event)
        }
    }

    // MARK: Failures

    /// A longer time without a watch is told as an interruption, whatever its reason.
    private static let longestUntoldPause = Duration.seconds(1)
    /// How many watches in a row ended with an error before they told anything.
    private static let mostFruitlessWatches = 5

    /// Decides how to go on after an error.
    private func recover(from error: KubernetesError, _ events: inout [WatchEvent]) {
        if case .read = step, timing.now() - watchStart >= watch.settings.longestPause { backoff.reset() }
        let random = timing.random()
        let retryAfter = error.retryAfter.map { min($0, watch.settings.longestToldPause) }
        if error.isGone {
            // Nothing is wrong, too much has happened.
            step = .list
            let pause = backoff.pause(least: retryAfter, random: random)
            self.pause = pause
            if pause >= Self.longestUntoldPause, let event = change(to: .interrupted(error)) {
                events.append(event)
            }
            return
        }
        if error.isForbidden || error.isNotFound {
            step = .list
            pause = watch.settings.unavailablePause * (0.75 + 0.5 * random)
            if let event = change(to: .unavailable(error)) { events.append(event) }
            return
        }
        step = nextStep(after: error)
        pause = backoff.pause(least: retryAfter, random: random)
        if let event = change(to: .interrupted(error)) { events.append(event) }
    }

    private func nextStep(after error: KubernetesError) -> Step {
        switch (step, error) {
        case (.list, _): return .list
        // The server takes neither token nor version, be it that it was set back.
        case (_, .status(let status)) where status.rejectsResourceVersion: return .list
        case (.page, .decoding): return .list
        case (.page(let token), _): return .page(continueToken: token)
        case (.watch, .status(let status)) where status.code != 500: return .watch
        case (.watch, .status), (.read, _):
            fruitlessWatches += 1
            guard fruitlessWatches < Self.mostFruitlessWatches else {
                fruitlessWatches = 0
                return .list
            }
            return .watch
        case (.watch, _): return .watch
        }
    }

    /// Notes the status; returns an event when it is another one than before.
    private func change(to new: WatchStatus) -> WatchEvent? {
        guard status != new else { return nil }
        status = new
        return .status(new)
    }
}

extension APIStatus {
    /// Whether a watch or a list cannot go on from its resource version or token, ever.
    fileprivate var rejectsResourceVersion: Bool {
        code == 400 || code == 422 || causes.contains { $0.reason == "ResourceVersionTooLarge" }
    }
}
