import JSON

/// Durations as `kubectl` shows ages (apimachinery, duration.HumanDuration): two units while they matter, then one.
enum HumanDuration {
    /// The text of a duration in whole seconds, such as `5s`, `2m10s`, `3h5m`, `4d2h`, `1y30d`.
    ///
    /// Clocks of machines differ a little, so a second in the future counts as now; more than that is `<invalid>`.
    static func text(seconds: Int64) -> String {
        if seconds < -1 { return "<invalid>" }
        if seconds < 0 { return "0s" }
        if seconds < 120 { return "\(seconds)s" }
        let (minutes, hours) = (seconds / 60, seconds / 3600)
        if minutes < 10 { return two(minutes, "m", seconds % 60, "s") }
        if minutes < 180 { return "\(minutes)m" }
        if hours < 8 { return two(hours, "h", minutes % 60, "m") }
        if hours < 48 { return "\(hours)h" }
        let days = hours / 24
        if days < 8 { return two(days, "d", hours % 24, "h") }
        if days < 365 * 2 { return "\(days)d" }
        if days < 365 * 8 { return two(days / 365, "y", days % 365, "d") }
        return "\(days / 365)y"
    }

    private static func two(_ first: Int64, _ unit: String, _ second: Int64, _ smaller: String) -> String {
        second == 0 ? "\(first)\(unit)" : "\(first)\(unit)\(second)\(smaller)"
    }

    /// The text of the time from `start` to `end`, the fraction of a second dropped.
    static func text(from start: Timestamp, to end: Timestamp) -> String {
        text(seconds: Int64(end.seconds(since: start)))
    }

    /// How long ago an RFC 3339 time was; `<unknown>` when it is absent.
    static func text(since time: JSONValue?, now: Timestamp) -> String {
        guard let text = time?.stringValue, let start = Timestamp(rfc3339: text) else { return "<unknown>" }
        return self.text(from: start, to: now)
    }
}
