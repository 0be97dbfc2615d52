import JSON
import Store
import Testing

@Suite struct TaskStoreTests {
    private func task(_ number: Int64) -> TaskRecord {
        TaskRecord(
            id: "t\(number)",
            number: number,
            kind: "install",
            subject: "dynamo",
            title: "Install NVIDIA Dynamo",
            started: Timestamp(secondsSinceEpoch: 1_700_000_000 + number)
        )
    }

    /// Opens a database that a store has just let go of: the thread on which that one did its work may be the last to do so.
    private func reopened(_ path: String) async throws -> Store {
        let end = ContinuousClock.now + .seconds(300)
        while true {
            do throws(Store.Failure) {
                return try Store(path: path)
            } catch {
                guard error.description.contains("in use"), ContinuousClock.now < end else { throw error }
            }
            await Task.yield()
        }
    }

    @Test func aTaskAndItsOutputSurviveTheProcess() async throws {
        let folder = try TestFolder()
        var ended = task(1)
        ended.state = .failed
        ended.finished = Timestamp(secondsSinceEpoch: 1_700_000_100)
        ended.message = "no"
        ended.result = ["results": []]
        ended.failure = .init(code: "CONFLICT", message: "no", details: ["releases": ["a"]])
        let lines = (1...3).map {
            TaskLine(number: $0, time: ended.started, step: "one", text: "line \($0)")
        }
        do {
            let store = try Store(path: folder.database)
            try await store.save(task(1))
            try await store.add(lines, to: "t1")
            try await store.save(ended)
            try await store.save(task(2))
        }
        let store = try await reopened(folder.database)
        #expect(try await store.tasks() == [ended, task(2)])
        #expect(try await store.output(of: "t1", after: 1, limit: 1) == [lines[1]])
        #expect(try await store.output(of: "t1", after: 0, limit: 10) == lines)
    }

    @Test func theOldestTasksAreForgottenWithTheirOutput() async throws {
        let store = try Store.inMemory()
        try await store.save(task(1))
        try await store.add([TaskLine(number: 1, time: .now(), step: "", text: "x")], to: "t1")
        try await store.save(task(200))
        #expect(try await store.tasks().map(\.number) == [1, 200])
        try await store.save(task(201))
        #expect(try await store.tasks().map(\.number) == [200, 201])
        #expect(try await store.output(of: "t1", after: 0, limit: 10).isEmpty)
    }
}
