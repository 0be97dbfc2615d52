internal import JSON
public import Logging

/// Backs swift-log's loggers: each record becomes one line of a ``LogWriter``.
public struct StructuredLogHandler: LogHandler {
    private let label: String
    private let writer: LogWriter
    private let threshold: LogThreshold
    /// The level that was set for one logger alone.
    private var ownLevel: Logger.Level?

    /// What every record of the logger carries.
    public var metadata: Logger.Metadata = [:]
    /// What is asked at each record for more.
    public var metadataProvider: Logger.MetadataProvider?

    /// A handler for a logger.
    ///
    /// - Parameters:
    ///   - label: the name of the logger, written as the field `logger`; left out when empty.
    ///   - threshold: decides what is logged, until a level is set for this logger alone.
    public init(
        label: String,
        writer: LogWriter,
        threshold: LogThreshold,
        metadataProvider: Logger.MetadataProvider? = nil
    ) {
        self.label = label
        self.writer = writer
        self.threshold = threshold
        self.metadataProvider = metadataProvider
    }

    /// The least severe level that this logger logs. Setting it sets it for this logger alone.
    public var logLevel: Logger.Level {
        get { ownLevel ?? threshold.level }
        set { ownLevel = newValue }
    }

    /// One value of what every record of the logger carries.
    public subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes a record. Its own metadata goes before the provider's, that before the logger's; keys are sorted.
    public func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get(), !provided.isEmpty { fields.merge(provided) { $1 } }
        if let given = event.metadata, !given.isEmpty { fields.merge(given) { $1 } }
        var line = LogLine(
            writer.format,
            level: event.level,
            message: event.message.description,
            time: .now()
        )
        if !label.isEmpty { line.field("logger", label) }
        if let error = event.error { line.field("error", String(describing: error)) }
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) { line.field(metadata: key, value) }
        writer.append(line.finish())
    }
}
