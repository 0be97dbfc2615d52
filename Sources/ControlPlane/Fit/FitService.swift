public import Capacity
public import HuggingFace
import JSON
import Kubernetes

/// Tells whether a model of the Hub, or one that is described, fits on GPUs that are named or on this cluster's.
public struct FitService: Sendable {
    private let models: ModelMetadataStore?
    private let inventory: @Sendable () throws(ClusterUnavailable) -> GPUInventory

    /// A service that reads models' files from the Hub, where one is used, and counts the GPUs of a cluster.
    ///
    /// - Parameter inventory: what the cluster has; throws while that is not known.
    public init(
        models: ModelMetadataStore?,
        inventory: @escaping @Sendable () throws(ClusterUnavailable) -> GPUInventory
    ) {
        self.models = models
        self.inventory = inventory
    }

    /// A service that counts the GPUs of a cluster by what is known of it from watches.
    public init(models: ModelMetadataStore?, cluster: ClusterAccess) {
        self.init(models: models) { () throws(ClusterUnavailable) in
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
        /// The cluster's GPUs are not known.
        case cluster(ClusterUnavailable)

        /// Why, for people.
        public var description: String {
            switch self {
            case .invalid(let failure): failure.description
            case .hub(let failure): failure.message
            case .model(let reason): reason
            case .cluster(let failure): "the cluster's GPUs are not known: \(failure.reason)"
            }
        }
    }

    /// A report, and what of it can be placed now.
    public struct Answer: Sendable {
        /// Whether it fits.
        public let report: FitReport
        /// Where one replica of the best candidate can go now; nil when the GPUs are not this cluster's, or nothing fits.
        public let placement: Placement?
        /// How old the knowledge of the model may be: whether the Hub could not be asked just now.
        public let isStale: Bool
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
            request.devices += Self.devices(of: own, selector ?? [:])
            inventory = own
        }
        let (profile, isStale) = try await profile(of: document, token)
        let report = Fit.evaluate(profile, request)
        let placement = inventory.flatMap { Self.placement(of: report, selector ?? [:], on: $0) }
        return Answer(report: report, placement: placement, isStale: isStale)
    }

    // MARK: The model

    /// What is known of the model that a request names or describes, and whether the Hub could not be asked just now.
    func profile(
        of document: FitRequestDocument,
        _ token: HubToken?
    ) async throws(Failure) -> (ModelProfile, isStale: Bool) {
        var isStale = false
        let evidence: ModelEvidence
        if let told = document.evidence {
            evidence = told
        } else {
            let request = document.request
            (evidence, isStale) = try await self.evidence(request.model, request.revision, token)
        }
        do throws(ModelProfileFailure) {
            return (try ModelProfile(evidence), isStale)
        } catch {
            throw .model("\(error)")
        }
    }

    private func evidence(
        _ name: String,
        _ revision: String?,
        _ token: HubToken?
    ) async throws(Failure) -> (ModelEvidence, isStale: Bool) {
        guard let id = RepositoryID(name) else {
            throw .invalid(
                FitRequestFailure(path: "model.id", expected: "a model's id such as Qwen/Qwen3-8B")
            )
        }
        guard let revision = revision.map({ Revision($0) }) ?? .main else {
            throw .invalid(FitRequestFailure(path: "model.revision", expected: "a branch, tag or commit"))
        }
        guard let models else { throw .hub(HubError(.unreachable, "no Hub is configured")) }
        do throws(HubError) {
            let metadata = try await models.metadata(of: id, revision: revision, token: token)
            let files = try await models.files(of: metadata, token: token)
            let names = Set(files.map(\.path))
            var evidence = ModelEvidence(
                configuration: try await models.configuration(of: metadata, token: token),
                elementsByDtype: metadata.model.parameters?.byType ?? [:],
                parameterCount: metadata.model.parameters?.total ?? metadata.model.gguf?.parameters,
                files: files.map { Capacity.RepositoryFile(path: $0.path, bytes: $0.size) }
            )
            if names.contains("hf_quant_config.json") {
                evidence.quantization = try await document("hf_quant_config.json", models, metadata, token)
            }
            if evidence.configuration == nil, names.contains("params.json") {
                evidence.mistralParameters = try await document("params.json", models, metadata, token)
            }
            return (evidence, metadata.isStale)
        } catch {
            throw .hub(error)
        }
    }

    private func document(
        _ file: String,
        _ models: ModelMetadataStore,
        _ metadata: ModelMetadata,
        _ token: HubToken?
    ) async throws(HubError) -> JSONValue {
        try await models.derived(file, of: metadata, token: token) { (client) throws(HubError) in
            let json = try await client.json(
                in: file,
                of: metadata.id,
                revision: metadata.commit,
                token: token,
                upTo: 1 << 20
            )
            return (json, 1 << 14)
        }
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

    /// The kinds of GPUs of the nodes with those labels, each with as many as one node has: whether they are free just now is the
    /// placement's question.
    private static func devices(of inventory: GPUInventory, _ selector: [String: String]) -> [FitDevice] {
        var largest: [FitDevice: Int] = [:]
        for node in inventory.nodes where matches(node, selector) && node.node.isReady {
            for accelerator in node.accelerators where accelerator.count > 0 {
                var device = FitDevice(accelerator, count: 1)
                device.count = 0
                largest[device] = max(largest[device] ?? 0, Int(clamping: accelerator.count))
            }
        }
        return largest.map { entry in
            var device = entry.key
            device.count = entry.value
            return device
        }
        .sorted { ($0.name, $0.count) < ($1.name, $1.count) }
    }

    private static func matches(_ node: NodeInventory, _ selector: [String: String]) -> Bool {
        selector.allSatisfy { node.node.labels[$0.key] == $0.value }
    }

    private static func placement(
        of report: FitReport,
        _ selector: [String: String],
        on inventory: GPUInventory
    ) -> Placement? {
        guard report.verdict == .fits, let best = report.candidates.first else { return nil }
        let resource = inventory.nodes.lazy.flatMap(\.accelerators)
            .first { $0.productLabel == best.device.name || $0.resource.name == best.device.name }?
            .resource.name
        guard let resource else { return nil }
        let request = PlacementRequest(
            resource: resource,
            unitsPerWorker: Int64(best.parallelism.gpus),
            products: best.device.name == resource ? [] : [best.device.name],
            nodeSelector: selector
        )
        return Placement(request, on: inventory)
    }
}
