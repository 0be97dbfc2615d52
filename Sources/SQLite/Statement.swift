internal import CSQLite

/// A value of a column or a parameter.
public enum DatabaseValue: Sendable, Hashable {
    /// NULL.
    case null
    /// A whole number.
    case integer(Int64)
    /// A text in UTF-8.
    case text(String)
    /// Bytes.
    case blob([UInt8])

    /// The text, or NULL for nil.
    public static func optional(_ text: String?) -> DatabaseValue { text.map(DatabaseValue.text) ?? .null }
    /// The number, or NULL for nil.
    public static func optional(_ integer: Int64?) -> DatabaseValue {
        integer.map(DatabaseValue.integer) ?? .null
    }
}

/// A prepared statement of a database.
public final class Statement {
    private let handle: OpaquePointer
    private let database: Database

    init(_ database: Database, _ sql: String) throws(Database.Failure) {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(
            database.handle,
            sql,
            -1,
            UInt32(SQLITE_PREPARE_PERSISTENT),
            &statement,
            nil
        )
        guard code == SQLITE_OK, let statement else { throw database.failure(code) }
        handle = statement
        self.database = database
    }

    deinit {
        sqlite3_finalize(handle)
    }

    /// Runs the statement with these parameters to its end.
    public func run(_ parameters: [DatabaseValue] = []) throws(Database.Failure) {
        try each(parameters) { _ in }
    }

    /// Runs the statement with these parameters, and hands each row to `body`, which must not keep it.
    public func each(
        _ parameters: [DatabaseValue] = [],
        _ body: (borrowing DatabaseRow) throws(Database.Failure) -> Void
    ) throws(Database.Failure) {
        defer {
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
        for (index, value) in parameters.enumerated() { bind(value, Int32(index + 1)) }
        while true {
            let code = sqlite3_step(handle)
            if code == SQLITE_DONE { return }
            guard code == SQLITE_ROW else { throw database.failure(code) }
            try body(DatabaseRow(handle))
        }
    }

    private func bind(_ value: DatabaseValue, _ index: Int32) {
        switch value {
        case .null: sqlite3_bind_null(handle, index)
        case .integer(let integer): sqlite3_bind_int64(handle, index, integer)
        case .text(let text): ingot_sqlite_bind_text(handle, index, text, Int32(clamping: text.utf8.count))
        case .blob(let bytes): ingot_sqlite_bind_blob(handle, index, bytes, Int32(clamping: bytes.count))
        }
    }
}

/// The present row of a statement.
public struct DatabaseRow: ~Copyable {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) {
        self.handle = handle
    }

    /// The number in a column; 0 for NULL.
    public func integer(_ column: Int) -> Int64 { sqlite3_column_int64(handle, Int32(column)) }

    /// The number in a column; nil for NULL.
    public func optionalInteger(_ column: Int) -> Int64? { isNull(column) ? nil : integer(column) }

    /// The text in a column; empty for NULL.
    public func text(_ column: Int) -> String {
        let bytes = UnsafeBufferPointer(
            start: sqlite3_column_text(handle, Int32(column)),
            count: Int(sqlite3_column_bytes(handle, Int32(column)))
        )
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The text in a column; nil for NULL.
    public func optionalText(_ column: Int) -> String? { isNull(column) ? nil : text(column) }

    /// What `body` makes of the bytes in a column, which it must not keep.
    public func withBytes<Value, Failure: Error>(
        _ column: Int,
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try body(
            UnsafeRawBufferPointer(
                start: sqlite3_column_blob(handle, Int32(column)),
                count: Int(sqlite3_column_bytes(handle, Int32(column)))
            )
        )
    }

    private func isNull(_ column: Int) -> Bool { sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL }
}
