import JSON

/// How a release stands, as `helm history` says (pkg/release/v1/status.go of helm/helm).
enum HelmReleaseState: Sendable, Hashable {
    /// There is none.
    case missing
    /// It is as its chart wants it.
    case deployed
    /// Its last operation has failed.
    case failed
    /// An operation works on it, or has been interrupted: `pending-install`, `pending-upgrade` or `pending-rollback`.
    case pending(String)
    /// It is being removed, or has been with its history kept.
    case removed(String)
    /// Something that this release of Ingot does not know.
    case other(String)

    init(_ word: String) {
        self =
            switch word {
            case "deployed", "superseded": .deployed
            case "failed": .failed
            case "pending-install", "pending-upgrade", "pending-rollback": .pending(word)
            case "uninstalling", "uninstalled": .removed(word)
            default: .other(word)
            }
    }
}

extension Helm {
    /// How the release of a chart stands.
    func state(of chart: Provider.Chart) async throws -> HelmReleaseState {
        let text: String
        do {
            text = try await run(InstallationCommands.state(chart), timeLimit: .seconds(60))
        } catch Failure.status(_, let errors) where errors.contains("release: not found") {
            return .missing
        }
        guard let json = try? JSONValue(parsing: text),
            let word = json.arrayValue?.last?["status"]?.stringValue
        else { throw Failure.unavailable("helm history printed something else than a release's state") }
        return HelmReleaseState(word)
    }

    /// The newest version of a chart that its repository has; nil when it does not say.
    func newestVersion(of chart: Provider.Chart) async throws -> String? {
        let text = try await run(InstallationCommands.newest(chart), timeLimit: .seconds(30))
        for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("version:") {
            return String(line.dropFirst("version:".count)).trimmingQuotes
        }
        return nil
    }
}

extension String {
    fileprivate var trimmingQuotes: String {
        String(filter { $0 != " " && $0 != "\"" && $0 != "'" })
    }
}
