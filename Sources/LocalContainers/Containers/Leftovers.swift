internal import CContainerShim
internal import Dispatch
internal import Glibc

/// Processes of containers whose shim is gone.
///
/// A shim ends its container's processes when Ingot ends, however that happens. Only when the shim itself is killed do
/// processes stay that are not its direct children. Each has the variable `INGOT_CONTAINER` in its environment, the
/// container's owner and its number, by which it is found; one that has cleared its environment is not.
public enum Leftovers {
    static let variable = "INGOT_CONTAINER"

    /// Kills what containers of this owner have left, and returns when it is gone: the number of processes. To be called
    /// before the first container of the owner is started, for the case that Ingot and the shims were all killed.
    @discardableResult public static func kill(owner: String) async -> Int {
        await kill(marker: "\(owner)/")
    }

    /// Kills the processes whose variable begins with this text.
    static func kill(marker: String) async -> Int {
        await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .utility).async {
                var killed: Set<Int32> = []
                // A process that was started while the others were looked for is found in the next round.
                while true {
                    let found = processes(marker).filter { Glibc.kill($0, SIGKILL) == 0 }
                    if found.isEmpty { break }
                    killed.formUnion(found)
                    for process in found { awaitEnd(of: process) }
                }
                continuation.resume(returning: killed.count)
            }
        }
    }

    private static func awaitEnd(of process: Int32) {
        let descriptor = ingot_process_descriptor(process)
        guard descriptor >= 0 else { return }
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        poll(&watched, 1, 1000)
        close(descriptor)
    }

    private static func processes(_ marker: String) -> [Int32] {
        guard let directory = opendir("/proc") else { return [] }
        defer { closedir(directory) }
        let begin = Array("\(variable)=\(marker)".utf8)
        var found: [Int32] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            // A process that has ended but was not waited for has no environment any more.
            guard let process = Int32(name), process != getpid(),
                let environment = SystemFile.bytes("/proc/\(name)/environ", limit: 4 << 20),
                environment.split(separator: 0).contains(where: { $0.starts(with: begin) })
            else { continue }
            found.append(process)
        }
        return found
    }
}
