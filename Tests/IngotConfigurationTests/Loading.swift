import Glibc
import IngotConfiguration
import Testing

/// A file in the temporary directory, removed with this object.
final class TemporaryFile {
    let path: String

    init(_ text: String) throws {
        var template = Array("/tmp/ingot-configuration-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        try #require(descriptor >= 0)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let bytes = Array(text.utf8)
        try #require(write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
    }

    deinit { unlink(path) }
}

/// Loads with a home directory, and with a configuration file when `file` is given.
func load(
    _ overrides: CommandLineOverrides = CommandLineOverrides(),
    environment: [String: String] = [:],
    file: String? = nil
) async throws -> ServeConfiguration {
    let environment = environment.merging(["HOME": "/users/someone"]) { given, _ in given }
    let temporary = try file.map(TemporaryFile.init)
    var overrides = overrides
    if let temporary { overrides.config = temporary.path }
    return try await ServeConfiguration.load(overrides, environment: environment)
}

/// The lines of the failure to load.
func refusals(
    _ overrides: CommandLineOverrides = CommandLineOverrides(),
    environment: [String: String] = [:],
    file: String? = nil
) async throws -> [String] {
    let failure = try await #require(throws: ConfigurationFailure.self) {
        try await load(overrides, environment: environment, file: file)
    }
    return failure.description.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
}

/// What is wrong with a configuration file of that text, one line each, without the name of the file.
func problems(_ text: String) -> [String] {
    ServeConfiguration.validate(fileBytes: Array(text.utf8), name: "c.json").map { problem in
        let line = problem.description
        return line.hasPrefix("file c.json: ") ? String(line.dropFirst(13)) : line
    }
}
