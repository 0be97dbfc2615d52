public import JSON

extension ModelMetadataStore {
    /// The model's `config.json`; nil when it has none, as repositories of GGUF files.
    ///
    /// - Throws: `HubError`; `gated` when the user may see the model but not its files.
    public func configuration(
        of metadata: ModelMetadata,
        token: HubToken? = nil
    ) async throws(HubError) -> JSONValue? {
        let limit = limits.configurationSize
        let part = try await part("config.json", of: metadata, token) { (client) throws(HubError) in
            do throws(HubError) {
                return .configuration(
                    try await client.json(
                        in: "config.json",
                        of: metadata.id,
                        revision: metadata.commit,
                        token: token,
                        upTo: limit
                    )
                )
            } catch {
                if error.isFileMissing { return .configuration(nil) }
                throw error
            }
        }
        guard case .configuration(let json) = part else { return nil }
        return json
    }

    /// The repository's files with their sizes.
    ///
    /// - Throws: `HubError`.
    public func files(
        of metadata: ModelMetadata,
        token: HubToken? = nil
    ) async throws(HubError) -> [RepositoryFile] {
        let part = try await part("files", of: metadata, token) { (client) throws(HubError) in
            .files(try await client.files(of: metadata.id, revision: metadata.commit, token: token))
        }
        guard case .files(let files) = part else { return [] }
        return files
    }

    /// What is in the safetensors files that the model is loaded from; without groups when there are none.
    ///
    /// - Throws: `HubError`.
    public func weights(
        of metadata: ModelMetadata,
        token: HubToken? = nil
    ) async throws(HubError) -> WeightSummary {
        let files = try await files(of: metadata, token: token)
        let part = try await part("weights", of: metadata, token) { (client) throws(HubError) in
            let paths = try await client.weightFiles(
                of: metadata.id,
                among: files,
                revision: metadata.commit,
                token: token
            )
            return .weights(
                try await client.weights(in: paths, of: metadata.id, revision: metadata.commit, token: token)
            )
        }
        guard case .weights(let weights) = part else { return WeightSummary([]) }
        return weights
    }

    /// What is made of a model's files, as the profile in a GGUF file's header: made once for each commit, and kept.
    ///
    /// - Parameters:
    ///   - name: what tells it apart from other things that are made of the model: it includes the file's path.
    ///   - metadata: the model.
    ///   - token: as whom the Hub is asked.
    ///   - make: makes it, with the client and the commit.
    /// - Returns: the value, and about how many bytes of memory it takes.
    /// - Throws: `HubError`.
    public func derived<Value: Sendable>(
        _ name: String,
        of metadata: ModelMetadata,
        token: HubToken? = nil,
        make: @escaping @Sendable (HubClient) async throws(HubError) -> (value: Value, byteCount: Int)
    ) async throws(HubError) -> Value {
        let part = try await part("derived \(Value.self) \(name)", of: metadata, token) {
            (client) throws(HubError) in
            let (value, byteCount) = try await make(client)
            return .derived(value, byteCount: byteCount)
        }
        guard case .derived(let value, _) = part, let value = value as? Value else {
            throw HubError(
                .invalidRequest,
                "two things that are made of \(metadata.id) have one name: \(name)"
            )
        }
        return value
    }

    private func part(
        _ name: String,
        of metadata: ModelMetadata,
        _ token: HubToken?,
        load: @escaping @Sendable (HubClient) async throws(HubError) -> MetadataPart
    ) async throws(HubError) -> MetadataPart {
        let reader = metadata.model.isOpenToAll ? nil : token?.identity
        let key = MetadataPart.Key(id: metadata.id, commit: metadata.commit, part: name, reader: reader)
        while true {
            if let part = parts.value(key) { return part }
            let work = partWork[key] ?? begin(key, load)
            let outcome: Result<MetadataPart?, HubError>
            do throws(HubError) {
                outcome = .success(try await work.value())
            } catch {
                if error.kind == .cancelled, Task.isCancelled { throw error }
                outcome = .failure(error)
            }
            if partWork[key] === work {
                partWork[key] = nil
                if case .success(let part?) = outcome {
                    parts.keep(part, byteCount: part.approximateSize, for: key)
                }
            }
            if let part = try outcome.get() { return part }
        }
    }

    private func begin(
        _ key: MetadataPart.Key,
        _ load: @escaping @Sendable (HubClient) async throws(HubError) -> MetadataPart
    ) -> SharedWork<MetadataPart> {
        let work = SharedWork { [client] () async throws(HubError) in try await load(client) }
        partWork[key] = work
        return work
    }
}
