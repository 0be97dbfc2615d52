/// An NVIDIA GPU of this machine, as `nvidia-smi` describes it.
public struct NVIDIAGPU: Sendable, Hashable {
    /// The product's name, such as `NVIDIA A100-SXM4-80GB`.
    public let name: String
    /// The memory in MiB, the part that the driver keeps included; nil for a GPU that shares the machine's memory.
    public let memoryMiB: Int?
    /// The ID, `GPU-…`, by which `CUDA_VISIBLE_DEVICES` names it.
    public let uuid: String
    /// The driver's version.
    public let driverVersion: String

    /// The arguments to `nvidia-smi` whose output `list` reads.
    static let query = ["--query-gpu=name,memory.total,uuid,driver_version", "--format=csv,noheader,nounits"]

    /// The GPUs that a line each of the output names; lines that are none, such as warnings, are left out.
    public static func list(_ output: some StringProtocol) -> [NVIDIAGPU] {
        output.split(whereSeparator: \.isNewline).compactMap { NVIDIAGPU(line: $0) }
    }

    private init?(line: some StringProtocol) {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false).map { field in
            String(field.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        guard fields.count == 4, fields[2].hasPrefix("GPU-"), !fields[0].isEmpty else { return nil }
        name = fields[0]
        memoryMiB = Int(fields[1])
        uuid = fields[2]
        driverVersion = fields[3]
    }
}
