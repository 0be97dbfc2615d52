internal import CSQLite

/// Copies of SQLite's databases.
enum DatabaseCopy {
    /// How long a database that somebody else writes to is waited for, milliseconds.
    private static let patience: Int32 = 5000

    /// Whether a file is a database by its name; what SQLite keeps beside one, with `-wal` and `-shm` behind the name, is a part of it.
    static func isDatabase(_ path: String) -> Bool { path.hasSuffix(".db") || path.hasSuffix(".sqlite") }

    /// Whether a file belongs to a database.
    static func isPart(_ path: String) -> Bool {
        ["-wal", "-shm", "-journal"].contains { path.hasSuffix($0) }
    }

    /// Writes a whole and consistent copy of a database, what is in its write-ahead log included.
    static func make(_ source: String, to target: String) throws(BackupFailure) {
        // A write-ahead log that was left behind can only be read by one who may write.
        try with(source, SQLITE_OPEN_READWRITE) { (database) throws(BackupFailure) in
            var statement: OpaquePointer?
            guard sqlite3_prepare_v2(database, "VACUUM INTO ?1", -1, &statement, nil) == SQLITE_OK else {
                throw failure(database, source)
            }
            defer { sqlite3_finalize(statement) }
            // The text lives until the statement has run.
            let code = target.withCString { text in
                sqlite3_bind_text(statement, 1, text, -1, nil)
                return sqlite3_step(statement)
            }
            guard code == SQLITE_DONE else { throw failure(database, source) }
        }
    }

    /// What SQLite finds wrong with a database; nil for nothing.
    static func defect(_ path: String) throws(BackupFailure) -> String? {
        try with(path, SQLITE_OPEN_READONLY) { (database) throws(BackupFailure) in
            var statement: OpaquePointer?
            guard sqlite3_prepare_v2(database, "PRAGMA quick_check(1)", -1, &statement, nil) == SQLITE_OK
            else { throw failure(database, path) }
            defer { sqlite3_finalize(statement) }
            guard sqlite3_step(statement) == SQLITE_ROW, let text = sqlite3_column_text(statement, 0) else {
                throw failure(database, path)
            }
            let found = String(cString: text)
            return found == "ok" ? nil : found
        }
    }

    private static func with<Value>(
        _ path: String,
        _ flags: Int32,
        _ body: (OpaquePointer) throws(BackupFailure) -> Value
    ) throws(BackupFailure) -> Value {
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        defer { sqlite3_close_v2(opened) }
        guard code == SQLITE_OK, let database = opened else {
            throw BackupFailure("\(path): it cannot be opened as a database")
        }
        sqlite3_busy_timeout(database, patience)
        return try body(database)
    }

    private static func failure(_ database: OpaquePointer, _ path: String) -> BackupFailure {
        let code = sqlite3_errcode(database)
        if code == SQLITE_BUSY || code == SQLITE_LOCKED {
            return BackupFailure("\(path): a server uses it; stop it first", isBusy: true)
        }
        return BackupFailure("\(path): \(String(cString: sqlite3_errmsg(database)))")
    }
}
