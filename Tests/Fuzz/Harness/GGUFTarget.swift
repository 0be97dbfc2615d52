import Capacity

/// The headers of GGUF files: what is read does not depend on what follows, a part is told from a whole, and whatever a file says
/// of its model can be reckoned with.
enum GGUFTarget {
    static func examine(_ input: [UInt8]) throws(FuzzFinding) {
        let whole = read(input)
        try requireProgress(whole, input.count, input)
        for tail in [[0], Array("GGUF".utf8), [UInt8](repeating: 0xFF, count: 64)] as [[UInt8]] {
            let longer = read(input + tail)
            if case .failure(.needsMoreBytes) = whole {
                try requireProgress(longer, input.count + tail.count, input)
            } else {
                try FuzzFinding.require(
                    isSame(whole, longer),
                    "\(input.printable) is read otherwise before \(tail.count) more bytes"
                )
            }
        }
        for count in [input.count / 2, input.count - 1] where count > 0 {
            let part = read(Array(input.prefix(count)))
            try requireProgress(part, count, input)
            if case .failure(.needsMoreBytes) = part { continue }
            try FuzzFinding.require(
                isSame(whole, part),
                "\(input.printable) is read otherwise in its first \(count) bytes"
            )
        }
        if case .success(let header) = whole { try reckon(header, input) }
    }

    private static func read(_ bytes: [UInt8]) -> Result<GGUFHeader, GGUFFailure> {
        Result { () throws(GGUFFailure) in try GGUFHeader(bytes) }
    }

    /// Who asks for more bytes must ask for more than there were, or its caller never ends.
    private static func requireProgress(
        _ result: Result<GGUFHeader, GGUFFailure>,
        _ count: Int,
        _ input: [UInt8]
    ) throws(FuzzFinding) {
        guard case .failure(.needsMoreBytes(let least)) = result else { return }
        try FuzzFinding.require(
            least > count,
            "\(least) bytes are asked for, \(count) of \(input.printable) were there"
        )
    }

    /// Whether both say the same, two values that are no numbers included.
    private static func isSame(
        _ left: Result<GGUFHeader, GGUFFailure>,
        _ right: Result<GGUFHeader, GGUFFailure>
    ) -> Bool {
        switch (left, right) {
        case (.failure(let left), .failure(let right)): left == right
        case (.success(let left), .success(let right)):
            left.tensors == right.tensors && left.metadata.count == right.metadata.count
                && left.metadata.allSatisfy { key, value in
                    guard let other = right.metadata[key] else { return false }
                    if case .number(let one) = value, case .number(let two) = other, one.isNaN, two.isNaN {
                        return true
                    }
                    return value == other
                }
        default: false
        }
    }

    /// Makes a profile of the header, of one file and of two shards, and asks whether it fits.
    private static func reckon(_ header: GGUFHeader, _ input: [UInt8]) throws(FuzzFinding) {
        for shards in [[header], [header, header]] {
            guard let profile = try? ModelProfile(gguf: shards) else { continue }
            try FuzzFinding.require(
                profile.parameters >= 0 && profile.weightBytes >= 0,
                "\(input.printable) has negative sizes"
            )
            for engine in InferenceEngine.allCases {
                var request = FitRequest(model: "", devices: [FitDevice(named: "NVIDIA-L4", count: 2)])
                request.engine = engine
                request.candidateLimit = 1
                let report = Fit.evaluate(profile, request)
                try FuzzFinding.requireEqual(
                    report.json(),
                    Fit.evaluate(profile, request).json(),
                    "the reports on \(input.printable)"
                )
            }
        }
    }
}
