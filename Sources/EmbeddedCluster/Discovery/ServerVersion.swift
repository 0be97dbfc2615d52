import JSON

/// What `GET /version` answers (apimachinery, version.Info).
enum ServerVersion {
    /// The minor version of Kubernetes whose API this server follows. `kubectl` warns when it differs from its own by more than
    /// one, and clients decide by it which features they may use.
    static let minor = 36

    /// The version in the form of Kubernetes' own, marked as this program's.
    static var gitVersion: String { "v1.\(minor).0+ingot" }

    /// The document: the version of the API, marked as this program's, and what the program was built with.
    ///
    /// - Parameter commit: The commit that was built.
    static func document(commit: String) -> JSONValue {
        [
            "major": "1", "minor": .string("\(minor)"),
            "emulationMajor": "1", "emulationMinor": .string("\(minor)"),
            "minCompatibilityMajor": "1", "minCompatibilityMinor": .string("\(minor - 1)"),
            "gitVersion": .string(gitVersion), "gitCommit": .string(commit), "gitTreeState": "",
            "buildDate": "1970-01-01T00:00:00Z", "goVersion": "swift", "compiler": "swiftc",
            "platform": .string("\(operatingSystem)/\(architecture)"),
        ]
    }

    private static var operatingSystem: String {
        #if os(Linux)
            "linux"
        #else
            "darwin"
        #endif
    }

    private static var architecture: String {
        #if arch(arm64)
            "arm64"
        #else
            "amd64"
        #endif
    }
}
