/// A container's specification as the shim reads it: fields `name=value`, each ended by a NUL.
struct ShimRequest {
    private(set) var bytes: [UInt8] = []

    /// The value of the variable by which the container's processes are known.
    let marker: String

    /// Nil when a string holds a NUL, which neither an argument nor a path can.
    init?(_ specification: ContainerSpecification) {
        marker = "\(specification.owner)/\(String(UInt64.random(in: 0 ... .max), radix: 16))"
        guard !specification.command.isEmpty else { return nil }
        var isWhole = true
        for argument in specification.command { isWhole = append("arg", argument) && isWhole }
        var environment = specification.environment
        environment[Leftovers.variable] = marker
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
            isWhole = append("env", "\(name)=\(value)") && isWhole
        }
        if let directory = specification.workingDirectory {
            isWhole = append("directory", directory) && isWhole
        }
        isWhole = append("log", specification.logPath) && isWhole
        _ = append("log-bytes", "\(specification.logRotation.maximumBytes)")
        _ = append("log-files", "\(specification.logRotation.files)")
        if let limit = specification.memoryLimit { _ = append("memory", "\(limit)") }
        if let limit = specification.openFileLimit { _ = append("files", "\(limit)") }
        guard isWhole else { return nil }
    }

    private mutating func append(_ name: String, _ value: String) -> Bool {
        guard !value.utf8.contains(0) else { return false }
        bytes.append(contentsOf: name.utf8)
        bytes.append(0x3D)
        bytes.append(contentsOf: value.utf8)
        bytes.append(0)
        return true
    }
}

/// A line that the shim sends.
enum ShimReport: Equatable {
    case started(process: Int32)
    case failed(stage: ContainerStartError.Stage, code: Int32)
    case exited(ContainerExit.Cause)

    init?(line: Substring) {
        let words = line.split(separator: " ")
        switch (words.first, words.count) {
        case ("started", 2):
            guard let process = Int32(words[1]) else { return nil }
            self = .started(process: process)
        case ("failed", 3):
            guard let stage = ContainerStartError.Stage(rawValue: String(words[1])),
                let code = Int32(words[2])
            else { return nil }
            self = .failed(stage: stage, code: code)
        case ("exited", 3):
            switch words[1] {
            case "code": guard let code = Int32(words[2]) else { return nil }; self = .exited(.code(code))
            case "signal":
                guard let signal = Int32(words[2]) else { return nil }; self = .exited(.signal(signal))
            case "memory":
                guard let used = UInt64(words[2]) else { return nil }
                self = .exited(.outOfMemory(used: used))
            default: return nil
            }
        default: return nil
        }
    }
}
