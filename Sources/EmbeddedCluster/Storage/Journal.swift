import JSON
import KubernetesModel
import SQLite

/// The objects on disk. Used by one thread at a time.
final class Journal {
    /// The database cannot be used.
    typealias Failure = Database.Failure

    private let database: Database
    private let upsert: Statement
    private let delete: Statement
    private let setRevision: Statement

    /// Opens or makes the database at `path`, for this process alone.
    ///
    /// - Throws: `Failure` when another process uses it or it is no such database.
    init(path: String) throws(Failure) {
        database = try Database(path: path)
        for sql in [
            """
            CREATE TABLE IF NOT EXISTS objects (
                api_group TEXT NOT NULL, resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
                json BLOB NOT NULL, PRIMARY KEY (api_group, resource, namespace, name)
            ) WITHOUT ROWID
            """,
            "CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL)",
            "INSERT OR IGNORE INTO counters VALUES ('revision', 0)",
        ] {
            try database.run(sql)
        }
        upsert = try database.statement(
            "INSERT INTO objects VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET json = ?5"
        )
        delete = try database.statement(
            "DELETE FROM objects WHERE api_group = ?1 AND resource = ?2 AND namespace = ?3 AND name = ?4"
        )
        setRevision = try database.statement("UPDATE counters SET value = ?1 WHERE name = 'revision'")
    }

    // MARK: Reading

    /// Everything that was committed.
    func load() throws(Failure) -> ClusterState {
        var state = ClusterState()
        try database.statement("SELECT value FROM counters WHERE name = 'revision'").each { row in
            state.revision = UInt64(clamping: row.integer(0))
        }
        let path = database.path
        try database.statement("SELECT api_group, resource, json FROM objects").each {
            (row) throws(Failure) in
            let resource = GroupResource(group: row.text(0), resource: row.text(1))
            do throws(JSONParseError) {
                let json = try row.withBytes(2) { (bytes) throws(JSONParseError) in
                    try JSONValue(parsing: bytes)
                }
                state.put(resource, KubernetesObject(json))
            } catch {
                throw Failure(description: "\(path): a stored object of \(resource) is not JSON: \(error)")
            }
        }
        return state
    }

    // MARK: Writing

    /// Commits changes, all or none.
    func commit(_ changes: [Change]) throws(Failure) {
        guard let last = changes.last else { return }
        try database.transaction { () throws(Failure) in
            for change in changes { try write(change) }
            try setRevision.run([.integer(Int64(clamping: last.revision))])
        }
    }

    private func write(_ change: Change) throws(Failure) {
        let key = change.key
        let place: [DatabaseValue] = [
            .text(change.resource.group), .text(change.resource.resource), .text(key.namespace),
            .text(key.name),
        ]
        if let object = change.current {
            try upsert.run(place + [.blob(object.json.encoded())])
        } else {
            try delete.run(place)
        }
    }
}
