public import JSON

/// A long operation: what it is, and how it stands.
public struct TaskRecord: Sendable, Hashable {
    /// How a task stands.
    public enum State: String, Sendable, Hashable, CaseIterable, JSONEncodable {
        /// It is at work.
        case running
        /// It has done what it was for.
        case succeeded
        /// It has given up.
        case failed
        /// Somebody has ended it.
        case cancelled
        /// The server ended in the middle of it. What it had begun may be half done.
        case interrupted

        /// Whether nothing more will happen.
        public var isFinal: Bool { self != .running }
    }

    /// Why a task has failed, as a client that waited is told.
    public struct Failure: Error, Sendable, Hashable {
        /// A stable word for programs, such as `CONFLICT`.
        public let code: String
        /// What is wrong and what to do about it.
        public let message: String
        /// Particulars, an object.
        public let details: JSONValue

        /// A failure.
        public init(code: String, message: String, details: JSONValue = [:]) {
            self.code = code
            self.message = message
            self.details = details
        }
    }

    /// Its id.
    public let id: String
    /// A number that grows from task to task.
    public let number: Int64
    /// What it does, in a word, such as `install`.
    public let kind: String
    /// What it works on, such as `dynamo`. There is one task at a time for each.
    public let subject: String
    /// What it does, for people.
    public let title: String
    /// When it began.
    public let started: Timestamp
    /// How it stands.
    public var state = State.running
    /// When it ended; nil while it runs.
    public var finished: Timestamp?
    /// What it does now, or how it ended, for people.
    public var message = ""
    /// What it gave, or what it was asked to do it with; an object.
    public var result: JSONValue = [:]
    /// Why it has failed; nil unless it has.
    public var failure: Failure?

    /// A task that begins.
    public init(id: String, number: Int64, kind: String, subject: String, title: String, started: Timestamp) {
        self.id = id
        self.number = number
        self.kind = kind
        self.subject = subject
        self.title = title
        self.started = started
    }
}

/// A line that a task has written.
public struct TaskLine: Sendable, Hashable {
    /// Its number in the task's output, from 1.
    public let number: Int64
    /// When it was written.
    public let time: Timestamp
    /// The step of the task that it belongs to, such as `install-dynamo-platform`.
    public let step: String
    /// The line without its end.
    public let text: String

    /// A line.
    public init(number: Int64, time: Timestamp, step: String, text: String) {
        self.number = number
        self.time = time
        self.step = step
        self.text = text
    }
}
