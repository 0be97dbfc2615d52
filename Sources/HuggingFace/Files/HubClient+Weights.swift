internal import JSON

extension HubClient {
    /// Headers that are read at once.
    private static let headersAtOnce = 12
    /// The most files of one model.
    private static let mostFiles = 2000

    /// The names, types and shapes of a safetensors file's tensors. Most headers have fewer bytes than the first request asks for
    /// (huggingface_hub pull request 1855: 97 % of them).
    ///
    /// - Throws: `HubError`.
    public func safetensorsHeader(
        of path: String,
        in id: RepositoryID,
        revision: Revision = .main,
        token: HubToken?
    ) async throws(HubError) -> SafetensorsHeader {
        try await prefix(
            of: path,
            in: id,
            revision: revision,
            token: token,
            upTo: SafetensorsHeader.longest + 8
        ) { (bytes) throws(HubError) in try SafetensorsHeader.read(bytes) }
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
        guard paths.count <= Self.mostFiles else {
            throw HubError(.tooLarge, "\(id) has more than \(Self.mostFiles) files of weights")
        }
        typealias Outcome = (file: String, header: Result<SafetensorsHeader, HubError>)
        let outcome = await withTaskGroup(of: Outcome.self) { group in
            var rest = paths[...]
            var headers: [(file: String, header: SafetensorsHeader)] = []
            func addNext() {
                guard let path = rest.popFirst() else { return }
                group.addTask {
                    do throws(HubError) {
                        let header = try await self.safetensorsHeader(
                            of: path,
                            in: id,
                            revision: revision,
                            token: token
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
                case .success(let header): headers.append((file, header))
                case .failure(let error):
                    group.cancelAll()
                    return Result<WeightSummary, HubError>.failure(error)
                }
                addNext()
            }
            return .success(WeightSummary(headers))
        }
        return try outcome.get()
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
