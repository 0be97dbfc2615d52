/// How log records are written; one record is one line in either form.
public enum LogFormat: String, Sendable, Hashable, CaseIterable {
    /// For people: time, level and message, then `key=value` pairs (logfmt).
    case text
    /// For programs: one JSON object per line.
    case json
}
