import JSON
import SmallFiles

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The tokens that `ingot login` has kept, one for each server, in a file that only its owner may read.
struct SavedTokens {
    /// A token and when it ends.
    struct Entry {
        var token: String
        var expiration: Timestamp?
    }

    /// The file cannot be used; one line says why.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Where the file is.
    let path: String
    private let folder: String

    /// The file of a user, by the XDG Base Directory Specification; nil where the environment names no home.
    init?(environment: [String: String]) {
        if let configuration = environment["XDG_CONFIG_HOME"], configuration.hasPrefix("/") {
            folder = "\(configuration)/ingot"
        } else if let home = environment["HOME"], !home.isEmpty {
            folder = "\(home)/.config/ingot"
        } else {
            return nil
        }
        path = "\(folder)/credentials.json"
    }

    /// The token for a server; nil where there is none.
    func entry(for server: String) throws(Failure) -> Entry? {
        guard let entry = try read()["servers"]?[server], let token = entry["token"]?.stringValue else {
            return nil
        }
        return Entry(
            token: token,
            expiration: entry["expires"]?.stringValue.flatMap { Timestamp(rfc3339: $0) }
        )
    }

    /// Keeps a token for a server in place of the one before.
    func keep(_ entry: Entry, for server: String) throws(Failure) {
        var json = try read()
        var kept: JSONValue = ["token": .string(entry.token)]
        if let expiration = entry.expiration { kept["expires"] = .string(expiration.description) }
        var servers = json["servers"] ?? [:]
        servers[server] = kept
        json["servers"] = servers
        try write(json)
    }

    /// Forgets the token for a server; returns whether there was one.
    func forget(_ server: String) throws(Failure) -> Bool {
        var json = try read()
        guard var servers = json["servers"]?.objectValue, servers[server] != nil else { return false }
        servers[server] = nil
        json["servers"] = .object(servers)
        try write(json)
        return true
    }

    private func read() throws(Failure) -> JSONValue {
        let bytes: [UInt8]
        do throws(SmallFile.Failure) {
            bytes = try SmallFile.read(path, limit: 1 << 20)
        } catch {
            if error == .missing { return [:] }
            throw Failure(description: "\(path): \(error)")
        }
        guard let json = try? JSONValue(parsing: bytes), json.objectValue != nil else {
            throw Failure(
                description: "\(path): it is not what ingot login writes; delete it and log in again"
            )
        }
        return json
    }

    /// Writes another file and puts it in the place of the old one, so that there is never half a file, nor one that others may read.
    private func write(_ json: JSONValue) throws(Failure) {
        let parent = String(folder.dropLast("/ingot".count))
        _ = mkdir(parent, 0o700)
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw failure(folder) }
        var template = Array("\(path).XXXXXX".utf8CString)
        // It makes files of mode 0600.
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw failure(path) }
        let bytes = json.encoded() + [0x0A]
        var isWritten =
            bytes.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) } == bytes.count
        isWritten = fsync(descriptor) == 0 && isWritten
        close(descriptor)
        guard isWritten, rename(template, path) == 0 else {
            let failure = failure(path)
            unlink(template)
            throw failure
        }
    }

    private func failure(_ path: String) -> Failure {
        Failure(description: "\(path): \(String(cString: strerror(errno)))")
    }
}

/// `write(2)`, which has a method of the same name above.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
