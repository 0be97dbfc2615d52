import JSON

/// The command lines by which a provider is installed: those that Ingot runs, as arrays of arguments, and those that people may run
/// in their stead, which have the same effect.
enum InstallationCommands {
    /// Makes a repository known, with this URL whatever it had before.
    static func add(_ repository: Provider.Repository) -> [String] {
        ["repo", "add", repository.name, repository.url, "--force-update"]
    }

    /// Reads what repositories have now.
    static func update(_ repositories: [Provider.Repository]) -> [String] {
        ["repo", "update"] + repositories.map(\.name)
    }

    /// Installs a chart, or brings its release to this chart and these values.
    static func install(_ chart: Provider.Chart) -> [String] {
        ["upgrade", chart.release, chart.chart, "--install"] + options(of: chart)
    }

    /// Brings a release to a chart and its values, and waits for what it makes to be ready. Where it is missing it is installed.
    ///
    /// - Parameter limit: how long it may wait, in whole minutes.
    static func upgrade(_ chart: Provider.Chart, waitingMinutes limit: Int) -> [String] {
        var arguments = install(chart)
        if !chart.waits { arguments.append("--wait") }
        return arguments + ["--timeout", "\(limit)m"]
    }

    /// Removes a release, and waits for what it had made to be gone.
    static func uninstall(_ chart: Provider.Chart) -> [String] {
        ["uninstall", chart.release, "--namespace", chart.namespace, "--wait"]
    }

    /// Brings a release that an upgrade was interrupted in back to the revision before.
    static func rollBack(_ chart: Provider.Chart) -> [String] {
        ["rollback", chart.release, "--namespace", chart.namespace]
    }

    /// Tells how a release stands. `helm status` would print all its objects, and fail where a definition of theirs is gone.
    static func state(_ chart: Provider.Chart) -> [String] {
        ["history", chart.release, "--namespace", chart.namespace, "--max", "1", "--output", "json"]
    }

    /// Prints the definitions in a chart's folder for them.
    static func definitions(of chart: Provider.Chart) -> [String] {
        var arguments = ["show", "crds", chart.chart]
        if !chart.isArchive { arguments += ["--version", chart.version] }
        return arguments
    }

    /// Shows the newest chart.
    static func newest(_ chart: Provider.Chart) -> [String] {
        guard let repository = chart.repository else { return ["show", "chart", chart.chart] }
        return ["show", "chart", chart.release, "--repo", repository]
    }

    /// What an installation of a chart has besides the release's name and the chart.
    private static func options(of chart: Provider.Chart) -> [String] {
        var arguments = ["--namespace", chart.namespace, "--create-namespace"]
        if !chart.isArchive { arguments += ["--version", chart.version] }
        for member in chart.values {
            // Helm takes a comma for the beginning of another value, and a point for one of a key inside.
            arguments += ["--set-json", "\(member.key.escaping(",.=[]"))=\(member.value)"]
        }
        if chart.skipsDefinitions { arguments.append("--skip-crds") }
        if chart.waits { arguments.append("--wait") }
        return arguments
    }

    // MARK: By hand

    /// What to run by hand to the same effect.
    ///
    /// - Parameter isDefined: whether the cluster has a definition, which is then left as it is.
    static func byHand(_ provider: Provider, isDefined: (String) -> Bool) -> [String] {
        preparation(provider, isDefined)
            + provider.charts.map { line("helm", ["install", $0.release, $0.chart] + options(of: $0)) }
    }

    /// What to run by hand to the same effect as an upgrade.
    static func upgradeByHand(
        _ provider: Provider,
        waitingMinutes limit: Int,
        isDefined: (String) -> Bool
    ) -> [String] {
        preparation(provider, isDefined)
            + provider.charts.flatMap { chart in
                let command = line("helm", upgrade(chart, waitingMinutes: limit))
                guard chart.definitions == .beside else { return [command] }
                let definitions = line("helm", definitions(of: chart))
                return ["\(definitions) | kubectl apply --server-side --force-conflicts -f -", command]
            }
    }

    /// What to run by hand to the same effect as an uninstallation.
    static func uninstallByHand(_ provider: Provider) -> [String] {
        provider.charts.reversed().filter { $0.definitions != .only }.map { line("helm", uninstall($0)) }
    }

    /// What has to be there before the charts.
    private static func preparation(_ provider: Provider, _ isDefined: (String) -> Bool) -> [String] {
        var commands = provider.prerequisites.filter { !isDefined($0.definition) }.map(\.command)
        for repository in provider.repositories {
            commands.append(line("helm", ["repo", "add", repository.name, repository.url]))
        }
        if !provider.repositories.isEmpty { commands.append("helm repo update") }
        for definition in provider.definitions where !isDefined(definition.name) {
            commands.append(line("kubectl", ["apply", "--server-side", "-f", definition.url]))
        }
        return commands
    }

    /// A command as a shell takes it.
    static func line(_ command: String, _ arguments: [String]) -> String {
        ([command] + arguments).map(\.quotedForShell).joined(separator: " ")
    }
}

extension String {
    /// The word with single quotes around it where a shell would not leave it as it is (POSIX.1-2024, Shell Command Language 2.2).
    fileprivate var quotedForShell: String {
        let plain = unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "/", ":", "@", "%", "+", "=", ",": true
            default: false
            }
        }
        guard !plain || isEmpty else { return self }
        return "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }

    fileprivate func escaping(_ special: String) -> String {
        reduce(into: "") { text, character in
            if special.contains(character) { text.append("\\") }
            text.append(character)
        }
    }
}
