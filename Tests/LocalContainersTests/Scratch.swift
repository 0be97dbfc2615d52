internal import Glibc
internal import LocalContainers
internal import Testing

/// A folder for one test, removed with everything in it afterwards.
final class Scratch: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/ingot-containers-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemFailure(code: errno) }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        remove(path)
    }

    private func remove(_ path: String) {
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { self.remove("\(path)/\(name)") }
            }
            closedir(directory)
        }
        _ = Glibc.remove(path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ text: String, to name: String) throws {
        guard let file = fopen(file(name), "we") else { throw SystemFailure(code: errno) }
        defer { fclose(file) }
        fputs(text, file)
    }

    /// Writes a program. A process of its own does that: a file that this one has open for writing is also open in any
    /// process that another test is just starting, and cannot be executed until that one has become its program (ETXTBSY).
    func write(program text: String, to name: String) async throws {
        try write(text, to: "\(name).text")
        let container = try await shell("cat $SCRATCH/\(name).text > $SCRATCH/\(name)", in: self) {
            $0.logPath = self.file("\(name).log")
        }
        try #require(await container.waitForExit().cause == .code(0))
        guard chmod(file(name), 0o755) == 0 else { throw SystemFailure(code: errno) }
    }

    func read(_ name: String) -> String {
        guard let file = fopen(file(name), "r") else { return "" }
        defer { fclose(file) }
        var text: [UInt8] = []
        var byte = getc(file)
        while byte != EOF {
            text.append(UInt8(truncatingIfNeeded: byte))
            byte = getc(file)
        }
        return String(decoding: text, as: UTF8.self)
    }
}

struct SystemFailure: Error {
    let code: Int32
}

/// The program that calls the shim: it is built beside the tests.
let fixture: String = {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = max(0, readlink("/proc/self/exe", &buffer, buffer.count))
    let own = String(decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
    let folder = own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    return "\(folder)/LocalContainerFixture"
}()

/// A container that runs a shell script.
func shell(_ script: String, in scratch: Scratch, _ change: (inout ContainerSpecification) -> Void = { _ in })
    async throws -> LocalContainer
{
    var specification = ContainerSpecification(
        command: ["/bin/sh", "-c", script],
        environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "SCRATCH": scratch.path],
        logPath: scratch.file("log")
    )
    change(&specification)
    return try await LocalContainer.start(specification, shim: fixture)
}

/// The contents of a log's lines, without times and streams.
func contents(of log: String) -> [String] {
    log.split(separator: "\n").map { line in
        line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).dropFirst(3).joined()
    }
}
