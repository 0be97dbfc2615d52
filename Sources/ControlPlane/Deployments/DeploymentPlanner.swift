import Capacity
public import HuggingFace
import JSON
import Kubernetes
import KubernetesModel
import Redaction
public import Runtimes

/// Makes a plan of a wish: chooses what it leaves open, renders the objects, and looks whether the model fits and the workers have
/// places. Nothing is made.
public struct DeploymentPlanner: Sendable {
    let cluster: ClusterAccess
    let models: ModelSources
    let fit: FitService

    /// A planner for a cluster.
    public init(cluster: ClusterAccess, models: ModelSources, fit: FitService) {
        self.cluster = cluster
        self.models = models
        self.fit = fit
    }

    /// How long a question of fit may hold up a deployment that would be made anyway.
    private static let patience = Duration.seconds(2)

    /// The plan for a wish.
    ///
    /// - Parameters:
    ///   - token: reads gated models of the Hub.
    ///   - isPatient: whether to wait for the answer on fit however long it takes.
    public func plan(
        _ request: DeploymentRequest,
        token: HubToken?,
        isPatient: Bool
    ) async throws(DeploymentFailure) -> DeploymentPlan {
        var (spec, choice) = try choose(request)
        try await locate(&spec)
        let manifests = try render(spec)
        var plan = DeploymentPlan(
            spec: spec,
            choice: choice,
            manifests: manifests,
            warnings: spec.namesOfPlainSecrets.map {
                "\($0) looks like a secret and stands in the manifest, which viewers see: keep it in a Secret"
            },
            obstacles: []
        )
        let check = CapacityCheck(
            spec,
            on: cluster.inventory.snapshot,
            minimum: models.catalog.model(spec.model.id)?.minimumGPUs ?? 1
        )
        plan.placement = check.placement
        plan.warnings += check.warnings
        if check.placement?.isComplete == false { plan.obstacles += check.warnings }
        try await assess(&plan, token, isPatient)
        return plan
    }

    /// The objects for a specification.
    func render(
        _ spec: DeploymentSpec,
        version: Int = Runtimes.rendererVersion
    ) throws(DeploymentFailure) -> [Manifest] {
        guard let runtime = Runtimes.runtime(spec.runtime) else {
            throw .invalid([JSONFieldProblem("provider", "is not known")])
        }
        do throws(InvalidDeployment) {
            return try runtime.render(spec, version: version)
        } catch {
            throw .invalid(error.problems)
        }
    }

    // MARK: Choices

    func choose(_ request: DeploymentRequest) throws(DeploymentFailure) -> (DeploymentSpec, String) {
        try requireSettings(request)
        let active = request.runtime == nil ? activeRuntime(for: request) : nil
        let wanted = request.runtime ?? active
        guard let engine = engine(for: request, on: wanted) else {
            let provider = wanted?.rawValue ?? ""
            throw .invalid([
                JSONFieldProblem("mode", "\(request.mode.rawValue) is not served by the provider \(provider)")
            ])
        }
        if let runtime = wanted {
            if let problem = absence(of: runtime) { throw .notInstalled(runtime, problem) }
            let spec = request.spec(on: runtime, engine: engine, namespace: cluster.defaultNamespace)
            var choices = active.map { ["the active provider \($0.rawValue)"] } ?? []
            if request.engine == nil { choices.append("engine \(engine.rawValue)") }
            return (spec, choices.joined(separator: ", "))
        }
        var able: [RuntimeID] = []
        var chosen: DeploymentSpec?
        for runtime in Runtimes.all where runtime.engines(request.mode).contains(engine) {
            able.append(runtime.id)
            guard try isInstalled(runtime.id) else { continue }
            let spec = request.spec(on: runtime.id, engine: engine, namespace: cluster.defaultNamespace)
            // One that can do what was wished for goes before one that has a problem with it.
            let isAble = runtime.problems(of: spec).isEmpty
            if isAble || chosen == nil { chosen = spec }
            if isAble { break }
        }
        if let chosen { return (chosen, "provider \(chosen.runtime.rawValue), engine \(engine.rawValue)") }
        guard let missing = able.first else {
            let problem = "\(engine.rawValue) is served by no provider in the mode \(request.mode.rawValue)"
            throw .invalid([JSONFieldProblem("engine", problem)])
        }
        throw .notInstalled(
            missing,
            "no installed provider serves \(engine.rawValue) in the mode \(request.mode.rawValue); install "
                + able.map(\.rawValue).alternatives
        )
    }

    /// The engine: the one that was wished for, else llama.cpp for a GGUF file, else the runtime's usual one; nil when the runtime
    /// has none for the mode.
    private func engine(for request: DeploymentRequest, on wanted: RuntimeID?) -> InferenceEngine? {
        if let engine = request.engine { return engine }
        guard let wanted, let runtime = Runtimes.runtime(wanted) else {
            return request.isGGUF ? .llamaCpp : .vllm
        }
        let able = runtime.engines(request.mode)
        // An image that brings a model brings its engine too.
        if wanted == .kaito, !able.isEmpty { return KaitoRuntime.usualEngine(for: request) }
        return request.isGGUF && able.contains(.llamaCpp) ? .llamaCpp : able.first
    }

    /// What a wish leaves open is for the settings to say.
    ///
    /// - Throws: `unavailable` while they have not been read yet.
    private func requireSettings(_ request: DeploymentRequest) throws(DeploymentFailure) {
        guard request.runtime == nil || request.namespace == nil, let state = cluster.settings?.state,
            !state.isSynced, !state.isUnavailable
        else { return }
        throw .unavailable(ClusterUnavailable(reason: "the settings have not been read yet; try again"))
    }

    /// The active provider, where it serves the mode and the engine at all that the wish is about.
    private func activeRuntime(for request: DeploymentRequest) -> RuntimeID? {
        guard let active = cluster.activeProvider, let runtime = Runtimes.runtime(active) else { return nil }
        let able = runtime.engines(request.mode)
        if let engine = request.engine { return able.contains(engine) ? active : nil }
        if request.isGGUF { return able.contains(.llamaCpp) ? active : nil }
        return able.isEmpty ? nil : active
    }

    /// Why a runtime cannot be used, for people; nil when it can, or when that is not known.
    private func absence(of runtime: RuntimeID) -> String? {
        guard let provider = Provider.all.first(where: { $0.id == runtime.rawValue }),
            let caches = cluster.caches, let installation = ProviderInstallation(provider, caches),
            !installation.isInstalled
        else { return nil }
        return installation.message
    }

    /// Whether a runtime can be chosen where none was named: one whose operator nobody may look for is not.
    ///
    /// - Throws: `unavailable` while that is not known yet.
    private func isInstalled(_ runtime: RuntimeID) throws(DeploymentFailure) -> Bool {
        guard let provider = Provider.all.first(where: { $0.id == runtime.rawValue }) else { return true }
        guard let caches = cluster.caches else { return false }
        if let installation = ProviderInstallation(provider, caches) { return installation.isInstalled }
        guard caches.definitions.state.isUnavailable || caches.pods.state.isUnavailable else {
            throw .unavailable(
                ClusterUnavailable(reason: "which providers are installed has not been read yet; try again")
            )
        }
        return false
    }

    /// Finds the file of a model of this machine.
    private func locate(_ spec: inout DeploymentSpec) async throws(DeploymentFailure) {
        guard spec.model.id.hasPrefix(LocalModel.idPrefix), spec.model.path == nil else { return }
        guard cluster.isSimulated else {
            throw .invalid([
                JSONFieldProblem(
                    "modelId",
                    "\(spec.model.id) is a file of this machine, which the nodes of a Kubernetes cluster do not have; give modelPath where they do"
                )
            ])
        }
        func unknown(_ reason: String) -> DeploymentFailure {
            .invalid([
                JSONFieldProblem(
                    "modelId",
                    "\(spec.model.id) is not among the models of this machine\(reason)"
                )
            ])
        }
        guard let local = models.local else {
            throw unknown(": Ingot was started without --models-dir, the folder with its files")
        }
        let files: [LocalModel]
        do throws(FolderFailure) {
            files = try await local.models()
        } catch {
            throw unknown(": their folder cannot be read: \(error.reason)")
        }
        guard let found = files.first(where: { $0.id == spec.model.id }) else { throw unknown("") }
        spec.model.path = "\(local.folder)/\(found.path)"
    }

    // MARK: Fit

    private func assess(
        _ plan: inout DeploymentPlan,
        _ token: HubToken?,
        _ isPatient: Bool
    ) async throws(DeploymentFailure) {
        let spec = plan.spec
        guard let group = spec.groups.first(where: { $0.gpus > 0 }), spec.model.path == nil else { return }
        guard let document = try? spec.fitQuestion(group).document() else { return }
        let fit = fit
        let answer: Result<FitService.Answer, FitService.Failure>? = await within(
            isPatient ? .seconds(60) : Self.patience
        ) {
            do throws(FitService.Failure) {
                return .success(try await fit.answer(document, token: token))
            } catch {
                return .failure(error)
            }
        }
        switch answer {
        case nil:
            plan.warnings.append("whether the model fits is not known: the Hub has not answered in time")
        case .failure(let failure):
            plan.warnings.append("whether the model fits is not known: \(failure)")
        case .success(let answer):
            plan.fit = answer.report
            plan.profile = answer.profile
            guard answer.report.verdict != .fits, answer.report.verdict != .unknown else { return }
            let texts = answer.report.blockers.map(\.detail)
            let text = texts.isEmpty ? answer.report.verdict.rawValue : texts.joined(separator: "; ")
            plan.warnings.append("the model does not fit as it is to be served: \(text)")
            plan.obstacles.append(text)
        }
    }
}

extension DeploymentSpec {
    /// The variables and arguments that hold a secret, by their names.
    fileprivate var namesOfPlainSecrets: [String] {
        let variables = environment.filter { !$0.value.isEmpty && Redaction.isSecretName($0.name.utf8) }
        let flags = extraArguments.map { $0.prefix { $0 != "=" } }
            .filter { $0.hasPrefix("--") && Redaction.isSecretName($0.utf8) }
        return variables.map { "env.\($0.name)" } + flags.map { "engineExtraArgs: \($0)" }
    }
}

extension DeploymentRequest {
    /// Whether the model is a GGUF file.
    fileprivate var isGGUF: Bool { model.file != nil || model.id.hasPrefix(LocalModel.idPrefix) }
}
