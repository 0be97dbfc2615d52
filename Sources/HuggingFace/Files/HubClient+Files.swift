internal import HTTPClient
internal import HTTPTypes
public import JSON

extension HubClient {
    /// The most pages of a list of files, of up to 1000 files each.
    private static let mostPages = 100

    /// The files of a repository with their sizes, in the Hub's order.
    ///
    /// - Throws: `HubError`.
    public func files(
        of id: RepositoryID,
        revision: Revision = .main,
        token: HubToken?
    ) async throws(HubError) -> [RepositoryFile] {
        let path = "/api/models/\(id.text)/tree/\(PercentEncoding.encode(revision.text))"
        var files: [RepositoryFile] = []
        var query: String? = PercentEncoding.query([("recursive", "true")])
        var seen: Set<String> = []
        while let page = query {
            guard seen.insert(page).inserted, seen.count <= Self.mostPages else {
                throw HubError(.badAnswer, "the Hub's list of files has no end")
            }
            let response = try await answer(path, query: page, token: token)
            guard let entries = try json(response).arrayValue else {
                throw HubError(
                    .badAnswer,
                    "the Hub's list of files is no array",
                    status: response.status.code
                )
            }
            files += entries.compactMap { RepositoryFile(json: $0) }
            query = NextPage.query(response.headers)
        }
        return files
    }

    /// The bytes of a small file.
    ///
    /// - Parameter limit: the most bytes that it may have.
    /// - Throws: `HubError`; `tooLarge` when it has more.
    public func contents(
        of path: String,
        in id: RepositoryID,
        revision: Revision = .main,
        token: HubToken?,
        upTo limit: Int = 8 << 20
    ) async throws(HubError) -> [UInt8] {
        try await answer(Self.filePath(path, id, revision), token: token, upTo: limit).body
    }

    /// The JSON in a small file, as in `config.json`.
    ///
    /// Where Python wrote it, it may hold the numbers `NaN`, `Infinity` and `-Infinity`, which are no JSON; they are taken for null.
    ///
    /// - Parameter limit: the most bytes that it may have.
    /// - Throws: `HubError`; `badAnswer` when it is no JSON.
    public func json(
        in path: String,
        of id: RepositoryID,
        revision: Revision = .main,
        token: HubToken?,
        upTo limit: Int = 8 << 20
    ) async throws(HubError) -> JSONValue {
        let bytes = try await contents(of: path, in: id, revision: revision, token: token, upTo: limit)
        do {
            return try JSONValue(parsing: PythonNumbers.replaced(in: bytes))
        } catch {
            throw HubError(.badAnswer, "\(path) of \(id) is not JSON: \(error)")
        }
    }

    /// Where a file is downloaded from. The Hub redirects requests for large files to the network that holds them, which gets no
    /// token.
    static func filePath(
        _ path: String,
        _ id: RepositoryID,
        _ revision: Revision
    ) throws(HubError) -> String {
        "/\(id.text)/resolve/\(PercentEncoding.encode(revision.text))/\(try URLText.filePath(path))"
    }
}

extension RepositoryFile {
    /// Reads an entry of a tree; nil for folders.
    fileprivate init?(json: JSONValue) {
        guard json["type"]?.stringValue ?? "file" == "file", let path = json["path"]?.stringValue,
            let size = json["lfs"]?["size"]?.integerValue ?? json["size"]?.integerValue, size >= 0
        else { return nil }
        self.init(
            path: path,
            size: size,
            blob: json["oid"]?.stringValue,
            sha256: json["lfs"]?["oid"]?.stringValue
        )
    }
}

/// Numbers that Python's `json` writes and JSON does not have.
enum PythonNumbers {
    private static let words = ["-Infinity", "Infinity", "NaN"].map { Array($0.utf8) }
    private static let beginnings = Array("-IN".utf8)

    /// The text with `null` in the place of each of them that is not in a string.
    static func replaced(in text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var index = 0
        var isInString = false
        while index < text.count {
            let byte = text[index]
            if isInString {
                result.append(byte)
                if byte == UInt8(ascii: "\\"), index + 1 < text.count {
                    index += 1
                    result.append(text[index])
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
            } else if beginnings.contains(byte),
                let word = words.first(where: { text[index...].starts(with: $0) })
            {
                result += "null".utf8
                index += word.count
                continue
            } else {
                isInString = byte == UInt8(ascii: "\"")
                result.append(byte)
            }
            index += 1
        }
        return result
    }
}
