import Crypto
import Dispatch
import HuggingFace
import JSON
import SmallFiles
import Synchronization

/// What tells one token from another, and cannot be made without the key of the data directory.
struct TokenMark: Sendable, Hashable {
    private let code: [UInt8]

    init(_ token: [UInt8], _ key: SymmetricKey) {
        code = Array(HMAC<SHA256>.authenticationCode(for: token, using: key))
    }

    init?(text: String) {
        guard let code = Base64.bytes(of: text) else { return nil }
        self.code = code
    }

    var text: String { Base64.text(of: code) }
}

/// Remembers whose the saved token is, so that nobody has to ask the Hub. The record lies in the data directory, sealed (AES-GCM) with
/// a key that only the owner of the directory may read, and says which token it is about.
///
/// It is about two tokens at least: one that is about to be saved is written down before it is, beside the one that is saved until
/// then.
public final class HubUserRecord: Sendable {
    /// Why there is no record; for the log.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        /// What went wrong, with the path.
        public let description: String
    }

    /// The file; nil where the record lasts only as long as the process.
    private let path: String?
    private let key: SymmetricKey
    /// The newest first.
    private let records = Mutex<[Record]>([])
    /// How many are remembered where it is not known which tokens are saved.
    private static let most = 2
    private let queue = DispatchQueue(label: "ingot.hub-user")

    /// The record in a folder. It reads the files there, and makes the key where there is none.
    ///
    /// - Parameter folder: the data directory; it must be there.
    /// - Throws: when the key can neither be read nor written.
    public init(folder: String) throws(Failure) {
        let path = "\(folder)/huggingface-user.sealed"
        self.path = path
        key = try Self.key("\(folder)/huggingface-user.key")
        // A record that cannot be opened is none: the token is still there, and whose it is will be known when it is saved again.
        let read = (try? SmallFile.read(path, limit: 1 << 20)).map { open($0) }
        records.withLock { $0 = read ?? [] }
    }

    /// A record that lasts as long as the process.
    public init() {
        path = nil
        key = SymmetricKey(size: .bits256)
    }

    private static func key(_ path: String) throws(Failure) -> SymmetricKey {
        do throws(SmallFile.Failure) {
            let bytes = try SmallFile.read(path, limit: 1 << 20)
            if bytes.count == 32 { return SymmetricKey(data: bytes) }
        } catch {
            guard error == .missing else { throw Failure(description: "cannot read \(path): \(error)") }
        }
        let key = SymmetricKey(size: .bits256)
        do throws(SmallFile.Failure) {
            try SmallFile.replace(path, with: key.withUnsafeBytes { Array($0) })
        } catch {
            throw Failure(description: "cannot write \(path): \(error)")
        }
        return key
    }

    /// What tells a token from others.
    func mark(of token: [UInt8]) -> TokenMark { TokenMark(token, key) }

    /// Whose token bears that mark; nil where that is not known.
    func user(of mark: TokenMark) -> HubUser? {
        records.withLock { $0.first { $0.mark == mark }?.user }
    }

    /// Remembers whose token it is.
    ///
    /// - Parameter saved: the tokens that are saved now, whose users are remembered too, however many have not been saved since.
    func remember(_ user: HubUser, _ mark: TokenMark, beside saved: Set<TokenMark>) async {
        let record = Record(mark: mark, user: user)
        let all = records.withLock { records in
            records.removeAll { $0.mark == mark }
            let others =
                records.filter { saved.contains($0.mark) } + records.filter { !saved.contains($0.mark) }
            records = [record] + others.prefix(max(saved.count, Self.most - 1))
            return records
        }
        let sealed = seal(all)
        await onDisk { path in
            if let sealed { try? SmallFile.replace(path, with: sealed) }
        }
    }

    /// Forgets whose token it was.
    func forget() async {
        records.withLock { $0 = [] }
        await onDisk { path in try? SmallFile.remove(path) }
    }

    private func onDisk(_ work: @escaping @Sendable (String) -> Void) async {
        guard let path else { return }
        await withCheckedContinuation { continuation in
            queue.async {
                work(path)
                continuation.resume()
            }
        }
    }

    // MARK: Sealing

    private func seal(_ records: [Record]) -> [UInt8]? {
        let json = JSONValue.array(records.map(\.json))
        return (try? AES.GCM.seal(json.encoded(), using: key).combined).map { Array($0) }
    }

    private func open(_ bytes: [UInt8]) -> [Record] {
        guard let box = try? AES.GCM.SealedBox(combined: bytes),
            let content = try? AES.GCM.open(box, using: key),
            let json = try? JSONValue(parsing: Array(content))
        else { return [] }
        // Earlier releases wrote one record only.
        return (json.arrayValue ?? [json]).compactMap(Record.init(json:))
    }
}

/// Whose a token is.
private struct Record: Sendable {
    let mark: TokenMark
    let user: HubUser
}

extension Record {
    fileprivate init?(json: JSONValue) {
        guard let mark = json["token"]?.stringValue.flatMap({ TokenMark(text: $0) }),
            let name = json["name"]?.stringValue
        else { return nil }
        self.mark = mark
        user = HubUser(
            id: json["id"]?.stringValue ?? "",
            name: name,
            fullName: json["fullname"]?.stringValue ?? name,
            email: json["email"]?.stringValue,
            avatarURL: json["avatarUrl"]?.stringValue,
            organizations: []
        )
    }

    fileprivate var json: JSONValue {
        var json: JSONValue = [
            "token": .string(mark.text), "id": .string(user.id), "name": .string(user.name),
            "fullname": .string(user.fullName),
        ]
        json["email"] = user.email.map(JSONValue.string)
        json["avatarUrl"] = user.avatarURL.map(JSONValue.string)
        return json
    }
}
