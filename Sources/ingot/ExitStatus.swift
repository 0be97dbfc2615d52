import ArgumentParser
import IngotConfiguration

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How the program ends: the numbers of sysexits.h that it uses.
enum ExitStatus: Int32 {
    /// All went well.
    case ok = 0
    /// The command line is wrong (EX_USAGE); also what the argument parser ends with.
    case usage = 64
    /// What somebody else's data says cannot be understood (EX_DATAERR).
    case data = 65
    /// A file that is needed is not there (EX_NOINPUT).
    case noInput = 66
    /// A service cannot be given, such as when the port is taken (EX_UNAVAILABLE).
    case unavailable = 69
    /// A file or directory cannot be created (EX_CANTCREAT).
    case cannotCreate = 73
    /// One may not do this (EX_NOPERM).
    case noPermission = 77
    /// The configuration is wrong or cannot be read (EX_CONFIG).
    case configuration = 78

    /// Writes the lines to standard error, each with the program's name before it, and gives what a command throws to
    /// end the program with this status.
    func failure(_ lines: String) -> ExitCode {
        Self.tell(lines)
        return ExitCode(rawValue)
    }

    /// Writes the lines to standard error, each with the program's name before it.
    static func tell(_ lines: String) {
        for line in lines.split(separator: "\n") { writeToStandardError("ingot: \(line)\n") }
    }

    /// Writes what is wrong with a configuration, one line each, and gives what a command throws to end the program.
    static func failure(_ failure: ConfigurationFailure) -> ExitCode {
        (failure.isUsageError ? ExitStatus.usage : .configuration).failure(failure.description)
    }

    /// Writes to standard error at once.
    static func writeToStandardError(_ text: String) { put(Array(text.utf8), on: STDERR_FILENO) }

    /// Writes to standard output at once.
    static func writeToStandardOutput(_ bytes: [UInt8]) { put(bytes, on: STDOUT_FILENO) }

    private static func put(_ bytes: [UInt8], on descriptor: Int32) {
        var bytes = bytes[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // Nobody can be told that nobody can be told.
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
