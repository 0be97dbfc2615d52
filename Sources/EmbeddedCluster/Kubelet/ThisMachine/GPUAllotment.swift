/// Which GPUs of this machine belong to which container.
struct GPUAllotment: Sendable {
    private let all: [String]
    private var holders: [String: String] = [:]

    /// - Parameter gpus: The IDs by which `CUDA_VISIBLE_DEVICES` names them.
    init(gpus: [String]) {
        all = gpus
    }

    /// Gives a container its GPUs; nil when there are not so many free ones.
    mutating func take(_ count: Int, for container: String) -> [String]? {
        let free = all.filter { holders[$0] == nil }
        guard count <= free.count else { return nil }
        let taken = Array(free.prefix(count))
        for gpu in taken { holders[gpu] = container }
        return taken
    }

    mutating func release(_ container: String) {
        holders = holders.filter { $0.value != container }
    }
}
