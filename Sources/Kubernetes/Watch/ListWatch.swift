public import KubernetesModel

/// The objects of a resource and what becomes of them, told without a gap and without a repetition: first a list, then events;
/// after a cut the events from where they ended, or a new list where the API server has forgotten so much.
///
/// It ends only when its task is cancelled or the HTTP client is shut down; what goes wrong is told as `WatchEvent.status`. The
/// API server is held back while nobody asks for the next event.
public struct ListWatch: AsyncSequence, Sendable {
    /// An event.
    public typealias Element = WatchEvent
    /// Nothing.
    public typealias Failure = Never

    /// How a watch goes about it.
    public struct Settings: Sendable {
        /// How many objects a part of a list has at most.
        public var pageSize = 500
        /// How long the API server keeps a watch up; the real time is between this and 1.3 times this.
        public var watchTime = Duration.seconds(300)
        /// How long the connection may be silent, bookmarks included, which come every minute. Then it is taken for dead. Lists
        /// have 65 s until they begin and 30 s between their bytes where this is longer.
        public var silence = Duration.seconds(90)
        /// How long a part of a list may take as a whole.
        public var pageTime = Duration.seconds(300)
        /// The pause after the first failure; it doubles with each further one.
        public var firstPause = Duration.milliseconds(500)
        /// The longest pause between attempts.
        public var longestPause = Duration.seconds(30)
        /// The longest pause that the API server can ask for (`Retry-After`).
        public var longestToldPause = Duration.seconds(300)
        /// The pause between attempts at a resource that is not served or must not be read.
        public var unavailablePause = Duration.seconds(60)
        /// The most bytes of an event.
        public var longestEvent = 16 << 20

        /// The usual settings.
        public init() {}
    }

    let client: KubernetesClient
    let resource: GroupVersionResource
    let namespace: String?
    let selection: ObjectSelection
    let settings: Settings

    /// Starts to listen, when the first event is asked for.
    public func makeAsyncIterator() -> Iterator {
        Iterator(state: ListWatchState(self))
    }

    /// Goes through the events.
    public struct Iterator: AsyncIteratorProtocol {
        let state: ListWatchState

        /// The next event; nil when the task was cancelled.
        public mutating func next() async -> WatchEvent? {
            await state.next(isolation: #isolation)
        }

        /// The next event; nil when the task was cancelled.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> WatchEvent? {
            await state.next(isolation: actor)
        }

        /// The next events: those that came together; at least one. nil when the task was cancelled.
        public mutating func nextBatch(isolation actor: isolated (any Actor)? = #isolation) async
            -> [WatchEvent]?
        {
            await state.nextBatch(isolation: actor)
        }
    }
}

extension KubernetesClient {
    /// The objects of a resource, and what becomes of them.
    public func watch(
        _ resource: GroupVersionResource,
        namespace: String? = nil,
        _ selection: ObjectSelection = .everything,
        settings: ListWatch.Settings = .init()
    ) -> ListWatch {
        ListWatch(
            client: self,
            resource: resource,
            namespace: namespace,
            selection: selection,
            settings: settings
        )
    }
}
