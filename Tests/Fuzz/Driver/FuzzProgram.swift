import CFuzzer
import Glibc

/// Hands libFuzzer the target that the environment variable INGOT_FUZZ_TARGET names. All arguments are libFuzzer's, which
/// also passes them on to the processes that it starts for merging.
@main
struct FuzzProgram {
    /// libFuzzer calls back without a context, so what is examined stands here; written once, before the first call.
    nonisolated(unsafe) private static var target = FuzzTarget.parser

    static func main() {
        let name = getenv("INGOT_FUZZ_TARGET").map { String(cString: $0) } ?? ""
        guard let target = FuzzTarget(rawValue: name) else {
            let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
            complain("INGOT_FUZZ_TARGET must be one of \(names)")
            exit(64)
        }
        Self.target = target
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        var count = CommandLine.argc
        exit(LLVMFuzzerRunDriver(&count, &arguments) { data, size in FuzzProgram.examine(data, size) })
    }

    private static func complain(_ text: String) {
        var line = text + "\n"
        line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    private static func examine(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
        do throws(FuzzFinding) {
            try target.examine(Array(UnsafeBufferPointer(start: data, count: size)))
        } catch {
            complain("finding in \(target.rawValue): \(error)")
            abort()
        }
        return 0
    }
}
