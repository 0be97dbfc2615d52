internal import HTTPClient
internal import HTTPTypes
public import JSON
internal import KubernetesModel

/// Which part of a pod's log to read.
public struct LogOptions: Sendable, Hashable {
    /// The container; nil where the pod has one.
    public var container: String?
    /// Whether to wait for what is yet to be written.
    public var follows = false
    /// Whether to read the log of the container's instance before the last restart.
    public var isPrevious = false
    /// Nothing older than this, seconds.
    public var sinceSeconds: Int?
    /// Nothing older than this.
    public var sinceTime: Timestamp?
    /// The last lines, so many.
    public var tailLines: Int?
    /// Whether each line begins with its time.
    public var hasTimestamps = false
    /// The most bytes.
    public var limitBytes: Int?

    /// The whole log as it is now.
    public init() {}
}

/// The bytes of a pod's log, chunk by chunk as they come; lines may be cut anywhere.
public struct PodLogs: AsyncSequence, Sendable {
    /// Some bytes, one at least.
    public typealias Element = [UInt8]
    /// Why the rest does not come.
    public typealias Failure = KubernetesError

    let body: HTTPClientBody

    /// Begins to read.
    public func makeAsyncIterator() -> Iterator {
        Iterator(body: body.makeAsyncIterator())
    }

    /// Reads the log.
    public struct Iterator: AsyncIteratorProtocol {
        var body: HTTPClientBody.AsyncIterator

        /// The next bytes; nil at the end.
        public mutating func next() async throws(KubernetesError) -> [UInt8]? {
            try await next(isolation: nil)
        }

        /// The next bytes; nil at the end.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(KubernetesError) -> [UInt8]? {
            do {
                return try await body.next(isolation: actor)
            } catch {
                throw .unreachable(error)
            }
        }
    }

    /// The whole log.
    ///
    /// - Throws: `KubernetesError`; it has the kind `tooLarge` when there are more bytes than the limit.
    public func collect(upTo limit: Int) async throws(KubernetesError) -> [UInt8] {
        do {
            return try await body.collect(upTo: limit)
        } catch {
            throw .unreachable(error)
        }
    }
}

extension KubernetesClient {
    /// Opens a pod's log. With `follows` it returns when there is a first byte or the container has ended.
    ///
    /// - Throws: `KubernetesError`; a status of 400 while the container has not started.
    public func logs(
        pod: String,
        namespace: String,
        _ options: LogOptions = LogOptions()
    ) async throws(KubernetesError) -> PodLogs {
        let pods = GroupVersionResource(version: "v1", resource: "pods")
        var call = APICall(try ResourcePath.path(pods, namespace: namespace, name: pod, subresource: "log"))
        call.headers[.accept] = "*/*"
        call.add("container", options.container)
        call.add("follow", options.follows ? "true" : nil)
        call.add("previous", options.isPrevious ? "true" : nil)
        call.add("sinceSeconds", options.sinceSeconds.map(String.init))
        call.add("sinceTime", options.sinceTime?.kubernetesTime)
        call.add("tailLines", options.tailLines.map(String.init))
        call.add("timestamps", options.hasTimestamps ? "true" : nil)
        call.add("limitBytes", options.limitBytes.map(String.init))
        if options.follows {
            call.deadlines = HTTPClientDeadlines()
            call.acceptsCompression = false
        }
        return PodLogs(body: try await send(call).body)
    }
}
