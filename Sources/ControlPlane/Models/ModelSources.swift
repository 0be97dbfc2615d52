public import Capacity
public import HuggingFace
internal import JSON

/// Where models come from: the catalogue, the Hub, and the files of this machine.
public final class ModelSources: Sendable {
    /// The models that are offered without a search.
    public let catalog: ModelCatalog
    /// The Hub; nil when none is used.
    public let hub: HubAccess?
    /// Signs people in to the Hub; nil when none is used.
    public let signIn: HubSignIn?
    /// The GGUF files of this machine; nil when no folder is configured.
    public let local: LocalModels?

    /// What is known of the models of deployments.
    let profiles = KeptProfiles()

    /// The catalogue alone.
    public static let none = ModelSources()

    /// Sources.
    public init(
        catalog: ModelCatalog = .standard,
        hub: HubAccess? = nil,
        signIn: HubSignIn? = nil,
        local: LocalModels? = nil
    ) {
        self.catalog = catalog
        self.hub = hub
        self.signIn = signIn
        self.local = local
    }

    /// What is known of a model on the Hub.
    ///
    /// - Throws: `HubError`; `unreachable` when no Hub is used.
    public func hubDetails(
        of id: RepositoryID,
        token: HubToken?
    ) async throws(HubError) -> HubDetails {
        guard let hub else { throw HubError(.unreachable, "no Hub is configured") }
        let metadata = try await hub.metadata.metadata(of: id, token: token)
        var problem: String?
        var profile: ModelProfile?
        do throws(HubError) {
            let configuration = try await hub.metadata.configuration(of: metadata, token: token)
            let evidence = ModelEvidence(
                configuration: configuration,
                elementsByDtype: metadata.model.parameters?.byType ?? [:],
                parameterCount: metadata.model.parameterCount
            )
            profile = try? ModelProfile(evidence)
        } catch {
            if error.kind == .cancelled { throw error }
            // The rest is worth telling: a gated model's files are for those who have been let in.
            problem = error.message
        }
        return HubDetails(metadata: metadata, profile: profile, problem: problem)
    }
}

/// What is known of a model on the Hub.
public struct HubDetails: Sendable {
    /// What the Hub tells.
    public let metadata: ModelMetadata
    /// What its configuration says; nil when there is none or it could not be read.
    public let profile: ModelProfile?
    /// Why the configuration could not be read; nil when it was, and when there is none.
    public let problem: String?
}
