/// What bounds a store of metadata.
public struct ModelMetadataLimits: Sendable {
    /// About how many bytes all that is kept may take.
    public var bytes = 96 << 20
    /// How long what a branch points to is believed before the Hub is asked whether it has changed.
    public var freshness: Duration = .seconds(30)
    /// How long what was known is believed while the Hub cannot be asked.
    public var staleness: Duration = .seconds(3600)
    /// The longest `config.json`, in bytes.
    public var configurationSize = 4 << 20

    /// The defaults.
    public init() {}
}
