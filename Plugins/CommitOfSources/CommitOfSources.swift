import Foundation
import PackagePlugin

/// Writes a Swift file that tells the commit of the sources, and writes it again when git has moved to another one.
/// What the manifest can know of git would not do: it is cached from the first build on.
@main
struct CommitOfSources: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let sources = context.package.directoryURL
        let output = context.pluginWorkDirectoryURL.appending(path: "CommitOfSources.swift")
        let script = """
            commit=$(git -C "$1" rev-parse --verify HEAD 2>/dev/null)
            printf 'let commitOfSources = "%s"\\n' "${commit:-unknown}" >"$2"
            """
        return [
            .buildCommand(
                displayName: "Looking up the commit of the sources",
                executable: URL(filePath: "/bin/sh"),
                arguments: ["-c", script, "sh", sources.path(), output.path()],
                inputFiles: filesThatFollowTheCommit(in: sources),
                outputFiles: [output]
            )
        ]
    }

    /// What git changes with every commit, checkout, merge and reset; nothing outside a repository.
    private func filesThatFollowTheCommit(in sources: URL) -> [URL] {
        var directory = sources.appending(path: ".git")
        // In a linked work tree `.git` is a file that names the directory.
        if let text = try? String(contentsOf: directory, encoding: .utf8), text.hasPrefix("gitdir: ") {
            let path = text.dropFirst("gitdir: ".count).trimmingCharacters(in: .whitespacesAndNewlines)
            directory = URL(filePath: path, relativeTo: sources)
        }
        return ["HEAD", "logs/HEAD"].map { directory.appending(path: $0) }
            .filter { FileManager.default.fileExists(atPath: $0.path()) }
    }
}
