import JSON
import KubernetesModel
import Testing

@testable import EmbeddedCluster

struct ObjectStoreTests {
    private func object(_ name: String, _ value: Int64 = 0) -> KubernetesObject {
        KubernetesObject(["metadata": ["name": .string(name), "namespace": "a"], "value": .integer(value)])
    }

    @Test("what was acknowledged is there after the database is opened again, at the same revision")
    func persists() async throws {
        let directory = try TemporaryDirectory()
        do {
            let store = try ObjectStore(path: directory.file("cluster.db"))
            for index in 0..<50 {
                let object = object("o\(index)", Int64(index))
                try await store.write { transaction in transaction.put(.configMaps, object) }
            }
            try await store.write { transaction in
                transaction.remove(.configMaps, ObjectKey(namespace: "a", name: "o7"))
            }
            await store.close()
        }
        let store = try ObjectStore(path: directory.file("cluster.db"))
        #expect(store.state.revision == 51)
        #expect(store.state.objects(.configMaps).count == 49)
        #expect(store.state.object(.configMaps, "a", "o7") == nil)
        #expect(store.state.object(.configMaps, "a", "o49")?.resourceVersion == "50")
    }

    @Test("a write that fails leaves nothing behind, though writes around it remain")
    func rollsBack() async throws {
        let directory = try TemporaryDirectory()
        let store = try ObjectStore(path: directory.file("cluster.db"))
        let (first, second) = (object("first"), object("second"))
        await #expect(throws: APIStatus.self) {
            try await store.write { (transaction) throws(APIStatus) in
                transaction.put(.configMaps, first)
                throw APIStatus.badRequest("no")
            }
        }
        try await store.write { transaction in transaction.put(.configMaps, second) }
        #expect(store.state.objects(.configMaps).map(\.name) == ["second"])
        #expect(store.state.revision == 1)
    }

    @Test("a watch from a revision sees every later change once and in order, while many write")
    func watches() async throws {
        let directory = try TemporaryDirectory()
        let store = try ObjectStore(path: directory.file("cluster.db"))
        let seen = Task {
            var revisions: [UInt64] = []
            for try await batch in store.changes(of: .configMaps, since: 0) {
                revisions += batch.changes.map(\.revision)
                if revisions.count >= 200 { break }
            }
            return revisions
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<200 {
                let object = object("o\(index % 10)", Int64(index))
                group.addTask {
                    try await store.write { transaction in _ = transaction.put(.configMaps, object) }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await seen.value == (1...200).map(UInt64.init))
    }

    @Test("a watch that starts before the kept changes is told so")
    func compacts() async throws {
        let directory = try TemporaryDirectory()
        let store = try ObjectStore(path: directory.file("cluster.db"), changesKept: 4)
        for index in 0..<10 {
            let object = object("o\(index)")
            try await store.write { transaction in transaction.put(.configMaps, object) }
        }
        var iterator = store.changes(of: .configMaps, since: 3).makeAsyncIterator()
        await #expect(throws: APIStatus.self) { try await iterator.next() }
        var later = store.changes(of: .configMaps, since: 6).makeAsyncIterator()
        #expect(try await later.next()?.changes.count == 4)
    }

    @Test("a second process is refused the same database, with what to do")
    func excludes() throws {
        let directory = try TemporaryDirectory()
        let store = try ObjectStore(path: directory.file("cluster.db"))
        let error = #expect(throws: ObjectStore.CannotOpen.self) {
            try ObjectStore(path: directory.file("cluster.db"))
        }
        #expect(error?.description.contains("in use by another process") == true)
        #expect(store.state.revision == 0)
    }

    @Test("a cancelled watch ends")
    func cancels() async throws {
        let directory = try TemporaryDirectory()
        let store = try ObjectStore(path: directory.file("cluster.db"))
        let task = Task {
            var count = 0
            for try await batch in store.changes(of: .configMaps, since: 0) { count += batch.changes.count }
            return count
        }
        task.cancel()
        #expect(try await task.value == 0)
    }
}
