internal import CCapacityData
internal import JSON

/// The tables that lie in the executable.
enum EmbeddedData {
    /// The accelerators.
    static func gpuProducts() -> JSONValue { json(from: ingot_gpu_products()) }

    /// The architectures of each engine.
    static func engineArchitectures() -> JSONValue { json(from: ingot_engine_architectures()) }

    /// A table that is no JSON would be empty, which a test would see.
    private static func json(from bytes: ingot_capacity_bytes) -> JSONValue {
        (try? JSONValue(parsing: UnsafeBufferPointer(start: bytes.start, count: bytes.count))) ?? .null
    }
}
