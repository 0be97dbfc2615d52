public import HTTPClient
public import HuggingFace

/// The Hub as the control plane uses it: one search and one store of metadata for all who ask.
public struct HubAccess: Sendable {
    /// Asks the Hub.
    public let client: HubClient
    /// Finds models that some engine runs.
    public let search: ModelSearch
    /// What is known of single models.
    public let metadata: ModelMetadataStore

    /// Access to the Hub that the configuration names.
    public init(_ configuration: HubConfiguration, http: HTTPClient) {
        client = HubClient(configuration: configuration, http: http)
        var limits = ModelSearchLimits()
        // A search of which much is filtered out takes several questions.
        limits.deadline = configuration.deadline * 3 / 2
        search = ModelSearch(client: client, limits: limits) { !$0.engines.isEmpty }
        metadata = ModelMetadataStore(client: client)
    }
}
