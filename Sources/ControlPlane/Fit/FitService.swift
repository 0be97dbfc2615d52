public import Capacity
public import HuggingFace
import JSON
import Kubernetes

/// Tells whether a model of the Hub, or one that is described, fits on GPUs that are named or on this cluster's.
public struct FitService: Sendable {
    private let models: ModelMetadataStore?
    private let local: LocalModels?
    private let inventory: @Sendable () throws(ClusterUnavailable) -> GPUInventory

    /// A service that reads models' files from the Hub, where one is used, and from this machine, and counts the GPUs of a cluster.
    ///
    /// - Parameter inventory: what the cluster has; throws while that is not known.
    public init(
        models: ModelMetadataStore?,
        local: LocalModels? = nil,
        inventory: @escaping @Sendable () throws(ClusterUnavailable) -> GPUInventory
    ) {
        self.models = models
        self.local = local
        self.inventory = inventory
    }

    /// A service that counts the GPUs of a cluster by what is known of it from watches.
    public init(models: ModelMetadataStore?, local: LocalModels? = nil, cluster: ClusterAccess) {
        self.init(models: models, local: local) { () throws(ClusterUnavailable) in
            guard cluster.caches?.nodes.state.isSynced == true, cluster.caches?.pods.state.isSynced == true
            else {
                throw ClusterUnavailable(
                    reason: cluster.problem(at: .now()) ?? "nodes and pods may not be read"
                )
            }
            return cluster.inventory.snapshot
        }
    }

    /// Why there is no answer.
    public enum Failure: Error, Sendable, CustomStringConvertible {
        /// The request is wrong: where, and what should be there.
        case invalid(FitRequestFailure)
        /// The Hub does not tell of the model.
        case hub(HubError)
        /// What the Hub tells of the model cannot be understood.
        case model(String)
        /// No file of this machine is the model of that name.
        case noFile(String)
        /// The models of this machine cannot be read.
        case folder(FolderFailure)
        /// The cluster's GPUs are not known.
        case cluster(ClusterUnavailable)

        /// Why, for people.
        public var description: String {
            switch self {
            case .invalid(let failure): failure.description
            case .hub(let failure): failure.message
            case .model(let reason): reason
            case .noFile(let name): "no file of this machine is the model \(name)"
            case .folder(let failure): "the models of this machine cannot be read: \(failure.reason)"
            case .cluster(let failure): "the cluster's GPUs are not known: \(failure.reason)"
            }
        }
    }

    /// A report, and what of it can be placed now.
    public struct Answer: Sendable {
        /// Whether it fits.
        public let report: FitReport
        /// The engine that was reckoned with.
        public let engine: InferenceEngine
        /// Where one replica of the best candidate can go now; nil when the GPUs are not this cluster's, or nothing fits.
        public let placement: Placement?
        /// What was found out of the model.
        let profile: ModelProfile
        /// What the model's weights are known from.
        public let evidence: FitEvidence
        /// How old the knowledge of the model may be: whether the Hub could not be asked just now.
        public let isStale: Bool

        init(
            _ report: FitReport,
            _ engine: InferenceEngine,
            _ placement: Placement?,
            _ model: KnownModel
        ) {
            self.report = report
            self.engine = engine
            self.placement = placement
            profile = model.profile
            evidence = model.evidence
            isStale = model.isStale
        }
    }

    /// Answers a request.
    ///
    /// - Parameter token: reads gated models of the Hub; nil for what everybody may read.
    public func answer(_ document: FitRequestDocument, token: HubToken?) async throws(Failure) -> Answer {
        var request = document.request
        let selector = try document.nodeSelector.map(Self.selector)
        var inventory: GPUInventory?
        if selector != nil || request.devices.isEmpty {
            let own = try currentInventory()
            request.devices += own.devices(ofNodesWith: selector ?? [:])
            inventory = own
        }
        let model = try await model(of: document, token)
        request.engine = model.engine(for: document)
        let report = Fit.evaluate(model.profile, request)
        let placement = inventory?.placement(of: report, onNodesWith: selector ?? [:])
        return Answer(report, request.engine, placement, model)
    }

    // MARK: The model

    /// What is known of the model that a request names or describes.
    func model(
        of document: FitRequestDocument,
        _ token: HubToken?
    ) async throws(Failure) -> KnownModel {
        if let told = document.evidence {
            do throws(ModelProfileFailure) {
                return KnownModel(profile: try ModelProfile(told), evidence: FitEvidence(.request))
            } catch {
                throw .model("\(error)")
            }
        }
        let name = document.request.model
        if let local, name.hasPrefix(LocalModel.idPrefix) { return try await Self.model(name, in: local) }
        guard let models else { throw .hub(HubError(.unreachable, "no Hub is configured")) }
        return try await HubFitModel(store: models, token: token).known(document)
    }

    /// A GGUF file of this machine.
    private static func model(_ name: String, in local: LocalModels) async throws(Failure) -> KnownModel {
        let found: LocalModel?
        do throws(FolderFailure) {
            found = try await local.models().first { $0.id == name }
        } catch {
            throw .folder(error)
        }
        guard let found else { throw .noFile(name) }
        guard let header = found.header else { throw .model(found.problem ?? "its header cannot be read") }
        return KnownModel(
            profile: header.profile,
            evidence: FitEvidence(.ggufHeader, files: found.partCount, file: found.path)
        )
    }

    // MARK: The cluster

    private func currentInventory() throws(Failure) -> GPUInventory {
        do throws(ClusterUnavailable) {
            return try inventory()
        } catch {
            throw .cluster(error)
        }
    }

    /// The labels of a selector such as `pool=gpu,zone=a`.
    private static func selector(_ text: String) throws(Failure) -> [String: String] {
        var labels: [String: String] = [:]
        for part in text.split(separator: ",") {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, !sides[0].isEmpty else {
                throw .invalid(
                    FitRequestFailure(path: "nodes.selector", expected: "labels such as pool=gpu,zone=a")
                )
            }
            labels[String(sides[0])] = String(sides[1])
        }
        return labels
    }
}
