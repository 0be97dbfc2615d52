import Capacity
import JSON
import Runtimes

extension DiagnosisService {
    /// What the reckoning of fit says of a deployment that does not start, by what is known already: the Hub is not asked.
    ///
    /// - Returns: the first group of workers for which the model is too large, else the first of all; nil where no GPU is asked for, or
    ///   the model or the GPUs are not known.
    func fit(of record: DeploymentRecord) async -> ModelFit? {
        guard let spec = record.reading.spec, let profile = await profile(of: record.reading, spec) else {
            return nil
        }
        var first: ModelFit?
        for group in spec.groups where group.gpus > 0 {
            guard let fit = fit(profile, spec, group, record.pods) else { continue }
            if fit.isTooLarge { return fit }
            first = first ?? fit
        }
        return first
    }

    /// The model: as it was found out when the deployment was made, else what the catalogue or the file on this machine says of it.
    private func profile(of reading: DeploymentReading, _ spec: DeploymentSpec) async -> ModelProfile? {
        if let kept = models.profiles.profile(reading.uid) { return kept }
        if let local = models.local, spec.model.id.hasPrefix(LocalModel.idPrefix) {
            return try? await local.models().first { $0.id == spec.model.id }?.header?.profile
        }
        guard spec.model.file == nil, spec.model.path == nil else { return nil }
        return models.catalog.model(spec.model.id)?.profile
    }

    private func fit(
        _ profile: ModelProfile,
        _ spec: DeploymentSpec,
        _ group: WorkerGroup,
        _ pods: [ServingPod]
    ) -> ModelFit? {
        guard var request = try? spec.fitQuestion(group).document().request else { return nil }
        request.engine = spec.engine
        request.devices = devices(spec, group, pods)
        guard !request.devices.isEmpty else { return nil }
        let report = Fit.evaluate(profile, request)
        let kinds = request.devices.map { $0.product?.name ?? $0.name }
        return ModelFit(
            report.verdict,
            gpus: "\(group.gpus) × \(kinds.joined(separator: " or "))",
            obstacles: report.blockers.map(\.detail),
            changes: report.changes
                + report.blockers.compactMap(\.fix).filter { fix in
                    if case .tensorParallel = fix { true } else { false }
                },
            longestContext: profile.contextLength,
            askedContext: spec.contextLength
        )
    }

    /// The kinds of GPUs that a worker has: those of the nodes where workers are that do not serve, else of all nodes that they may go
    /// to.
    private func devices(_ spec: DeploymentSpec, _ group: WorkerGroup, _ pods: [ServingPod]) -> [FitDevice] {
        let inventory = cluster.inventory.snapshot
        let places = Set(pods.filter { !$0.isOver && !$0.isReady && !$0.node.isEmpty }.map(\.node))
        let nodes =
            places.isEmpty
            ? inventory.nodes.filter { node in
                node.node.isReady && spec.nodeSelector.allSatisfy { node.node.labels[$0.key] == $0.value }
            } : places.compactMap { inventory[node: $0] }
        let (tensor, pipeline) = spec.split(of: group)
        let kinds = nodes.flatMap(\.accelerators)
            .filter { $0.resource.name == spec.resources.gpuResource && $0.count > 0 }
            .map { FitDevice($0, count: max(group.gpus, tensor * pipeline)) }
        return Set(kinds).sorted { $0.name < $1.name }
    }
}
