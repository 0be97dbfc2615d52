import JSON
import Store

/// Installs providers with `helm`, and their definitions through the API server.
struct HelmInstaller: ProviderInstaller {
    let helm: Helm
    let definitions: DefinitionInstaller
    /// Whether the cluster has a definition, as far as is known.
    let isDefined: @Sendable (String) -> Bool

    var isSimulated: Bool { false }

    // MARK: Installing

    func install(
        _ provider: Provider,
        force: Bool,
        isInUse: Bool,
        _ output: TaskOutput
    ) async throws -> InstallationProgress {
        try requirePrerequisites(of: provider)
        output.begin("check-releases")
        if let pending = try await clear(provider, force: force, isInUse: isInUse, output) {
            return .elsewhere(pending)
        }
        var steps = try await prepare(provider, output)
        for chart in provider.charts {
            steps.append(
                try await step("install-\(chart.release)", chart, InstallationCommands.install(chart), output)
            )
        }
        return .done(steps)
    }

    private func requirePrerequisites(of provider: Provider) throws {
        let missing = provider.prerequisites.filter { !isDefined($0.definition) }
        guard let first = missing.first else { return }
        throw TaskRecord.Failure(
            code: "PREREQUISITE_MISSING",
            message:
                "\(provider.name) needs \(first.name), which the cluster does not have; install it with: \(first.command)",
            details: ["missing": .array(missing.map { .string($0.name) })]
        )
    }

    /// Sees to releases that are in the way.
    ///
    /// - Returns: those that somebody works on, with their states; nil for none.
    private func clear(
        _ provider: Provider,
        force: Bool,
        isInUse: Bool,
        _ output: TaskOutput
    ) async throws -> [String]? {
        var failed: [Provider.Chart] = []
        var pending: [(chart: Provider.Chart, state: String)] = []
        for chart in provider.charts {
            switch try await state(of: chart) {
            case .failed: failed.append(chart)
            case .pending(let state): pending.append((chart, state))
            case .removed("uninstalling"): pending.append((chart, "uninstalling"))
            case .missing, .deployed, .removed, .other: continue
            }
        }
        if !failed.isEmpty, !force {
            let names = failed.map { "\($0.release) in the namespace \($0.namespace) is failed" }
            throw TaskRecord.Failure(
                code: "CONFLICT",
                message:
                    "Cannot install: existing Helm release(s) in problematic state. \(names.joined(separator: "; ")). "
                    + "Tip: You can add ?force=true to remove them and install anew",
                details: ["releases": .array(failed.map { .string($0.release) })]
            )
        }
        if !pending.isEmpty, !force { return pending.map { "\($0.chart.release) (\($0.state))" } }
        for (chart, state) in pending where state != "pending-install" && state != "uninstalling" {
            _ = try await step(
                "rollback-\(chart.release)",
                chart,
                InstallationCommands.rollBack(chart),
                output
            )
        }
        let stuck = pending.filter { $0.state == "pending-install" || $0.state == "uninstalling" }.map(
            \.chart
        )
        for chart in (failed + stuck).reversed() {
            if isInUse, chart.removesDefinitions {
                output.write("\(chart.release) is not removed before: deployments would go with its CRDs")
                continue
            }
            _ = try await step(
                "remove-\(chart.release)",
                chart,
                InstallationCommands.uninstall(chart),
                output
            )
        }
        return nil
    }

    /// Repositories and definitions.
    private func prepare(_ provider: Provider, _ output: TaskOutput) async throws -> [InstallationStep] {
        var steps: [InstallationStep] = []
        for repository in provider.repositories {
            steps.append(
                try await step(
                    "repo-add-\(repository.name)",
                    nil,
                    InstallationCommands.add(repository),
                    output
                )
            )
        }
        if !provider.repositories.isEmpty {
            steps.append(
                try await step("repo-update", nil, InstallationCommands.update(provider.repositories), output)
            )
        }
        for definition in provider.definitions where !isDefined(definition.name) {
            steps.append(try await apply(definition, output))
        }
        return steps
    }

    private func apply(_ definition: Provider.Definition, _ output: TaskOutput) async throws
        -> InstallationStep
    {
        let file = definition.url.split(separator: "/").last.map(String.init) ?? definition.name
        let name = "apply-crd-\(file)"
        output.begin(name)
        output.write("applying \(definition.url)")
        do {
            let names = try await definitions.apply(definition)
            let text = names.map { "customresourcedefinition/\($0) applied" }.joined(separator: "\n")
            output.write(text)
            return InstallationStep(name, output: text)
        } catch {
            try Task.checkCancellation()
            throw failure(name, "\(error)")
        }
    }

    func upgrade(_ provider: Provider, _ output: TaskOutput) async throws -> [InstallationStep] {
        try requirePrerequisites(of: provider)
        var steps = try await prepare(provider, output)
        for chart in provider.charts {
            if chart.definitions == .beside { steps.append(try await upgradeDefinitions(of: chart, output)) }
            let arguments = InstallationCommands.upgrade(chart, waitingMinutes: helm.waitingMinutes)
            steps.append(
                try await step(
                    "upgrade-\(chart.release)",
                    chart,
                    arguments,
                    output,
                    failing: "Upgrade failed for chart"
                )
            )
        }
        return steps
    }

    /// Brings the definitions that Helm leaves as they are to those of the chart.
    private func upgradeDefinitions(
        of chart: Provider.Chart,
        _ output: TaskOutput
    ) async throws -> InstallationStep {
        let name = "upgrade-crds-\(chart.release)"
        output.begin(name)
        let arguments = InstallationCommands.definitions(of: chart)
        output.write("$ " + InstallationCommands.line("helm", arguments))
        do {
            let names = try await definitions.apply(manifests: try await helm.run(arguments))
            let text = names.map { "customresourcedefinition/\($0) applied" }.joined(separator: "\n")
            output.write(text)
            return InstallationStep(name, chart: chart.release, output: text)
        } catch {
            try Task.checkCancellation()
            let text = (error as? Helm.Failure)?.text ?? "\(error)"
            output.write(text)
            throw failure(name, text)
        }
    }

    // MARK: Removing

    func uninstall(_ provider: Provider, _ output: TaskOutput) async throws -> [InstallationStep] {
        var steps: [InstallationStep] = []
        for chart in provider.charts.reversed() {
            output.begin("uninstall-\(chart.release)")
            if chart.definitions == .only {
                output.write("\(chart.release) stays: it is the CRDs, and all their objects would go with it")
                continue
            }
            guard try await state(of: chart) != .missing else {
                output.write("there is no release \(chart.release) in the namespace \(chart.namespace)")
                steps.append(
                    InstallationStep(
                        "uninstall-\(chart.release)",
                        chart: chart.release,
                        output: InstallationStep.nothing
                    )
                )
                continue
            }
            let arguments = InstallationCommands.uninstall(chart)
            steps.append(
                try await step(
                    "uninstall-\(chart.release)",
                    chart,
                    arguments,
                    output,
                    failing: "Failed to uninstall Helm chart"
                )
            )
        }
        return steps
    }

    func removeDefinitions(_ provider: Provider, _ output: TaskOutput) async throws -> [InstallationStep] {
        var steps: [InstallationStep] = []
        for name in provider.removedDefinitions {
            output.begin("delete-crd-\(name)")
            do {
                let text = try await definitions.delete(name) ? "deleted" : "not defined"
                output.write("\(name): \(text)")
                steps.append(InstallationStep("delete-crd-\(name)", output: text))
            } catch {
                try Task.checkCancellation()
                output.write("\(name): \(error)")
                steps.append(InstallationStep("delete-crd-\(name)", error: "\(error)"))
            }
        }
        return steps
    }

    func newestVersion(of provider: Provider) async throws -> String? {
        guard let chart = provider.charts.last(where: { $0.namespace == provider.namespace }) else {
            return nil
        }
        return try await helm.newestVersion(of: chart)
    }

    // MARK: Parts

    private func state(of chart: Provider.Chart) async throws -> HelmReleaseState {
        do {
            return try await helm.state(of: chart)
        } catch let error as Helm.Failure {
            throw failure("status-\(chart.release)", error.text)
        }
    }

    /// Runs Helm once. `complaint` stands before the chart's name in the message when that fails; without one the message names
    /// the step.
    private func step(
        _ name: String,
        _ chart: Provider.Chart?,
        _ arguments: [String],
        _ output: TaskOutput,
        failing complaint: String? = nil
    ) async throws -> InstallationStep {
        output.begin(name)
        do {
            let text = try await helm.run(arguments, output: output)
            return InstallationStep(name, chart: chart?.release, output: String(text.suffix(4000)))
        } catch let error as Helm.Failure {
            output.write(error.text)
            let failure = failure(name, error.text, isTimeout: error.isTimeout)
            guard let complaint, let chart else { throw failure }
            throw TaskRecord.Failure(
                code: failure.code,
                message: "\(complaint) \"\(chart.release)\": \(error.text)",
                details: failure.details
            )
        }
    }

    private func failure(_ step: String, _ text: String, isTimeout: Bool = false) -> TaskRecord.Failure {
        var hint = ""
        let lower = text.lowercased()
        if isTimeout || lower.contains("timed out") || lower.contains("context deadline exceeded") {
            hint = ". The operator may still be starting: check the status before trying again"
        } else if lower.contains("invalid ownership metadata") || lower.contains("already exists") {
            hint = ". Something of it is there that Helm did not make: remove it, or have Helm adopt it"
        }
        return TaskRecord.Failure(
            code: "INSTALLATION_FAILED",
            message: "Installation failed at step \"\(step)\": \(text)\(hint)",
            details: ["step": .string(step), "output": .string(text)]
        )
    }
}

extension Helm.Failure {
    fileprivate var isTimeout: Bool { if case .timeout = self { true } else { false } }
}
