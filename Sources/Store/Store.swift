internal import Dispatch
internal import SQLite

/// What must survive a restart and is not Kubernetes' to keep, in a SQLite database that this process alone uses.
///
/// Its work is done on a thread of its own, one piece after another.
public final class Store: Sendable {
    /// The database cannot be used.
    public struct Failure: Error, CustomStringConvertible {
        /// Why, for people.
        public let description: String

        init(_ failure: Database.Failure) {
            description = failure.description
        }
    }

    private let queue = DispatchQueue(label: "ingot.store")
    /// Touched on `queue` only, once it is open.
    nonisolated(unsafe) private let database: Database

    /// The name of the database in the data directory.
    public static let fileName = "ingot.db"

    /// Opens or makes the database at `path`, and brings it to its newest form.
    ///
    /// - Throws: `Failure` when another process uses it, it is no such database, or a newer release has written it.
    public init(path: String) throws(Failure) {
        do throws(Database.Failure) {
            database = try Database(path: path)
            try database.migrate(Self.migrations)
        } catch {
            throw Failure(error)
        }
    }

    /// One that forgets all when it goes away.
    ///
    /// - Throws: `Failure` when there is no memory for it.
    public static func inMemory() throws(Failure) -> Store { try Store(path: ":memory:") }

    /// What `body` returns, which has the database for itself meanwhile. It must not keep it.
    func perform<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws(Database.Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
            queue.async { [self] in
                do throws(Database.Failure) {
                    continuation.resume(returning: .success(try body(database)))
                } catch {
                    continuation.resume(returning: .failure(Failure(error)))
                }
            }
        }
        return try result.get()
    }

    /// The forms of the database, oldest first. See `Database.migrate`.
    private static let migrations = [
        """
        CREATE TABLE tasks (
            id TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, kind TEXT NOT NULL, subject TEXT NOT NULL, title TEXT NOT NULL,
            state TEXT NOT NULL, started INTEGER NOT NULL, finished INTEGER, message TEXT NOT NULL, outcome BLOB NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE task_output (
            task TEXT NOT NULL REFERENCES tasks (id), number INTEGER NOT NULL, time INTEGER NOT NULL, step TEXT NOT NULL,
            text TEXT NOT NULL, PRIMARY KEY (task, number)
        ) WITHOUT ROWID;
        """
    ]
}
