import JSON
import Telemetry

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Which build of the program this is.
enum Build {
    /// The version, the first 7 characters of the commit (`unknown` outside a git repository) and the time of the build.
    static let information = BuildInformation(
        version: "v0.1.0",
        gitCommit: String(commitOfSources.prefix(7)),
        buildTime: executableTime
    )

    /// When the program's file was last written; the start of time when that cannot be read.
    private static var executableTime: Timestamp {
        #if os(Linux)
            let path = "/proc/self/exe"
        #else
            let path = CommandLine.arguments.first ?? ""
        #endif
        var status = stat()
        guard stat(path, &status) == 0 else { return Timestamp(secondsSinceEpoch: 0) }
        #if os(Linux)
            let time = status.st_mtim
        #else
            let time = status.st_mtimespec
        #endif
        return Timestamp(secondsSinceEpoch: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
    }
}
