internal import Glibc

/// The resources of this machine: a Kubernetes node's capacity.
public struct MachineResources: Sendable, Hashable {
    /// The number of processors that this process may use.
    public let processors: Int
    /// The memory in bytes, but for what the kernel keeps for itself.
    public let memoryTotal: UInt64
    /// The bytes of memory that programs can have without anything being swapped out.
    public let memoryAvailable: UInt64
    /// The GPUs; empty where there is no `nvidia-smi`.
    public let gpus: [NVIDIAGPU]
    /// Why the GPUs could not be read although there is an `nvidia-smi`: in its own words, where it has any.
    public let gpuProblem: String?

    /// How long `nvidia-smi` may take: it initialises the driver where nothing else has, and hangs with some broken ones.
    private static let patience: Duration = .seconds(30)

    /// Reads the resources.
    ///
    /// - Parameters:
    ///   - path: The folders in which `nvidia-smi` is looked for, as in `PATH`.
    ///   - scratchFolder: A folder for its output while it runs.
    ///   - shim: See `LocalContainer.start`.
    public static func read(
        path: String,
        scratchFolder: String,
        shim: String = "/proc/self/exe"
    ) async -> MachineResources {
        let execution = CommandExecution(
            specification: ContainerSpecification(
                command: ["nvidia-smi"] + NVIDIAGPU.query,
                environment: ["PATH": path, "LC_ALL": "C"],
                logPath: "\(scratchFolder)/nvidia-smi-\(UInt64.random(in: 0 ... .max)).log"
            ),
            shim: shim
        )
        var gpus: [NVIDIAGPU] = []
        var problem: String?
        switch await execution.run(timeout: patience) {
        case .success(let result) where result.exit.cause == .code(0): gpus = NVIDIAGPU.list(result.output)
        case .success(let result) where result.timedOut:
            problem = "nvidia-smi did not end within \(patience.goText)"
        case .success(let result):
            let said = result.output.split(separator: "\n").joined(separator: " ")
            problem = said.isEmpty ? "nvidia-smi exited with \(result.exit.exitCode)" : said
        case .failure(let error):
            problem = error.stage == .exec && error.code == ENOENT ? nil : error.description
        }
        let memory = memory(SystemFile.text("/proc/meminfo") ?? "")
        return MachineResources(
            processors: processors(SystemFile.text("/proc/self/status") ?? ""),
            memoryTotal: memory.total,
            memoryAvailable: memory.available,
            gpus: gpus,
            gpuProblem: problem
        )
    }

    /// The two figures of `/proc/meminfo`, whose unit is KiB (proc_meminfo(5)).
    static func memory(_ text: String) -> (total: UInt64, available: UInt64) {
        func bytes(_ key: String) -> UInt64 {
            for line in text.split(separator: "\n") where line.hasPrefix(key) {
                return line.split(separator: " ").dropFirst().first.flatMap { UInt64($0) }.map { $0 * 1024 }
                    ?? 0
            }
            return 0
        }
        return (bytes("MemTotal:"), bytes("MemAvailable:"))
    }

    /// The processors that `/proc/self/status` allows (proc_pid_status(5), `Cpus_allowed`: a mask in hexadecimal); at least 1.
    static func processors(_ text: String) -> Int {
        for line in text.split(separator: "\n") where line.hasPrefix("Cpus_allowed:") {
            return max(
                1,
                line.dropFirst("Cpus_allowed:".count).reduce(0) {
                    $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0)
                }
            )
        }
        return 1
    }
}
