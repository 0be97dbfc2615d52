import JSON
public import Kubernetes

/// Which lines of a deployment's logs to read.
public struct DeploymentLogQuery: Sendable, Hashable {
    /// The pod; nil for all of them.
    public var podName: String?
    /// The container; nil for the one that serves.
    public var container: String?
    /// The last lines, so many; of several pods, of all together.
    public var tailLines = 100
    /// Nothing older than this, seconds.
    public var sinceSeconds: Int?
    /// Whether to read the log of the container's instance before the last restart.
    public var isPrevious = false

    /// The last hundred lines of all pods.
    public init() {}

    var options: LogOptions {
        var options = LogOptions()
        options.tailLines = tailLines
        options.sinceSeconds = sinceSeconds
        options.isPrevious = isPrevious
        return options
    }

    /// What of lines that were kept is asked for.
    func selects(_ line: LogLine, at now: Timestamp) -> Bool {
        guard let sinceSeconds, let time = line.time else { return true }
        return now.seconds(since: time) <= Double(sinceSeconds)
    }
}

/// Lines of a deployment's logs.
public struct DeploymentLog: Sendable {
    /// A line and where it is from.
    public struct Entry: Sendable, Hashable {
        /// The container.
        public let source: LogSource
        /// The line.
        public let line: LogLine
    }

    /// The containers that were read; none when there are no pods.
    public var sources: [LogSource]
    /// The lines, by time.
    public var entries: [Entry]
    /// What of the logs could not be had and why, for people.
    public var notes: [String] = []
    /// Whether they are lines that were kept of pods that are gone.
    public var isKept = false

    /// Merges logs by time. A line without a time belongs to the one before it.
    init(_ logs: [(source: LogSource, lines: [LogLine])], tailLines: Int) {
        sources = logs.map(\.source)
        guard logs.count > 1 else {
            entries = logs.flatMap { log in
                log.lines.suffix(tailLines).map { Entry(source: log.source, line: $0) }
            }
            return
        }
        var timed: [(time: Timestamp, order: Int, entry: Entry)] = []
        for log in logs {
            var time = Timestamp(secondsSinceEpoch: 0)
            for line in log.lines {
                time = line.time ?? time
                timed.append((time, timed.count, Entry(source: log.source, line: line)))
            }
        }
        timed.sort { ($0.time, $0.order) < ($1.time, $1.order) }
        entries = timed.suffix(tailLines).map(\.entry)
    }
}

/// Why logs of a deployment cannot be read.
public enum DeploymentLogFailure: Error, Sendable {
    /// The deployment has no such pod.
    case notItsPod(String)
    /// None of the pods has such a container; the containers that they have.
    case noSuchContainer(String, known: [String])
    /// The API server refused or did not answer.
    case kubernetes(KubernetesError)
    /// No cluster is used.
    case unavailable
}
