import HTTPTypes
import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Asks a server again and again how a deployment stands, and shows on standard error what changes.
struct DeploymentWait {
    /// How it ended.
    struct Outcome {
        /// Whether what was waited for has come about.
        let isAsWished: Bool
        /// The same for people.
        let text: String
        /// The last that the server has told of the deployment; nil when there is none.
        let answer: ServerConnection.Answer?
    }

    private let connection: ServerConnection
    private let place: DeploymentPlace
    private let seconds: Int

    /// The server knows of what it has made when the cluster tells it, which is soon.
    private static let patienceForNew = Duration.seconds(30)
    private static let pause = Duration.milliseconds(400)

    init(_ connection: ServerConnection, _ place: DeploymentPlace, _ options: WaitOptions) {
        self.connection = connection
        self.place = place
        seconds = options.timeout
    }

    /// Waits until the deployment serves or has failed.
    func untilServing() async throws(ServerFailure) -> Outcome {
        let start = ContinuousClock.now
        var display = ProgressDisplay(place.name)
        defer { display.end() }
        var last: ServerConnection.Answer?
        while true {
            let answer = try await ask()
            let passed = ContinuousClock.now - start
            if let answer {
                last = answer
                let phase = answer.json["phase"]?.stringValue ?? ""
                let message = (answer.json["message"]?.stringValue ?? "").printable
                display.show(DeploymentText.progress(answer.json))
                if phase == "Running" {
                    return Outcome(isAsWished: true, text: "\(place.name) is running", answer: answer)
                }
                if phase == "Failed" || phase == "Terminating" {
                    let text = "\(place.name): \(phase)" + (message.isEmpty ? "" : ": \(message)")
                    return Outcome(isAsWished: false, text: text + advice, answer: answer)
                }
            } else if last != nil || passed > Self.patienceForNew {
                return Outcome(isAsWished: false, text: "\(place.name) is gone", answer: nil)
            }
            if passed >= .seconds(seconds) {
                let text = "\(place.name) does not serve after \(seconds) s" + advice
                return Outcome(isAsWished: false, text: text, answer: last)
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// Waits until nothing is known of the deployment any more.
    func untilGone() async throws(ServerFailure) -> Outcome {
        let start = ContinuousClock.now
        var display = ProgressDisplay(place.name)
        defer { display.end() }
        while let answer = try await ask() {
            display.show(DeploymentText.progress(answer.json))
            if ContinuousClock.now - start >= .seconds(seconds) {
                let text = "\(place.name) is not gone after \(seconds) s" + advice
                return Outcome(isAsWished: false, text: text, answer: answer)
            }
            try? await Task.sleep(for: Self.pause)
        }
        return Outcome(isAsWished: true, text: "\(place.name) is gone", answer: nil)
    }

    private var advice: String { "\nsee why: ingot status \(place.name) --namespace \(place.namespace)" }

    /// How it stands; nil when there is none. While the server has not read the cluster, it is asked again.
    private func ask() async throws(ServerFailure) -> ServerConnection.Answer? {
        let start = ContinuousClock.now
        while true {
            do throws(ServerFailure) {
                return try await connection.ask(.get, place.path, query: place.query)
            } catch {
                if error.isNotFound { return nil }
                guard error.isTemporary, ContinuousClock.now - start < Self.patienceForNew else {
                    throw error
                }
                try? await Task.sleep(for: Self.pause)
            }
        }
    }
}

/// What goes on, on standard error: one line that changes where that is a terminal, else a line for each change.
struct ProgressDisplay {
    private let name: String
    private let isTerminal: Bool
    private let start = ContinuousClock.now
    private var shown = ""

    init(_ name: String) {
        self.name = name
        isTerminal = isatty(STDERR_FILENO) == 1
    }

    mutating func show(_ text: String) {
        if isTerminal {
            let seconds = (ContinuousClock.now - start).components.seconds
            // Back to the start of the line, and clear the rest of it (ECMA-48: EL).
            ExitStatus.writeToStandardError("\r\u{1B}[K\(name): \(text) (\(seconds) s)")
        } else if text != shown {
            ExitStatus.writeToStandardError("\(name): \(text)\n")
        }
        shown = text
    }

    /// Leaves the line that changes.
    func end() {
        if isTerminal, !shown.isEmpty { ExitStatus.writeToStandardError("\n") }
    }
}
