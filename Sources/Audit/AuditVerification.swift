internal import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What an examination of an audit log has found.
public struct AuditVerification: Sendable, Hashable {
    /// A line that is not what it should be.
    public struct Defect: Sendable, Hashable {
        /// The name of its file.
        public let file: String
        /// Its number in the file, from 1.
        public let line: Int
        /// What is wrong with it, for people.
        public let reason: String
    }

    /// How many files there are.
    public private(set) var files = 0
    /// How many lines are right, up to the first that is not.
    public private(set) var lines = 0
    /// The hash of the last line that is right: kept elsewhere, it shows later whether the log's end has been cut off.
    public private(set) var lastHash = AuditChain.beginning
    /// The number of the last line that is right.
    public private(set) var lastNumber = 0
    /// The first line that is not right; nil where all are.
    public private(set) var defect: Defect?

    /// Examines the log of a folder, file by file. It blocks.
    ///
    /// The oldest files may be gone, as they are after a while; what is left has to hold together.
    public init(folder: String) throws(AuditFailure) {
        let files = AuditFiles(folder: folder)
        let numbers = try files.numbers()
        self.files = numbers.count
        for (index, number) in numbers.enumerated() {
            let name = AuditFiles.name(number)
            if index > 0, numbers[index - 1] != number - 1 {
                defect = Defect(
                    file: name,
                    line: 1,
                    reason: "the file before it, \(AuditFiles.name(number - 1)), is missing"
                )
                return
            }
            let isFirst = index == 0 && number > 1
            try examine(files.path(number), name, takesAnyBeginning: isFirst)
            if defect != nil { return }
        }
    }

    private mutating func examine(
        _ path: String,
        _ name: String,
        takesAnyBeginning: Bool
    ) throws(AuditFailure) {
        guard let file = fopen(path, "re") else { throw .system(path) }
        defer { fclose(file) }
        var buffer: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(buffer) }
        var number = 0
        while true {
            let count = getline(&buffer, &capacity, file)
            guard count > 0, let buffer else { break }
            number += 1
            let bytes = UnsafeRawBufferPointer(start: buffer, count: count)
            if let reason = check(Array(bytes), takesAnyBeginning: takesAnyBeginning && number == 1) {
                defect = Defect(file: name, line: number, reason: reason)
                return
            }
        }
        guard ferror(file) == 0 else { throw .system(path) }
    }

    /// Why a line is not right; nil where it is.
    private mutating func check(_ bytes: [UInt8], takesAnyBeginning: Bool) -> String? {
        guard bytes.last == 0x0A else { return "the line has no end" }
        let line = bytes.dropLast()
        guard let json = try? JSONValue(parsing: Array(line)), let number = json["number"]?.integerValue,
            let previous = json["previous"]?.stringValue
        else { return "it is no line of an audit log" }
        if !takesAnyBeginning {
            guard previous == lastHash else {
                return
                    "it does not follow from the line before it: one of the two was changed, or lines between them are gone"
            }
            guard Int(number) == lastNumber + 1 else {
                return "its number is \(number), expected \(lastNumber + 1)"
            }
        }
        lines += 1
        lastNumber = Int(number)
        lastHash = AuditChain.hash(line)
        return nil
    }
}
