public import Capacity

/// A model of the catalogue for which there is room now.
public struct PlaceableModel: Sendable, Hashable {
    /// The model.
    public let model: CatalogModel
    /// The engine that serves it.
    public let engine: InferenceEngine
    /// The product of the GPUs, as the nodes' label has it.
    public let product: String
    /// GPUs on each of the nodes, among which each layer is divided.
    public let gpusPerNode: Int
    /// The nodes, each of which has a stage of the layers.
    public let nodes: Int
    /// The context that was reckoned with, in tokens.
    public let contextLength: Int

    /// All GPUs.
    public var gpus: Int { gpusPerNode * nodes }
}

/// The largest models for which there is room now.
public struct LargestModels: Sendable, Hashable {
    /// On one node; nil where no model of the catalogue fits.
    public var onOneNode: PlaceableModel?
    /// Spread over several nodes of one kind; nil where that makes no larger one fit.
    public var onSeveralNodes: PlaceableModel?

    /// None.
    public init() {}
}
