import Kubernetes

extension KubernetesClient {
    /// Reads a log line by line, each with its time.
    ///
    /// - Parameter receive: takes the lines as they come; the reading ends when it returns false.
    func logLines(
        _ source: LogSource,
        namespace: String,
        _ options: LogOptions,
        receive: ([LogLine]) async -> Bool
    ) async throws(KubernetesError) {
        var options = options
        options.container = source.container
        options.hasTimestamps = true
        var splitter = LogLineSplitter()
        var chunks = try await logs(pod: source.pod, namespace: namespace, options).makeAsyncIterator()
        while let chunk = try await chunks.next() {
            let lines = splitter.lines(of: chunk)
            if !lines.isEmpty, await !receive(lines) { return }
        }
        if let last = splitter.last() { _ = await receive([last]) }
    }
}
