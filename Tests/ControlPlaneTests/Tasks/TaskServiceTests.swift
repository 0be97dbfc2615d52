import ControlPlane
import Dispatch
import JSON
import Testing

@testable import Store

@Suite(.timeLimit(.minutes(10))) struct TaskServiceTests {
    /// An operation that runs until it is let go or cancelled.
    private struct Gate {
        let stream: AsyncStream<Void>
        let opening: AsyncStream<Void>.Continuation

        init() { (stream, opening) = AsyncStream.makeStream() }

        func pass() async throws {
            for await _ in stream { break }
            try Task.checkCancellation()
        }
    }

    private func outcome(_ message: String) -> TaskService.Outcome {
        .init(message: message, result: ["a": 1])
    }

    @Test func aTaskIsRememberedWithItsOutputAndItsEnd() async throws {
        let store = try Store.inMemory()
        let tasks = TaskService(store: store)
        let started = try await tasks.start("install", on: "dynamo", title: "Install") { output in
            output.begin("one")
            output.write("a\nb\u{7}\u{1B}[0m")
            output.begin("two")
            output.write("c")
            return outcome("done")
        }
        let ended = try #require(await tasks.wait(for: started.id, atMost: .seconds(240)))
        #expect(ended.state == .succeeded && ended.message == "done" && ended.result == ["a": 1])
        #expect(ended.finished != nil)
        let lines = try await tasks.output(of: started.id, after: 0, limit: 10)
        #expect(lines.map(\.text) == ["a", "b[0m", "c"])
        #expect(lines.map(\.step) == ["one", "one", "two"])
        #expect(lines.map(\.number) == [1, 2, 3])
        #expect(try await store.tasks() == [ended])
        #expect(tasks.records == [ended] && tasks.latest(on: "dynamo") == ended)
    }

    @Test func oneTaskRunsAtATimeForEachSubject() async throws {
        let gate = Gate()
        let tasks = TaskService(store: try .inMemory())
        let first = try await tasks.start("install", on: "dynamo", title: "Install") { _ in
            try await gate.pass()
            return outcome("")
        }
        let busy = await #expect(throws: TaskService.Busy.self) {
            _ = try await tasks.start("upgrade", on: "dynamo", title: "Upgrade") { _ in outcome("") }
        }
        #expect(busy?.running.id == first.id)
        let other = try await tasks.start("install", on: "kuberay", title: "Install") { _ in outcome("") }
        #expect(await tasks.wait(for: other.id, atMost: .seconds(240))?.state == .succeeded)
        #expect(tasks.running(on: "dynamo")?.id == first.id)
        gate.opening.yield()
        #expect(await tasks.wait(for: first.id, atMost: .seconds(240))?.state == .succeeded)
        let second = try await tasks.start("upgrade", on: "dynamo", title: "Upgrade") { _ in outcome("") }
        #expect(await tasks.wait(for: second.id, atMost: .seconds(240))?.state == .succeeded)
    }

    @Test func whatIsCancelledWhileItIsPutDownDoesNotRun() async throws {
        let store = try Store.inMemory()
        let tasks = TaskService(store: store)
        let (holding, isHeld) = AsyncStream<Void>.makeStream()
        let held = DispatchSemaphore(value: 0)
        let hold = Task {
            try await store.perform { _ in
                isHeld.yield()
                held.wait()
            }
        }
        for await _ in holding { break }
        let starting = Task {
            try await tasks.start("install", on: "dynamo", title: "Install") { _ in
                try Task.checkCancellation()
                return outcome("")
            }
        }
        for await _ in tasks.rings() where tasks.running(on: "dynamo") != nil { break }
        let id = try #require(tasks.running(on: "dynamo")?.id)
        #expect(tasks.cancel(id))
        held.signal()
        try await hold.value
        #expect(try await starting.value.id == id)
        #expect(await tasks.wait(for: id, atMost: .seconds(240))?.state == .cancelled)
    }

    @Test func aWaitEndsWithoutTheTask() async throws {
        let gate = Gate()
        let tasks = TaskService(store: try .inMemory())
        let task = try await tasks.start("install", on: "dynamo", title: "Install") { _ in
            try await gate.pass()
            return outcome("")
        }
        #expect(await tasks.wait(for: task.id, atMost: .milliseconds(1))?.state == .running)
        #expect(await tasks.wait(for: task.id, atMost: .zero)?.state == .running)
        gate.opening.yield()
        #expect(await tasks.wait(for: task.id, atMost: .seconds(240))?.state == .succeeded)
        #expect(await tasks.wait(for: "none", atMost: .seconds(240)) == nil)
    }

    @Test func aTaskThatIsCancelledSaysSo() async throws {
        let gate = Gate()
        let tasks = TaskService(store: try .inMemory())
        let task = try await tasks.start("install", on: "dynamo", title: "Install") { _ in
            try await gate.pass()
            return outcome("")
        }
        #expect(tasks.cancel(task.id))
        #expect(await tasks.wait(for: task.id, atMost: .seconds(240))?.state == .cancelled)
        #expect(tasks.cancel(task.id) && !tasks.cancel("none"))
        #expect(tasks.record(task.id)?.state == .cancelled)
    }

    @Test func aFailureKeepsItsCodeAndParticulars() async throws {
        let tasks = TaskService(store: try .inMemory())
        let failure = TaskRecord.Failure(
            code: "CONFLICT",
            message: "in the way",
            details: ["releases": ["a"]]
        )
        let task = try await tasks.start("install", on: "dynamo", title: "Install") { _ in throw failure }
        let ended = await tasks.wait(for: task.id, atMost: .seconds(240))
        #expect(ended?.state == .failed && ended?.failure == failure && ended?.message == "in the way")
    }

    @Test func aTaskOfAProcessThatEndedIsInterrupted() async throws {
        let store = try Store.inMemory()
        try await store.save(
            TaskRecord(
                id: "t1",
                number: 1,
                kind: "install",
                subject: "dynamo",
                title: "Install",
                started: .now()
            )
        )
        let tasks = try await TaskService.resume(store)
        #expect(tasks.record("t1")?.state == .interrupted && tasks.record("t1")?.finished != nil)
        #expect(try await store.tasks().map(\.state) == [.interrupted])
        let next = try await tasks.start("install", on: "dynamo", title: "Install") { _ in outcome("") }
        #expect(next.number == 2)
    }

    @Test func tasksThatRunWhenTheServerStopsAreInterrupted() async throws {
        let gate = Gate()
        let store = try Store.inMemory()
        let tasks = TaskService(store: store)
        _ = try await tasks.start("install", on: "dynamo", title: "Install") { _ in
            try await gate.pass()
            return outcome("")
        }
        await tasks.stop()
        #expect(try await store.tasks().map(\.state) == [.interrupted])
        await #expect(throws: CancellationError.self) {
            _ = try await tasks.start("install", on: "kuberay", title: "Install") { _ in outcome("") }
        }
    }
}
