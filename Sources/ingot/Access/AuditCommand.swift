import ArgumentParser
import Audit
import IngotConfiguration

/// `ingot audit`: what was changed through the API, and by whom.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Examine the audit log.",
        subcommands: [Verify.self]
    )

    /// `ingot audit verify`: whether the log is whole.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell whether every line of the audit log follows from the one before it.",
            discussion: """
                Prints the number and the hash of the last line: kept elsewhere, they show later whether lines were cut off from the \
                end. Ends with status 65 when a line was changed, put in or taken away, and says which is the first.
                """
        )

        @Argument(
            help: ArgumentHelp(
                "The folder of the log (default: audit in the data directory).",
                valueName: "directory"
            )
        )
        var directory: String?

        @OptionGroup var options: ServeOptions

        func run() async throws {
            let folder: String
            if let directory {
                folder = directory
            } else {
                folder = try await options.load().auditFolder
            }
            let found: AuditVerification
            do throws(AuditFailure) {
                found = try AuditVerification(folder: folder)
            } catch {
                throw ExitStatus.noInput.failure("\(error)")
            }
            if let defect = found.defect {
                throw ExitStatus.data.failure(
                    "\(folder)/\(defect.file), line \(defect.line): \(defect.reason); the \(found.lines) lines before it are right"
                )
            }
            guard found.files > 0 else {
                throw ExitStatus.noInput.failure("\(folder): there is no audit log")
            }
            print(
                "\(found.lines) lines in \(found.files) files are whole; line \(found.lastNumber) has the hash"
            )
            print(found.lastHash)
        }
    }
}
