import ArgumentParser
import Backups
import IngotConfiguration
import Telemetry

/// `ingot backup`: copies the data directory.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the data directory into a new folder.",
        discussion: """
            Its databases belong to the server alone while it runs: stop it first. What else Ingot knows is in the cluster.
            """
    )

    @Argument(help: ArgumentHelp("The folder to make.", valueName: "folder"))
    var folder: String

    @OptionGroup var options: ServeOptions

    func run() async throws {
        let directory = try await options.load().dataDirectory
        do throws(BackupFailure) {
            let backup = try Backup.make(of: directory, at: folder, version: Build.information.version)
            print("\(folder) has \(backup.count) files of \(directory)")
        } catch {
            let status: ExitStatus = error.isBusy ? .unavailable : .cannotCreate
            throw status.failure("\(error)")
        }
    }
}

/// `ingot verify`: examines a copy.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Tell whether a backup is as it was made."
    )

    @Argument(help: ArgumentHelp("The folder of the backup.", valueName: "folder"))
    var folder: String

    func run() throws {
        let backup = try Backup.examined(at: folder)
        print("\(folder): \(backup.count) files are as \(backup.version) copied them at \(backup.time)")
    }
}

/// `ingot restore`: puts a copy into an empty data directory.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup into a data directory that is empty or does not exist."
    )

    @Argument(help: ArgumentHelp("The folder of the backup.", valueName: "folder"))
    var folder: String

    @OptionGroup var options: ServeOptions

    func run() async throws {
        let backup = try Backup.examined(at: folder)
        let directory = try await options.load().dataDirectory
        do throws(BackupFailure) {
            try backup.restore(to: directory)
        } catch {
            throw ExitStatus.cannotCreate.failure("\(error)")
        }
        print("\(directory) has the \(backup.count) files of \(folder)")
    }
}

extension Backup {
    /// The backup in a folder, once it has turned out to be whole.
    fileprivate static func examined(at folder: String) throws -> Backup {
        let defects: [String]
        let backup: Backup
        do throws(BackupFailure) {
            backup = try Backup(at: folder)
            defects = try backup.defects()
        } catch {
            let status: ExitStatus = error.isMissing ? .noInput : .data
            throw status.failure("\(error)")
        }
        guard defects.isEmpty else { throw ExitStatus.data.failure(defects.joined(separator: "\n")) }
        return backup
    }
}
