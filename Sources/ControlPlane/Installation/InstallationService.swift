public import HTTPClient
import JSON
public import Kubernetes
import KubernetesModel
import Runtimes
public import Store

/// Installs, upgrades and removes the operators of runtimes, and says how they stand.
public final class InstallationService: Sendable {
    /// Why nothing was begun.
    public enum Refusal: Error, Sendable {
        /// `helm` cannot be used; why, and what to run by hand.
        case noHelm(reason: String, commands: [String])
        /// Another task works on it.
        case busy(TaskRecord)
        /// These deployments would lose what looks after them, or be deleted with their definitions.
        case inUse([DeploymentKey], areDeleted: Bool)
        /// Its operator was installed otherwise than here: it runs in these namespaces.
        case elsewhere([String])
        /// The cluster cannot be asked.
        case unavailable(String)
    }

    /// What can be installed.
    public let catalog: ProviderCatalog
    /// The tasks that do it.
    public let tasks: TaskService
    let cluster: ClusterAccess
    private let installer: (any ProviderInstaller)?
    private let helm: Helm
    private let availability: HelmAvailability
    private let readiness: Duration

    /// - Parameters:
    ///   - helm: how the `helm` program is run.
    ///   - http: fetches the manifests of definitions.
    ///   - simulation: what plays operators; nil where the cluster is a real one.
    ///   - readiness: how long an installation waits for the operator to be ready.
    public init(
        cluster: ClusterAccess,
        tasks: TaskService,
        helm: Helm,
        http: HTTPClient?,
        simulation: (any OperatorSimulation)?,
        catalog: ProviderCatalog = .standard,
        readiness: Duration = .seconds(10)
    ) {
        self.cluster = cluster
        self.tasks = tasks
        self.catalog = catalog
        self.readiness = readiness
        self.helm = helm
        availability = HelmAvailability(helm)
        if let simulation {
            installer = SimulatedInstaller(simulation: simulation)
        } else if let client = cluster.client, let http {
            installer = HelmInstaller(
                helm: helm,
                definitions: DefinitionInstaller(client: client, http: http)
            ) { cluster.hasDefinition($0) }
        } else {
            installer = nil
        }
    }

    // MARK: How things stand

    /// Whether operators are played by the embedded cluster.
    public var isSimulated: Bool { installer?.isSimulated ?? false }

    /// Whether `helm` can be used; known for half a minute.
    public func helmState() async -> HelmAvailability.State { await availability.state() }

    /// How a provider stands; nil while that is not known.
    public func installation(of provider: Provider) -> ProviderInstallation? {
        cluster.caches.flatMap { ProviderInstallation(provider, $0) }
    }

    /// The states of what installations are known by, for an answer's age.
    public var knownFrom: [CacheState] {
        guard let caches = cluster.caches else { return [] }
        return [caches.definitions.state, caches.pods.state]
    }

    /// What to run by hand to install a provider.
    public func commands(for provider: Provider) -> [String] {
        InstallationCommands.byHand(provider) { cluster.hasDefinition($0) }
    }

    /// The newest version of a provider that an installation or upgrade has seen; nil when none has looked, or when it is not
    /// newer than the one that is known here.
    public func newerVersion(of provider: Provider) -> String? {
        for task in tasks.records where task.subject == provider.id {
            guard let version = task.result["newestVersion"]?.stringValue else { continue }
            return provider.newer(version)
        }
        return nil
    }

    // MARK: Changing things

    /// Begins to install a provider.
    ///
    /// - Parameter force: whether what remains of an installation that has failed is removed before.
    /// - Returns: the task; nil when it is installed already.
    /// - Throws: `Refusal`.
    public func install(_ provider: Provider, force: Bool) async throws -> TaskRecord? {
        let installer = try await usableInstaller(for: provider) { self.commands(for: provider) }
        if installation(of: provider)?.isInstalled == true, tasks.running(on: provider.id) == nil {
            return nil
        }
        if !force { try requireOwnOperator(of: provider) }
        return try await begin("install", provider, "Install \(provider.name)") { [self] output in
            let isInUse = deployments(of: provider)?.isEmpty != true
            switch try await installer.install(provider, force: force, isInUse: isInUse, output) {
            case .elsewhere(let releases):
                return .init(
                    message:
                        "\(provider.name) installation is already in progress. Please wait for it to complete.",
                    result: [
                        "installing": true, "pendingCharts": .string(releases.joined(separator: ", ")),
                        "results": [],
                    ]
                )
            case .done(let steps):
                output.begin("check")
                output.write("waiting for the operator to be ready")
                let isReady = try await wait { $0.installation(of: provider)?.isInstalled == true }
                let message =
                    isReady
                    ? "\(provider.name) installed successfully\(simulationNote)"
                    : "\(provider.name) installation started. The operator is being deployed - check status for progress."
                output.write(message)
                return try await outcome(message, provider, installer, steps, isInstalling: !isReady)
            }
        }
    }

    /// Begins to bring a provider to the version that is known here.
    ///
    /// - Throws: `Refusal`.
    public func upgrade(_ provider: Provider) async throws -> TaskRecord {
        let installer = try await usableInstaller(for: provider) { [helm] in
            InstallationCommands.upgradeByHand(provider, waitingMinutes: helm.waitingMinutes) {
                self.cluster.hasDefinition($0)
            }
        }
        try requireOwnOperator(of: provider)
        return try await begin("upgrade", provider, "Upgrade \(provider.name)") { [self] output in
            let steps = try await installer.upgrade(provider, output)
            let isReady = try await wait { $0.installation(of: provider)?.isInstalled == true }
            let message = "\(provider.name) upgraded successfully\(simulationNote)"
            return try await outcome(message, provider, installer, steps, isInstalling: !isReady)
        }
    }

    /// Begins to remove a provider's operator.
    ///
    /// - Parameter force: whether it goes although deployments need it.
    /// - Throws: `Refusal`.
    public func uninstall(_ provider: Provider, force: Bool) async throws -> TaskRecord {
        if !force { try await requireUnused(provider, areDeleted: provider.losesDefinitions && !isSimulated) }
        let installer = try await usableInstaller(for: provider) {
            InstallationCommands.uninstallByHand(provider)
        }
        if !force { try requireOwnOperator(of: provider) }
        return try await begin("uninstall", provider, "Uninstall \(provider.name)") { [self] output in
            let steps = try await installer.uninstall(provider, output)
            output.begin("check")
            let isGone = try await wait {
                $0.installation(of: provider)?.operatorNamespaces.isEmpty == true
            }
            let namespaces = installation(of: provider)?.operatorNamespaces ?? []
            if !isGone, steps.allSatisfy(\.foundNothing) { throw Self.notRemoved(provider, namespaces) }
            let rest =
                isGone
                ? ""
                : "; pods of its operator are still in \(namespaces.joined(separator: ", "))"
            let kept =
                installation(of: provider)?.isDefined == true
                ? "CRDs preserved - use \"Uninstall CRDs\" for complete removal"
                : "its CRDs are not there any more"
            let note = "(\(kept); namespaces stay, since others may have objects in them)"
            return try await outcome(
                "\(provider.name) uninstalled \(note)\(rest)\(simulationNote)",
                provider,
                nil,
                steps,
                isInstalling: false
            )
        }
    }

    /// Begins to delete a provider's definitions, with all their objects.
    ///
    /// - Parameter force: whether they go although there are deployments among the objects.
    /// - Throws: `Refusal`.
    public func removeDefinitions(_ provider: Provider, force: Bool) async throws -> TaskRecord {
        if !force { try await requireUnused(provider, areDeleted: true) }
        try requireConnection()
        guard let installer else { throw Refusal.unavailable("no cluster is configured") }
        return try await begin("uninstall-crds", provider, "Uninstall the CRDs of \(provider.name)") {
            [self] output in
            let steps = try await installer.removeDefinitions(provider, output)
            output.begin("check")
            let isGone = try await wait { $0.installation(of: provider)?.isDefined == false }
            let message =
                if !steps.allSatisfy(\.isDone) {
                    "\(provider.name): some CRDs could not be deleted; results say which"
                } else if !isGone {
                    "\(provider.name): \(provider.definition) is still there; its objects may have finalizers that nobody sees to"
                } else {
                    "\(provider.name) CRDs uninstalled\(simulationNote)"
                }
            return try await outcome(message, provider, nil, steps, isInstalling: false)
        }
    }

    // MARK: Parts

    private var simulationNote: String { isSimulated ? " (simulated by the embedded cluster)" : "" }

    private func begin(
        _ kind: String,
        _ provider: Provider,
        _ title: String,
        _ operation: @escaping TaskService.Operation
    ) async throws -> TaskRecord {
        do {
            return try await tasks.start(kind, on: provider.id, title: title, operation)
        } catch let busy as TaskService.Busy {
            throw Refusal.busy(busy.running)
        }
    }

    private func requireConnection() throws {
        do throws(ClusterUnavailable) {
            try cluster.requireConnection(at: .now())
        } catch {
            throw Refusal.unavailable(error.reason)
        }
    }

    /// What installs and removes, once it is known how the provider stands.
    ///
    /// - Parameter commands: what people may run instead.
    private func usableInstaller(
        for provider: Provider,
        commands: () -> [String]
    ) async throws -> any ProviderInstaller {
        guard let installer else { throw Refusal.unavailable("no cluster is configured") }
        try requireConnection()
        guard try await wait(until: { $0.installation(of: provider) != nil }) else {
            throw Refusal.unavailable("the installed operators are not known yet")
        }
        if !installer.isSimulated, case .unavailable(let reason) = await availability.state() {
            throw Refusal.noHelm(reason: reason, commands: commands())
        }
        return installer
    }

    /// Sees to it that no second operator comes beside one that runs elsewhere, and that nobody thinks that one to be removed.
    private func requireOwnOperator(of provider: Provider) throws {
        let namespaces = installation(of: provider)?.operatorNamespaces ?? []
        guard namespaces.isEmpty || namespaces.contains(provider.namespace) else {
            throw Refusal.elsewhere(namespaces)
        }
    }

    private static func notRemoved(_ provider: Provider, _ namespaces: [String]) -> TaskRecord.Failure {
        TaskRecord.Failure(
            code: "CONFLICT",
            message:
                "\(provider.name) was not removed: its operator runs in \(namespaces.joined(separator: ", ")), and is none of the Helm "
                + "releases \(provider.charts.map(\.release).joined(separator: ", ")) in \(provider.namespace); remove it with what has "
                + "installed it",
            details: ["operatorNamespaces": .array(namespaces.map(JSONValue.string))]
        )
    }

    /// Sees to it that nothing needs a provider. Its objects are known some milliseconds after its definition is.
    private func requireUnused(_ provider: Provider, areDeleted: Bool) async throws {
        let end = ContinuousClock.now + .seconds(5)
        while deployments(of: provider) == nil {
            guard .now < end else {
                throw Refusal.unavailable(
                    "the deployments are not known, so it is not known whether any needs it"
                )
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        let deployments = deployments(of: provider) ?? []
        guard deployments.isEmpty else { throw Refusal.inUse(deployments, areDeleted: areDeleted) }
    }

    /// The deployments that a provider serves; nil while they are not known.
    private func deployments(of provider: Provider) -> [DeploymentKey]? {
        guard let runtime = RuntimeID(rawValue: provider.id) else { return [] }
        guard knowsObjects(of: provider) else { return nil }
        return cluster.deployments.snapshot.newestFirst.map(\.key).filter { $0.runtime == runtime }.sorted()
    }

    private func knowsObjects(of provider: Provider) -> Bool {
        guard let caches = cluster.caches, caches.definitions.state.isSynced else { return false }
        guard cluster.hasDefinition(provider.definition) else { return true }
        return caches.customResources(provider.resource.groupResource)?.state.isSynced == true
    }

    private func outcome(
        _ message: String,
        _ provider: Provider,
        _ installer: (any ProviderInstaller)?,
        _ steps: [InstallationStep],
        isInstalling: Bool
    ) async throws -> TaskService.Outcome {
        var result: JSONValue = [
            "installing": .bool(isInstalling), "results": .array(steps.map(\.json)),
        ]
        if let installer {
            do {
                result["newestVersion"] = try await installer.newestVersion(of: provider).map(
                    JSONValue.string
                )
            } catch is Helm.Failure {
                // Whether there is a newer one is of no account for what was done.
                result["newestVersion"] = nil
            }
        }
        return .init(message: message, result: result)
    }

    /// Returns whether a condition came true in time. What is known follows the cluster by some milliseconds.
    private func wait(until isTrue: @Sendable (InstallationService) -> Bool) async throws -> Bool {
        let end = ContinuousClock.now + (isSimulated ? max(readiness, .seconds(30)) : readiness)
        while !isTrue(self) {
            guard .now < end else { return false }
            try await Task.sleep(for: .milliseconds(50))
        }
        return true
    }
}

extension ClusterAccess {
    /// Whether a custom resource definition is known.
    func hasDefinition(_ name: String) -> Bool {
        caches?.definitions[ResourceKey(name: name)] != nil
    }
}
