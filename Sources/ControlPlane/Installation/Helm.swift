import JSON
import Processes
import Redaction
import Synchronization

/// The `helm` program of this machine.
public struct Helm: Sendable {
    /// How it is run.
    public struct Settings: Sendable {
        /// The program: a path, or a name to be found along `PATH`.
        public var path: String
        /// All of its environment.
        public var environment: [String: String]
        /// After how long one command is ended.
        public var timeLimit: Duration

        /// How it is run.
        public init(path: String, environment: [String: String], timeLimit: Duration) {
            self.path = path
            self.environment = environment
            self.timeLimit = timeLimit
        }
    }

    /// Why a command gave nothing.
    enum Failure: Error, Sendable {
        /// It cannot be run, in words.
        case unavailable(String)
        /// It ended with this status, and this on standard error.
        case status(Int32, String)
        /// It took longer than it may.
        case timeout
        /// A signal ended it.
        case signal(Int32)

        /// What happened, for people.
        var text: String {
            switch self {
            case .unavailable(let reason): reason
            case .status(let status, let errors): errors.isEmpty ? "helm ended with status \(status)" : errors
            case .timeout:
                "helm took longer than it may, and was ended; the setting helm.timeout says how long it may take"
            case .signal(let number): "helm was ended by signal \(number)"
            }
        }
    }

    /// How it is run.
    public let settings: Settings
    /// How long it has between being asked to end and being killed: it writes its release's state down meanwhile.
    static let grace: Duration = .seconds(10)
    private static let longestOutput = 16 << 20

    /// How many minutes an upgrade waits for what it makes, well within the time that the program has.
    var waitingMinutes: Int { max(1, Int(settings.timeLimit.components.seconds / 60) - 1) }

    /// The `helm` program.
    public init(_ settings: Settings) {
        self.settings = settings
    }

    /// Runs a command and returns what it printed.
    ///
    /// - Parameters:
    ///   - output: where every line that it prints goes too.
    ///   - timeLimit: after how long it is ended; nil for the setting's.
    /// - Throws: `Failure`, or `CancellationError`.
    func run(_ arguments: [String], output: TaskOutput? = nil, timeLimit: Duration? = nil) async throws
        -> String
    {
        let process = ChildProcess(
            command: settings.path,
            arguments: arguments,
            environment: settings.environment,
            timeLimit: timeLimit ?? settings.timeLimit,
            grace: Self.grace
        )
        let printed = Mutex(Printed())
        let redaction = Redaction()
        output?.write("$ " + InstallationCommands.line("helm", arguments))
        let status: Int32
        do throws(ChildProcess.Failure) {
            status = try await process.run { channel, bytes in
                let lines = printed.withLock { $0.add(bytes, channel) }
                for line in lines { output?.write(line) }
                return printed.withLock { $0.count <= Self.longestOutput }
            }
        } catch {
            switch error {
            case .cancelled: throw CancellationError()
            case .timeout: throw Failure.timeout
            case .signal(let number): throw Failure.signal(number)
            case .tooMuchOutput:
                throw Failure.unavailable("helm printed more than \(Self.longestOutput) bytes")
            case .start: throw Failure.unavailable("\(settings.path) \(error)")
            }
        }
        for line in printed.withLock({ $0.takeRest() }) { output?.write(line) }
        guard status == 0 else { throw Failure.status(status, printed.withLock { $0.errors(redaction) }) }
        return printed.withLock(\.output)
    }

    /// The version, such as `v3.14.0`.
    func version() async throws -> String {
        let text = try await run(["version", "--short"], timeLimit: .seconds(10))
        let line = text.split(whereSeparator: \.isNewline).first ?? ""
        // Behind the plus stands the commit.
        return String(line.prefix { $0 != "+" && $0 != " " })
    }
}

/// What a command has printed so far.
private struct Printed {
    private var bytes: [ChildProcess.Channel: [UInt8]] = [:]
    /// How much of each channel has been told as lines.
    private var told: [ChildProcess.Channel: Int] = [:]
    private var redactions: [ChildProcess.Channel: LineRedaction] = [:]

    var count: Int { bytes.values.reduce(0) { $0 + $1.count } }
    var output: String { String(decoding: bytes[.output] ?? [], as: UTF8.self) }

    /// The end of what it has complained of, on one line and without secrets.
    func errors(_ redaction: Redaction) -> String {
        let text = redaction.shown(String(decoding: bytes[.errors] ?? [], as: UTF8.self))
        let legible = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) }
        return String(String(legible).split(separator: " ").joined(separator: " ").suffix(1000))
    }

    /// The lines that are complete thereby, without secrets.
    mutating func add(_ new: ArraySlice<UInt8>, _ channel: ChildProcess.Channel) -> [String] {
        bytes[channel, default: []] += new
        let all = bytes[channel] ?? []
        let start = told[channel] ?? 0
        guard let end = all.lastIndex(of: 0x0A), end >= start else { return [] }
        told[channel] = end + 1
        return all[start..<end].split(separator: 0x0A, omittingEmptySubsequences: false)
            .compactMap { shown($0, channel) }
    }

    private mutating func shown(_ line: ArraySlice<UInt8>, _ channel: ChildProcess.Channel) -> String? {
        redactions[channel, default: LineRedaction()].shown(String(decoding: line, as: UTF8.self))
    }

    /// The last lines, which have no end.
    mutating func takeRest() -> [String] {
        [ChildProcess.Channel.output, .errors].compactMap { channel in
            let rest = (bytes[channel] ?? []).dropFirst(told[channel] ?? 0)
            told[channel] = bytes[channel]?.count
            return rest.isEmpty ? nil : shown(rest, channel)
        }
    }
}
