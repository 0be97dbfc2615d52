/// What is in a model's safetensors files. Tensors that differ only in the numbers in their names, as those of the layers and of
/// the experts, are told together, so that the largest models' summaries have some hundred entries.
public struct WeightSummary: Sendable, Hashable {
    /// Tensors that differ only in the numbers in their names.
    public struct Group: Sendable, Hashable {
        /// The name with `*` for each part between dots that is a number, as `model.layers.*.mlp.experts.*.up_proj.weight`.
        public var pattern: String
        /// The type, as `BF16`.
        public var type: String
        /// The dimensions of each.
        public var shape: [Int64]
        /// How many there are.
        public var count: Int64
        /// The bytes that all of them take.
        public var byteCount: Int64
        /// The elements of all of them, those of a packed type as they are packed.
        public var elementCount: Int64 { shape.reduce(count, *) }
    }

    /// The groups, by pattern, type and shape.
    public var groups: [Group]
    /// The files that were read.
    public var files: [String]

    /// The bytes of all tensors.
    public var byteCount: Int64 { groups.reduce(0) { $0 + $1.byteCount } }

    /// The elements by type.
    public var elementsByType: [String: Int64] {
        groups.reduce(into: [:]) { $0[$1.type, default: 0] += $1.elementCount }
    }

    /// The summary of these headers.
    public init(_ headers: [(file: String, header: SafetensorsHeader)]) {
        struct Key: Hashable {
            var pattern: String
            var type: String
            var shape: [Int64]
        }
        var sums: [Key: (count: Int64, byteCount: Int64)] = [:]
        for tensor in headers.lazy.flatMap(\.header.tensors) {
            let key = Key(pattern: Self.pattern(tensor.name), type: tensor.type, shape: tensor.shape)
            let sum = sums[key] ?? (0, 0)
            sums[key] = (sum.count + 1, sum.byteCount &+ tensor.byteCount)
        }
        groups = sums.map { key, sum in
            Group(
                pattern: key.pattern,
                type: key.type,
                shape: key.shape,
                count: sum.count,
                byteCount: sum.byteCount
            )
        }
        groups.sort {
            ($0.pattern, $0.type, "\($0.shape)") < ($1.pattern, $1.type, "\($1.shape)")
        }
        files = headers.map(\.file).sorted()
    }

    private static func pattern(_ name: String) -> String {
        name.split(separator: ".", omittingEmptySubsequences: false).map { part in
            let isNumber = !part.isEmpty && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
            return isNumber ? "*" : part
        }.joined(separator: ".")
    }

    /// About how many bytes of memory it takes.
    var approximateSize: Int {
        groups.reduce(64) { $0 + MemoryLayout<Group>.size + $1.pattern.utf8.count + 32 + $1.shape.count * 8 }
            + files.reduce(0) { $0 + 16 + $1.utf8.count }
    }
}
