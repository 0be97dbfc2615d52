internal import CSQLite

/// A SQLite database that this process alone uses, with a write-ahead log: what was committed is safe from the end of the process,
/// however it comes about. Used by one thread at a time.
public final class Database {
    /// The database cannot be used.
    public struct Failure: Error, CustomStringConvertible {
        /// Why, for people.
        public let description: String

        /// A failure with that reason.
        public init(description: String) {
            self.description = description
        }
    }

    let handle: OpaquePointer
    /// Where it is.
    public let path: String

    /// Opens or makes the database at `path`; `:memory:` is one that is gone with this object.
    ///
    /// - Throws: `Failure` when another process uses it or it is no database.
    public init(path: String) throws(Failure) {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let opened else {
            let reason = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "no memory"
            sqlite3_close_v2(opened)
            throw Failure(description: "cannot open \(path): \(reason)")
        }
        handle = opened
        self.path = path
        for pragma in ["locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = NORMAL"] {
            try run("PRAGMA \(pragma)")
        }
    }

    deinit {
        sqlite3_close_v2(handle)
    }

    /// Runs statements that neither take nor give values.
    public func run(_ sql: String) throws(Failure) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code) }
    }

    /// A statement that is used again and again. It must not outlive the database.
    public func statement(_ sql: String) throws(Failure) -> Statement {
        try Statement(self, sql)
    }

    /// Commits what `body` does, or nothing of it when it throws.
    public func transaction<Value>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
        try run("BEGIN IMMEDIATE")
        do throws(Failure) {
            let value = try body()
            try run("COMMIT")
            return value
        } catch {
            sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
            throw error
        }
    }

    /// Brings the database to its newest form. Each migration runs once in the database's life, in a transaction of its own; none
    /// may ever be changed or taken away, only more may come after them.
    ///
    /// - Throws: `Failure` also when the database has had migrations that are not known here, as a newer release makes.
    public func migrate(_ migrations: [String]) throws(Failure) {
        let version = try statement("PRAGMA user_version")
        var done = 0
        try version.each { row in done = Int(clamping: row.integer(0)) }
        guard done <= migrations.count else {
            throw Failure(
                description:
                    "\(path) is of a newer release, with \(done) migrations where this one knows \(migrations.count)"
            )
        }
        for (number, migration) in migrations.enumerated().dropFirst(done) {
            try transaction { () throws(Failure) in
                try run(migration)
                try run("PRAGMA user_version = \(number + 1)")
            }
        }
    }

    func failure(_ code: Int32) -> Failure {
        if code == SQLITE_BUSY {
            return Failure(
                description: "\(path) is in use by another process; stop it or choose another data directory"
            )
        }
        return Failure(description: "\(path): \(String(cString: sqlite3_errmsg(handle)))")
    }
}
