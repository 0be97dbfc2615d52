import ArgumentParser
import JSON
import Telemetry

/// `ingot version`: which build this is.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the version, the commit and the time of the build."
    )

    @Flag(help: "Print a JSON object with version, buildTime and gitCommit.")
    var json = false

    func run() {
        let build = Build.information
        print(
            json
                ? Self.object(build) : "ingot \(build.version) (\(build.gitCommit), built \(build.buildTime))"
        )
    }

    private static func object(_ build: BuildInformation) -> String {
        let object: JSONValue = [
            "version": .string(build.version), "buildTime": .string(build.buildTime.description),
            "gitCommit": .string(build.gitCommit),
        ]
        return object.description
    }
}
