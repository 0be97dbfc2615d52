import JSON

/// How far a log has been read, so that reading can go on there: the API server finds the place to the second only.
struct LogCursor: Sendable {
    /// The time of the latest line.
    private(set) var time: Timestamp?
    /// How many lines have that time.
    private var count = 0
    /// Where reading went on, while lines from before that place may still come.
    private var resumed: (time: Timestamp, count: Int)?

    init() {}

    /// The same place, from which reading goes on: lines that were read are to come again.
    func goingOn() -> LogCursor {
        var cursor = self
        cursor.resumed = time.map { ($0, count) }
        return cursor
    }

    /// Whether a line has not been read before; it is then.
    mutating func isNew(_ line: LogLine) -> Bool {
        guard let time = line.time else { return resumed == nil }
        if let place = resumed {
            if time < place.time { return false }
            if time == place.time, place.count > 0 {
                resumed = (place.time, place.count - 1)
                return false
            }
            resumed = nil
        }
        if let latest = self.time, time == latest {
            count += 1
        } else if self.time.map({ $0 < time }) ?? true {
            self.time = time
            count = 1
        }
        return true
    }
}
