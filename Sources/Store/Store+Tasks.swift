internal import JSON
internal import SQLite

extension Store {
    /// How many tasks are remembered; the output of older ones goes with them.
    static let tasksKept = 200

    /// The tasks that are remembered, oldest first.
    public func tasks() async throws(Failure) -> [TaskRecord] {
        try await perform { (database) throws(Database.Failure) in
            var records: [TaskRecord] = []
            try database.statement(
                "SELECT id, number, kind, subject, title, state, started, finished, message, outcome FROM tasks ORDER BY number"
            ).each { row in records.append(TaskRecord(row)) }
            return records
        }
    }

    /// Puts a new task down, or how it stands now, and forgets the oldest where there are too many.
    public func save(_ task: TaskRecord) async throws(Failure) {
        try await perform { (database) throws(Database.Failure) in
            try database.transaction { () throws(Database.Failure) in
                try database.statement(
                    """
                    INSERT INTO tasks VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                    ON CONFLICT (id) DO UPDATE SET state = ?6, finished = ?8, message = ?9, outcome = ?10
                    """
                ).run(task.values)
                let old = "SELECT id FROM tasks WHERE number <= \(task.number - Int64(Self.tasksKept))"
                try database.run("DELETE FROM task_output WHERE task IN (\(old))")
                try database.run("DELETE FROM tasks WHERE number <= \(task.number - Int64(Self.tasksKept))")
            }
        }
    }

    /// Adds to a task's output.
    public func add(_ lines: [TaskLine], to task: String) async throws(Failure) {
        try await perform { (database) throws(Database.Failure) in
            try database.transaction { () throws(Database.Failure) in
                let insert = try database.statement("INSERT INTO task_output VALUES (?1, ?2, ?3, ?4, ?5)")
                for line in lines {
                    try insert.run([
                        .text(task), .integer(line.number), .integer(line.time.millisecondsSinceEpoch),
                        .text(line.step), .text(line.text),
                    ])
                }
            }
        }
    }

    /// A part of a task's output, in order.
    ///
    /// - Parameters:
    ///   - after: the number of the line before; 0 for the beginning.
    ///   - limit: the most lines to return.
    public func output(of task: String, after number: Int64, limit: Int) async throws(Failure) -> [TaskLine] {
        try await perform { (database) throws(Database.Failure) in
            var lines: [TaskLine] = []
            try database.statement(
                "SELECT number, time, step, text FROM task_output WHERE task = ?1 AND number > ?2 ORDER BY number LIMIT ?3"
            ).each([.text(task), .integer(number), .integer(Int64(limit))]) { row in
                lines.append(
                    TaskLine(
                        number: row.integer(0),
                        time: Timestamp(millisecondsSinceEpoch: row.integer(1)),
                        step: row.text(2),
                        text: row.text(3)
                    )
                )
            }
            return lines
        }
    }
}

extension TaskRecord {
    fileprivate var values: [DatabaseValue] {
        var outcome: JSONValue = ["result": result]
        if let failure {
            outcome["failure"] = [
                "code": .string(failure.code), "message": .string(failure.message),
                "details": failure.details,
            ]
        }
        return [
            .text(id), .integer(number), .text(kind), .text(subject), .text(title), .text(state.rawValue),
            .integer(started.millisecondsSinceEpoch), .optional(finished?.millisecondsSinceEpoch),
            .text(message), .blob(outcome.encoded()),
        ]
    }

    fileprivate init(_ row: borrowing DatabaseRow) {
        self.init(
            id: row.text(0),
            number: row.integer(1),
            kind: row.text(2),
            subject: row.text(3),
            title: row.text(4),
            started: Timestamp(millisecondsSinceEpoch: row.integer(6))
        )
        state = State(rawValue: row.text(5)) ?? .interrupted
        finished = row.optionalInteger(7).map(Timestamp.init(millisecondsSinceEpoch:))
        message = row.text(8)
        let outcome = row.withBytes(9) { (bytes) in try? JSONValue(parsing: bytes) } ?? .null
        result = outcome["result"] ?? [:]
        if let failure = outcome["failure"], let code = failure["code"]?.stringValue {
            self.failure = Failure(
                code: code,
                message: failure["message"]?.stringValue ?? "",
                details: failure["details"] ?? [:]
            )
        }
    }
}

extension Timestamp {
    fileprivate init(millisecondsSinceEpoch milliseconds: Int64) {
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        self.init(secondsSinceEpoch: seconds, nanoseconds: rest * 1_000_000)
    }
}
