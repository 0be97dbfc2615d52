#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The files of an audit log in their folder: `audit-000001.jsonl` and those after it.
struct AuditFiles: Sendable {
    let folder: String

    private static let prefix = "audit-"
    private static let suffix = ".jsonl"

    /// Where the file with that number is.
    func path(_ number: Int) -> String { "\(folder)/\(Self.name(number))" }

    /// The name of the file with that number.
    static func name(_ number: Int) -> String {
        let digits = String(number)
        return prefix + String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits + suffix
    }

    /// The numbers of the files that there are, in order.
    func numbers() throws(AuditFailure) -> [Int] {
        guard let directory = opendir(folder) else { throw .system(folder) }
        defer { closedir(directory) }
        var numbers: [Int] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix(Self.prefix), name.hasSuffix(Self.suffix),
                let number = Int(name.dropFirst(Self.prefix.count).dropLast(Self.suffix.count)), number > 0,
                Self.name(number) == name
            else { continue }
            numbers.append(number)
        }
        return numbers.sorted()
    }
}
