import JSON
import Store
import Synchronization

/// Where an operation writes what it does, line by line. Lines are kept in the order in which they come.
public final class TaskOutput: Sendable {
    private struct State {
        var number: Int64 = 0
        var step = ""
        var waiting: [TaskLine] = []
        var isWriting = false
    }

    private let task: String
    private let store: Store
    private let bell: TaskBell
    private let state = Mutex(State())

    /// The most lines that are kept of a task, and the most bytes of each.
    static let mostLines: Int64 = 20_000
    static let longestLine = 8192

    init(task: String, store: Store, bell: TaskBell) {
        self.task = task
        self.store = store
        self.bell = bell
    }

    /// The id of the task.
    public var taskID: String { task }

    /// Begins a step, to which the lines that follow belong.
    public func begin(_ step: String) {
        state.withLock { $0.step = step }
    }

    /// Adds a line, or several where the text has them. It does not wait.
    public func write(_ text: String) {
        let mustWrite = state.withLock { state in
            for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
                guard state.number < Self.mostLines else { break }
                state.number += 1
                let isLast = state.number == Self.mostLines
                state.waiting.append(
                    TaskLine(
                        number: state.number,
                        time: .now(),
                        step: state.step,
                        text: isLast ? "… more than is kept" : Self.legible(line)
                    )
                )
            }
            guard !state.isWriting, !state.waiting.isEmpty else { return false }
            state.isWriting = true
            return true
        }
        if mustWrite { Task { await self.writeWaiting() } }
    }

    /// Returns when what was written has been put down.
    func flush() async {
        for await _ in bell.rings() {
            if state.withLock({ $0.waiting.isEmpty && !$0.isWriting }) { return }
        }
    }

    private func writeWaiting() async {
        while true {
            let lines = state.withLock { state in
                defer { state.waiting = [] }
                state.isWriting = !state.waiting.isEmpty
                return state.waiting
            }
            guard !lines.isEmpty else { break }
            // The operation goes on where its output cannot be kept; its end is still told.
            try? await store.add(lines, to: task)
            bell.ring()
        }
        bell.ring()
    }

    /// The line as it may be shown: without control characters, and not longer than a line may be.
    private static func legible(_ line: Substring) -> String {
        var text = ""
        for scalar in line.unicodeScalars.prefix(longestLine) {
            switch scalar.value {
            case 0x09: text.unicodeScalars.append(" ")
            case 0..<0x20, 0x7F: continue
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
