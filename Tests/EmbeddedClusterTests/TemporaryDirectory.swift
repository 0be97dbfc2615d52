#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A folder that goes when its owner does.
final class TemporaryDirectory: Sendable {
    struct CannotMake: Error {}

    let path: String

    init() throws {
        var template = Array("/tmp/ingot-tests-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw CannotMake() }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    deinit {
        // SQLite leaves no folders, so one level is enough.
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                unlink(file(name))
            }
            closedir(folder)
        }
        rmdir(path)
    }
}
