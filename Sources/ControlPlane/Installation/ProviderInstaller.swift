import JSON
import Store

/// What a step of an installation or a removal came to.
public struct InstallationStep: Sendable, Hashable {
    /// Its name, such as `install-dynamo-platform`.
    public let name: String
    /// The release that it was about; nil for none.
    public let chart: String?
    /// Whether it did what it was for.
    public let isDone: Bool
    /// What was printed or done.
    public let output: String
    /// Why it has failed; nil unless it has.
    public let error: String?

    /// What a step came to.
    public init(_ name: String, chart: String? = nil, output: String = "", error: String? = nil) {
        self.name = name
        self.chart = chart
        isDone = error == nil
        self.output = output
        self.error = error
    }

    /// The output of a removal that has found nothing to remove.
    static let nothing = "not installed"

    /// Whether it was to remove something that was not there.
    var foundNothing: Bool { isDone && output == Self.nothing }

    /// As the API tells of it.
    var json: JSONValue {
        var json: JSONValue = [
            "step": .string(name), "success": .bool(isDone), "output": .string(output),
        ]
        if let chart { json["chart"] = .string(chart) }
        if let error { json["error"] = .string(error) }
        return json
    }
}

/// How an installation stands when all its steps are done.
enum InstallationProgress: Sendable {
    /// They have been done.
    case done([InstallationStep])
    /// Somebody else installs the provider at this moment: these releases are pending.
    case elsewhere([String])
}

/// Brings providers into a cluster and out of it again. What goes wrong is thrown as `TaskRecord.Failure`.
protocol ProviderInstaller: Sendable {
    /// Whether what it installs is played by the embedded cluster.
    var isSimulated: Bool { get }

    /// Installs a provider.
    ///
    /// - Parameters:
    ///   - force: whether what remains of an installation that has failed is removed before.
    ///   - isInUse: whether deployments would go with its definitions, which then stay in any case.
    func install(
        _ provider: Provider,
        force: Bool,
        isInUse: Bool,
        _ output: TaskOutput
    ) async throws -> InstallationProgress

    /// Brings a provider to the version that is known here.
    func upgrade(_ provider: Provider, _ output: TaskOutput) async throws -> [InstallationStep]

    /// Removes a provider's operator. Definitions and namespaces stay.
    func uninstall(_ provider: Provider, _ output: TaskOutput) async throws -> [InstallationStep]

    /// Deletes a provider's definitions, and with them all their objects.
    func removeDefinitions(_ provider: Provider, _ output: TaskOutput) async throws -> [InstallationStep]

    /// The newest version of a provider that can be had; nil when that is not known.
    func newestVersion(of provider: Provider) async throws -> String?
}

/// What plays operators in the embedded cluster.
public protocol OperatorSimulation: Sendable {
    /// Begins to play an operator, unless it does already.
    func installOperator(_ id: String) async throws

    /// Ends it; with `definitions` also what it defines, and all objects of that.
    func uninstallOperator(_ id: String, definitions: Bool) async throws
}
