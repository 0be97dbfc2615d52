internal import JSON

/// What a backup holds: `backup.json` beside the folder of files.
struct BackupManifest: Sendable, Hashable {
    /// A file.
    struct File: Sendable, Hashable {
        /// Its path in the data directory.
        var path: String
        var size: Int
        /// The SHA-256 hash of its bytes, in hexadecimal digits.
        var hash: String
    }

    /// The name of the manifest's file.
    static let name = "backup.json"
    /// The folder of the files.
    static let folder = "files"
    /// The form of the backup.
    private static let format: Int64 = 1

    /// When the backup was made.
    var time: String
    /// The version of the program that made it.
    var version: String
    var files: [File]

    init(time: String, version: String, files: [File]) {
        self.time = time
        self.version = version
        self.files = files
    }

    init(_ bytes: [UInt8], path: String) throws(BackupFailure) {
        let damaged = BackupFailure("\(path): it is no list of a backup's files")
        guard let json = try? JSONValue(parsing: bytes), let listed = json["files"]?.arrayValue,
            let format = json["format"]?.integerValue
        else { throw damaged }
        guard format == Self.format else {
            throw BackupFailure("\(path): the backup has the form \(format), which another version makes")
        }
        time = json["time"]?.stringValue ?? ""
        version = json["version"]?.stringValue ?? ""
        files = []
        for file in listed {
            guard let path = file["path"]?.stringValue, let size = file["size"]?.integerValue,
                let hash = file["sha256"]?.stringValue, Self.isInside(path)
            else { throw damaged }
            files.append(File(path: path, size: Int(size), hash: hash))
        }
    }

    /// Whether a path stays in the folder that it is in.
    private static func isInside(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && !$0.utf8.contains(0) }
    }

    var json: JSONValue {
        [
            "format": .integer(Self.format), "time": .string(time), "version": .string(version),
            "files": .array(
                files.map { file in
                    [
                        "path": .string(file.path), "size": .integer(Int64(file.size)),
                        "sha256": .string(file.hash),
                    ]
                }
            ),
        ]
    }
}
