import SQLite
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A folder of a test's own, which goes with it.
final class TestFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/ingot-store-XXXXXX".utf8CString)
        let made = mkdtemp(&template)
        path = String(cString: try #require(made))
    }

    deinit {
        for name in ["ingot.db", "ingot.db-wal", "ingot.db-shm"] { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    var database: String { "\(path)/ingot.db" }
}

@Suite struct DatabaseTests {
    @Test func valuesComeBackAsTheyWereBound() throws {
        let database = try Database(path: ":memory:")
        try database.run("CREATE TABLE things (a, b, c, d)")
        try database.statement("INSERT INTO things VALUES (?1, ?2, ?3, ?4)")
            .run([.integer(-5), .text("naïve\0text"), .blob([0, 255]), .null])
        var rows = 0
        try database.statement("SELECT a, b, c, d FROM things").each { row in
            rows += 1
            #expect(row.integer(0) == -5)
            #expect(row.text(1) == "naïve\0text")
            #expect(row.withBytes(2) { Array($0) } == [0, 255])
            #expect(row.optionalText(3) == nil)
            #expect(row.optionalInteger(3) == nil)
        }
        #expect(rows == 1)
    }

    @Test func nothingOfATransactionThatThrowsRemains() throws {
        let database = try Database(path: ":memory:")
        try database.run("CREATE TABLE things (a)")
        #expect(throws: Database.Failure.self) {
            try database.transaction { () throws(Database.Failure) in
                try database.run("INSERT INTO things VALUES (1)")
                try database.run("INSERT INTO nothing VALUES (1)")
            }
        }
        var count: Int64 = -1
        try database.statement("SELECT count(*) FROM things").each { count = $0.integer(0) }
        #expect(count == 0)
    }

    @Test func eachMigrationRunsOnce() throws {
        let folder = try TestFolder()
        let first = ["CREATE TABLE a (x)"]
        do {
            let database = try Database(path: folder.database)
            try database.migrate(first)
            try database.migrate(first)
        }
        let database = try Database(path: folder.database)
        try database.migrate(first + ["ALTER TABLE a ADD COLUMN y"])
        try database.run("INSERT INTO a (x, y) VALUES (1, 2)")
    }

    @Test func aDatabaseOfANewerReleaseIsRefused() throws {
        let database = try Database(path: ":memory:")
        try database.migrate(["CREATE TABLE a (x)", "CREATE TABLE b (x)"])
        #expect(throws: Database.Failure.self) { try database.migrate(["CREATE TABLE a (x)"]) }
    }

    @Test func aMigrationThatFailsLeavesTheFormBefore() throws {
        let database = try Database(path: ":memory:")
        try database.migrate(["CREATE TABLE a (x)"])
        #expect(throws: Database.Failure.self) {
            try database.migrate(["CREATE TABLE a (x)", "CREATE TABLE b (x); CREATE TABLE a (y)"])
        }
        try database.migrate(["CREATE TABLE a (x)", "CREATE TABLE b (x)"])
    }

    @Test func aSecondUserIsRefusedWithTheReason() throws {
        let folder = try TestFolder()
        let first = try Database(path: folder.database)
        try first.run("CREATE TABLE a (x)")
        let failure = #expect(throws: Database.Failure.self) { _ = try Database(path: folder.database) }
        #expect(failure?.description.contains("in use by another process") == true)
    }
}
