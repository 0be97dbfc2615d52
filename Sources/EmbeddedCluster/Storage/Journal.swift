import CSQLite
import JSON
import KubernetesModel

/// The objects on disk, in SQLite. Used by one thread at a time.
///
/// The write-ahead log makes what was committed safe from the end of this process, however it comes about.
final class Journal {
    /// The database cannot be used.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let database: OpaquePointer
    private let path: String
    private let upsert: OpaquePointer
    private let delete: OpaquePointer
    private let setRevision: OpaquePointer

    /// Opens or makes the database at `path`, for this process alone.
    ///
    /// - Throws: `Failure` when another process uses it or it is no such database.
    init(path: String) throws(Failure) {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let opened else {
            let reason = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "no memory"
            sqlite3_close_v2(opened)
            throw Failure(description: "cannot open \(path): \(reason)")
        }
        do throws(Failure) {
            try Self.prepare(opened, path)
            upsert = try Self.statement(
                opened,
                path,
                "INSERT INTO objects VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET json = ?5"
            )
            delete = try Self.statement(
                opened,
                path,
                "DELETE FROM objects WHERE api_group = ?1 AND resource = ?2 AND namespace = ?3 AND name = ?4"
            )
            setRevision = try Self.statement(
                opened,
                path,
                "UPDATE counters SET value = ?1 WHERE name = 'revision'"
            )
        } catch {
            sqlite3_close_v2(opened)
            throw error
        }
        database = opened
        self.path = path
    }

    deinit {
        for statement in [upsert, delete, setRevision] { sqlite3_finalize(statement) }
        sqlite3_close_v2(database)
    }

    private static func prepare(_ database: OpaquePointer, _ path: String) throws(Failure) {
        for sql in [
            "PRAGMA locking_mode = EXCLUSIVE",
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = NORMAL",
            """
            CREATE TABLE IF NOT EXISTS objects (
                api_group TEXT NOT NULL, resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
                json BLOB NOT NULL, PRIMARY KEY (api_group, resource, namespace, name)
            ) WITHOUT ROWID
            """,
            "CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL)",
            "INSERT OR IGNORE INTO counters VALUES ('revision', 0)",
        ] {
            try run(database, path, sql)
        }
    }

    private static func run(_ database: OpaquePointer, _ path: String, _ sql: String) throws(Failure) {
        let code = sqlite3_exec(database, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(database, path, code) }
    }

    private static func statement(
        _ database: OpaquePointer,
        _ path: String,
        _ sql: String
    ) throws(Failure) -> OpaquePointer {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement else { throw failure(database, path, code) }
        return statement
    }

    private static func failure(_ database: OpaquePointer, _ path: String, _ code: Int32) -> Failure {
        if code == SQLITE_BUSY {
            return Failure(
                description: "\(path) is in use by another process; stop it or choose another data directory"
            )
        }
        return Failure(description: "\(path): \(String(cString: sqlite3_errmsg(database)))")
    }

    // MARK: Reading

    /// Everything that was committed.
    func load() throws(Failure) -> ClusterState {
        var state = ClusterState()
        let counter = try Self.statement(database, path, "SELECT value FROM counters WHERE name = 'revision'")
        defer { sqlite3_finalize(counter) }
        if sqlite3_step(counter) == SQLITE_ROW {
            state.revision = UInt64(clamping: sqlite3_column_int64(counter, 0))
        }
        let rows = try Self.statement(database, path, "SELECT api_group, resource, json FROM objects")
        defer { sqlite3_finalize(rows) }
        while true {
            let code = sqlite3_step(rows)
            if code == SQLITE_DONE { return state }
            guard code == SQLITE_ROW else { throw Self.failure(database, path, code) }
            let bytes = UnsafeRawBufferPointer(
                start: sqlite3_column_blob(rows, 2),
                count: Int(sqlite3_column_bytes(rows, 2))
            )
            let resource = GroupResource(group: Self.text(rows, 0), resource: Self.text(rows, 1))
            do throws(JSONParseError) {
                state.put(resource, KubernetesObject(try JSONValue(parsing: bytes)))
            } catch {
                throw Failure(description: "\(path): a stored object of \(resource) is not JSON: \(error)")
            }
        }
    }

    private static func text(_ row: OpaquePointer, _ column: Int32) -> String {
        sqlite3_column_text(row, column).map { String(cString: $0) } ?? ""
    }

    // MARK: Writing

    /// Commits changes, all or none.
    func commit(_ changes: [Change]) throws(Failure) {
        guard let last = changes.last else { return }
        try Self.run(database, path, "BEGIN IMMEDIATE")
        do throws(Failure) {
            for change in changes { try write(change) }
            sqlite3_bind_int64(setRevision, 1, Int64(clamping: last.revision))
            try step(setRevision)
            try Self.run(database, path, "COMMIT")
        } catch {
            sqlite3_exec(database, "ROLLBACK", nil, nil, nil)
            throw error
        }
    }

    private func write(_ change: Change) throws(Failure) {
        let statement = change.current == nil ? delete : upsert
        let key = change.key
        for (index, text) in [change.resource.group, change.resource.resource, key.namespace, key.name]
            .enumerated()
        {
            ingot_sqlite_bind_text(statement, Int32(index + 1), text, Int32(text.utf8.count))
        }
        if let object = change.current {
            let bytes = object.json.encoded()
            ingot_sqlite_bind_blob(statement, 5, bytes, Int32(bytes.count))
        }
        try step(statement)
    }

    private func step(_ statement: OpaquePointer) throws(Failure) {
        let code = sqlite3_step(statement)
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
        guard code == SQLITE_DONE else { throw Self.failure(database, path, code) }
    }
}
