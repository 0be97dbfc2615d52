internal import JSON

/// A model at one commit, as a `ModelMetadataStore` knows it.
public struct ModelMetadata: Sendable, Hashable {
    /// What the Hub tells about it.
    public var model: HubModel
    /// The commit, which never changes: what is read at it can be kept.
    public var commit: Revision
    /// Whether the Hub could not be asked whether this is still so.
    public var isStale: Bool

    /// The repository.
    public var id: RepositoryID { model.id }
}

/// A part of a model's metadata that does not change with time.
enum MetadataPart: Sendable {
    case configuration(JSONValue?)
    case files([RepositoryFile])
    case weights(WeightSummary)
    case derived(any Sendable, byteCount: Int)

    /// Which part of what it is.
    struct Key: Hashable, Sendable {
        var id: RepositoryID
        var commit: Revision
        var part: String
        /// Whose it is; nil for what is open to all.
        var reader: TokenIdentity?
    }

    /// About how many bytes of memory it takes.
    var approximateSize: Int {
        switch self {
        case .configuration(let json): 64 + (json?.approximateSize ?? 0)
        case .files(let files):
            files.reduce(64) { sum, file in
                sum + MemoryLayout<RepositoryFile>.size + file.path.utf8.count + (file.blob?.utf8.count ?? 0)
                    + (file.sha256?.utf8.count ?? 0)
            }
        case .weights(let weights): weights.approximateSize
        case .derived(_, let byteCount): 64 + byteCount
        }
    }
}

extension HubModel {
    /// Whether the Hub has said that everybody may have the files. What it did not say is not taken for a yes.
    var isOpenToAll: Bool { gate == .open && isPrivate == false }
}
