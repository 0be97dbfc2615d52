import JSON
import Store

/// Has the embedded cluster play a provider's operator.
struct SimulatedInstaller: ProviderInstaller {
    let simulation: any OperatorSimulation

    var isSimulated: Bool { true }

    func install(
        _ provider: Provider,
        force: Bool,
        isInUse: Bool,
        _ output: TaskOutput
    ) async throws -> InstallationProgress {
        .done([
            try await step("install-\(provider.id)", "the embedded cluster plays \(provider.name)", output) {
                try await simulation.installOperator(provider.id)
            }
        ])
    }

    func upgrade(_ provider: Provider, _ output: TaskOutput) async throws -> [InstallationStep] {
        [
            try await step("upgrade-\(provider.id)", "a simulated operator is always the newest", output) {
                try await simulation.installOperator(provider.id)
            }
        ]
    }

    func uninstall(_ provider: Provider, _ output: TaskOutput) async throws -> [InstallationStep] {
        [
            try await step(
                "uninstall-\(provider.id)",
                "the embedded cluster no longer plays \(provider.name)",
                output
            ) {
                try await simulation.uninstallOperator(provider.id, definitions: false)
            }
        ]
    }

    func removeDefinitions(_ provider: Provider, _ output: TaskOutput) async throws -> [InstallationStep] {
        [
            try await step("uninstall-crds", "its definitions and all their objects are deleted", output) {
                try await simulation.uninstallOperator(provider.id, definitions: true)
            }
        ]
    }

    func newestVersion(of provider: Provider) async throws -> String? { nil }

    private func step(
        _ name: String,
        _ text: String,
        _ output: TaskOutput,
        _ body: () async throws -> Void
    ) async throws -> InstallationStep {
        output.begin(name)
        do {
            try await body()
        } catch {
            throw TaskRecord.Failure(
                code: "UPSTREAM_ERROR",
                message: "the embedded cluster refused: \(error)"
            )
        }
        output.write("simulated: \(text)")
        return InstallationStep(name, output: "simulated: \(text)")
    }
}
