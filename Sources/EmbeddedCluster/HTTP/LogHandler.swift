import HTTPServer
import JSON
import KubernetesModel

/// Which part of a container's log is wanted, and how (core/v1 PodLogOptions).
struct PodLogOptions: Sendable, Hashable {
    var container: String
    var follow = false
    var previous = false
    var timestamps = false
    var tailLines: Int?
    var limitBytes: Int?
    /// Only lines written at or after this time.
    var since: Timestamp?
}

/// Where the logs of pods come from.
protocol PodLogSource: Sendable {
    /// The bytes of a log, whole lines at a time; with `follow` it goes on until the container ends.
    ///
    /// - Throws: what to tell the client, such as that the container waits to start.
    func log(of pod: KubernetesObject, _ options: PodLogOptions) async throws(APIStatus)
        -> AsyncThrowingStream<[UInt8], any Error>
}

/// Answers `GET …/pods/{name}/log`.
struct LogHandler: Sendable {
    let api: ClusterAPI
    let source: any PodLogSource

    func answer(_ request: ResourceRequest) async throws(APIStatus) -> Response {
        guard let pod = api.get(.pods, request.key) else { throw APIStatus.notFound(.pods, request.key.name) }
        let stream = try await source.log(of: pod, try options(request, pod))
        return Response(contentType: .text, body: .stream(ResponseStream(stream)))
    }

    private func options(_ request: ResourceRequest, _ pod: KubernetesObject) throws(APIStatus)
        -> PodLogOptions
    {
        let query = request.options
        var options = PodLogOptions(container: try container(query.query["container"], pod))
        options.follow = try query.flag("follow")
        options.previous = try query.flag("previous")
        options.timestamps = try query.flag("timestamps")
        options.tailLines = try positive(query, "tailLines", least: 0)
        options.limitBytes = try positive(query, "limitBytes", least: 1)
        if let seconds = try positive(query, "sinceSeconds", least: 1) {
            options.since = Timestamp(secondsSinceEpoch: api.now().secondsSinceEpoch - Int64(seconds))
        }
        if let text = query.query["sinceTime"] {
            guard options.since == nil else {
                throw APIStatus.badRequest("at most one of sinceTime or sinceSeconds may be specified")
            }
            guard let time = Timestamp(rfc3339: text) else {
                throw APIStatus.badRequest("sinceTime: \"\(text)\" is not a time of RFC 3339")
            }
            options.since = time
        }
        return options
    }

    private func positive(_ query: RequestOptions, _ name: String, least: Int64) throws(APIStatus) -> Int? {
        guard let value = try query.integer(name) else { return nil }
        guard value >= least else {
            throw APIStatus.badRequest(
                "\(name): Invalid value: \(value): must be greater than or equal to \(least)"
            )
        }
        return Int(clamping: value)
    }

    private func container(_ name: String?, _ pod: KubernetesObject) throws(APIStatus) -> String {
        let names = ["containers", "initContainers", "ephemeralContainers"].map { list in
            (pod.spec[list]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        }
        if let name, !name.isEmpty {
            guard names.joined().contains(name) else {
                throw APIStatus.badRequest("container \(name) is not valid for pod \(pod.name)")
            }
            return name
        }
        if let only = names[0].first, names[0].count == 1 { return only }
        var message =
            "a container name must be specified for pod \(pod.name), choose one of: [\(names[0].joined(separator: " "))]"
        if !names[1].isEmpty {
            message += " or one of the init containers: [\(names[1].joined(separator: " "))]"
        }
        throw APIStatus.badRequest(message)
    }
}
