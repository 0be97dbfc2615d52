internal import JSON

/// How much of a model's safetensors files is read for their headers.
public struct HeaderLimits: Sendable, Hashable {
    /// The most files.
    public var files: Int
    /// The longest header of one file, in bytes.
    public var bytesOfOne: Int
    /// The bytes of all headers together.
    public var bytes: Int64

    /// As much as the largest models have and the format allows.
    public init(files: Int = 2000, bytesOfOne: Int = SafetensorsHeader.longest, bytes: Int64 = 1 << 30) {
        self.files = files
        self.bytesOfOne = bytesOfOne
        self.bytes = bytes
    }
}

extension HubClient {
    /// Headers that are read at once.
    private static let headersAtOnce = 12

    /// The names, types and shapes of a safetensors file's tensors. Most headers have fewer bytes than the first request asks for
    /// (huggingface_hub pull request 1855: 97 % of them).
    ///
    /// - Parameter limit: the longest header that is read, in bytes.
    /// - Throws: `HubError`; `tooLarge` when the header is longer.
    public func safetensorsHeader(
        of path: String,
        in id: RepositoryID,
        revision: Revision = .main,
        token: HubToken?,
        upTo limit: Int = SafetensorsHeader.longest
    ) async throws(HubError) -> SafetensorsHeader {
        try await prefix(of: path, in: id, revision: revision, token: token, upTo: limit + 8) {
            (bytes) throws(HubError) in try SafetensorsHeader.read(bytes)
        }
    }

    /// The headers of some safetensors files of a model, some at once, in no order.
    ///
    /// - Throws: `HubError` of the first file that fails; `tooLarge` when there is more than the limits allow.
    public func safetensorsHeaders(
        in paths: [String],
        of id: RepositoryID,
        revision: Revision = .main,
        token: HubToken?,
        limits: HeaderLimits = HeaderLimits()
    ) async throws(HubError) -> [(file: String, header: SafetensorsHeader)] {
        guard paths.count <= limits.files else {
            throw HubError(.tooLarge, "\(id) has more than \(limits.files) files of weights")
        }
        typealias Outcome = (file: String, header: Result<SafetensorsHeader, HubError>)
        typealias Headers = [(file: String, header: SafetensorsHeader)]
        let outcome = await withTaskGroup(of: Outcome.self) { group in
            var rest = paths[...]
            var headers: Headers = []
            var bytes: Int64 = 0
            func addNext() {
                guard let path = rest.popFirst() else { return }
                group.addTask {
                    do throws(HubError) {
                        let header = try await self.safetensorsHeader(
                            of: path,
                            in: id,
                            revision: revision,
                            token: token,
                            upTo: limits.bytesOfOne
                        )
                        return (path, .success(header))
                    } catch {
                        return (path, .failure(error))
                    }
                }
            }
            for _ in 0..<Self.headersAtOnce { addNext() }
            while let (file, result) = await group.next() {
                switch result {
                case .success(let header):
                    headers.append((file, header))
                    bytes += Int64(header.byteCount)
                    guard bytes <= limits.bytes else {
                        group.cancelAll()
                        return Result<Headers, HubError>.failure(
                            HubError(.tooLarge, "the headers of \(id) have more than \(limits.bytes) bytes")
                        )
                    }
                case .failure(let error):
                    group.cancelAll()
                    return .failure(error)
                }
                addNext()
            }
            return .success(headers)
        }
        return try outcome.get()
    }

    /// What is in some safetensors files of a model.
    ///
    /// - Throws: `HubError` of the first file that fails.
    public func weights(
        in paths: [String],
        of id: RepositoryID,
        revision: Revision = .main,
        token: HubToken?
    ) async throws(HubError) -> WeightSummary {
        WeightSummary(try await safetensorsHeaders(in: paths, of: id, revision: revision, token: token))
    }

    /// The safetensors files that a model is loaded from: those that `model.safetensors.index.json` names, else
    /// `model.safetensors`. Other files may hold the same weights again.
    ///
    /// - Parameter files: the repository's files.
    /// - Returns: nothing when the repository has neither.
    /// - Throws: `HubError`.
    public func weightFiles(
        of id: RepositoryID,
        among files: [RepositoryFile],
        revision: Revision = .main,
        token: HubToken?
    ) async throws(HubError) -> [String] {
        let paths = Set(files.map(\.path))
        let index = "model.safetensors.index.json"
        guard paths.contains(index) else {
            return paths.contains("model.safetensors") ? ["model.safetensors"] : []
        }
        let json = try await json(in: index, of: id, revision: revision, token: token, upTo: 64 << 20)
        guard let places = json["weight_map"]?.objectValue else {
            throw HubError(.badAnswer, "\(index) of \(id) has no weight_map")
        }
        return Set(places.compactMap(\.value.stringValue)).filter(paths.contains).sorted()
    }
}
