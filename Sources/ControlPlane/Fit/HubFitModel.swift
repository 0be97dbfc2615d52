internal import Capacity
internal import HuggingFace
internal import JSON

/// Finds out what counts for the fit of a model on the Hub.
///
/// A repository of GGUF files alone is read by the header of one of them. Of any other the configuration and the Hub's counts are
/// read, and where these leave something open the headers of the safetensors files; what they give is kept by commit.
struct HubFitModel {
    let store: ModelMetadataStore
    let token: HubToken?

    func known(_ document: FitRequestDocument) async throws(FitService.Failure) -> KnownModel {
        guard let id = RepositoryID(document.request.model) else {
            throw .invalid(
                FitRequestFailure(path: "model.id", expected: "a model's id such as Qwen/Qwen3-8B")
            )
        }
        guard let revision = document.request.revision.map({ Revision($0) }) ?? .main else {
            throw .invalid(FitRequestFailure(path: "model.revision", expected: "a branch, tag or commit"))
        }
        let metadata: ModelMetadata
        let files: [Capacity.RepositoryFile]
        do throws(HubError) {
            metadata = try await store.metadata(of: id, revision: revision, token: token)
            files = try await store.files(of: metadata, token: token)
                .map { Capacity.RepositoryFile(path: $0.path, bytes: $0.size) }
        } catch {
            throw .hub(error)
        }
        var known =
            if let gguf = try HubGGUF(document, files) {
                try await gguf.known(of: metadata, store, token)
            } else {
                try await configured(metadata, files)
            }
        known.isStale = metadata.isStale
        return known
    }

    private func configured(
        _ metadata: ModelMetadata,
        _ files: [Capacity.RepositoryFile]
    ) async throws(FitService.Failure) -> KnownModel {
        let evidence: ModelEvidence
        do throws(HubError) {
            evidence = try await self.evidence(metadata, files)
        } catch {
            throw .hub(error)
        }
        let profile: ModelProfile
        do throws(ModelProfileFailure) {
            profile = try ModelProfile(evidence)
        } catch {
            throw .model("\(error)")
        }
        let source: FitEvidence.Source =
            evidence.elementsByDtype.isEmpty && evidence.parameterCount == nil ? .configuration : .counts
        let sets = WeightSet.sets(in: files)
        guard let set = sets.first(where: { $0.kind == .safetensors || $0.kind == .mistral }),
            let reason = HeaderNeed.reason(
                profile,
                evidence,
                isQuantized: Self.isQuantized(evidence),
                set: set,
                sets: sets
            )
        else { return KnownModel(profile: profile, evidence: FitEvidence(source)) }
        let outcome = await headers(metadata, evidence, set, sets)
        switch outcome {
        case .success(.read(let profile, let files)):
            return KnownModel(profile: profile, evidence: FitEvidence(.safetensorsHeaders, files: files))
        case .success(.unusable(let why)):
            return Self.withoutHeaders(profile, source, reason, why)
        case .failure(let error):
            if error.kind == .cancelled { throw .hub(error) }
            return Self.withoutHeaders(profile, source, reason, error.message)
        }
    }

    /// The weaker evidence, said to be so.
    private static func withoutHeaders(
        _ profile: ModelProfile,
        _ source: FitEvidence.Source,
        _ reason: String,
        _ failure: String
    ) -> KnownModel {
        let note = "The files' headers were called for because \(reason), and could not be used: \(failure)."
        return KnownModel(
            profile: profile.weakened(to: .configuration, because: note),
            evidence: FitEvidence(source, note: note)
        )
    }

    // MARK: The configuration and the counts

    private func evidence(
        _ metadata: ModelMetadata,
        _ files: [Capacity.RepositoryFile]
    ) async throws(HubError) -> ModelEvidence {
        let names = Set(files.map(\.path))
        let counts = metadata.model.parameters
        var evidence = ModelEvidence(
            configuration: try await store.configuration(of: metadata, token: token),
            elementsByDtype: counts?.byType ?? [:],
            files: files
        )
        if names.contains("hf_quant_config.json") {
            evidence.quantization = try await document("hf_quant_config.json", metadata)
        }
        if evidence.configuration == nil, names.contains("params.json") {
            evidence.mistralParameters = try await document("params.json", metadata)
        }
        // The Hub counts packed words as elements: of quantised weights it is no number of parameters.
        if counts?.byType.isEmpty ?? true, !Self.isQuantized(evidence) {
            evidence.parameterCount = counts?.total ?? metadata.model.gguf?.parameters
        }
        return evidence
    }

    private static func isQuantized(_ evidence: ModelEvidence) -> Bool {
        let statements = [
            evidence.configuration?["quantization_config"],
            evidence.configuration?["text_config"]?["quantization_config"],
            evidence.configuration?["compression_config"], evidence.quantization,
            evidence.mistralParameters?["quantization"],
        ]
        return statements.contains { $0?.objectValue?.isEmpty == false }
    }

    private func document(
        _ file: String,
        _ metadata: ModelMetadata
    ) async throws(HubError) -> JSONValue {
        try await store.derived(file, of: metadata, token: token) { (client) throws(HubError) in
            let json = try await client.json(
                in: file,
                of: metadata.id,
                revision: metadata.commit,
                token: token,
                upTo: 1 << 20
            )
            return (json, 1 << 14)
        }
    }

    // MARK: The headers

    /// What came of reading a commit's headers, kept because it will not change.
    fileprivate enum Headers: Sendable {
        case read(ModelProfile, files: Int)
        case unusable(String)
    }

    private func headers(
        _ metadata: ModelMetadata,
        _ evidence: ModelEvidence,
        _ set: WeightSet,
        _ sets: [WeightSet]
    ) async -> Result<Headers, HubError> {
        let isAmbiguous = sets.count { $0.kind == .safetensors } > 1
        let token = token
        do throws(HubError) {
            let headers: Headers = try await store.derived("profile by headers", of: metadata, token: token) {
                (client) throws(HubError) in
                let value: Headers
                do throws(HubError) {
                    var paths = set.files.map(\.path)
                    if isAmbiguous, set.kind == .safetensors {
                        let named = try await client.weightFiles(
                            of: metadata.id,
                            among: evidence.files.map { HuggingFace.RepositoryFile(path: $0.path, size: 0) },
                            revision: metadata.commit,
                            token: token
                        )
                        if !named.isEmpty { paths = named }
                    }
                    let read = try await client.safetensorsHeaders(
                        in: paths,
                        of: metadata.id,
                        revision: metadata.commit,
                        token: token,
                        limits: .fit
                    )
                    value = Self.profile(evidence, read.map(\.header))
                } catch {
                    // What the files are will not change; what the Hub or the user's access is may.
                    guard [.badAnswer, .tooLarge, .invalidRequest, .notFound].contains(error.kind) else {
                        throw error
                    }
                    value = .unusable(error.message)
                }
                return (value, value.approximateSize)
            }
            return .success(headers)
        } catch {
            return .failure(error)
        }
    }

    private static func profile(_ evidence: ModelEvidence, _ headers: [SafetensorsHeader]) -> Headers {
        var evidence = evidence
        evidence.tensors = SafetensorsTensor.merged(headers)
        guard let profile = try? ModelProfile(evidence) else { return .unusable("they say nothing of it") }
        guard profile.evidence == .exactWeights else {
            return .unusable("their tensors are not those of the configuration")
        }
        return .read(profile, files: headers.count)
    }
}

extension HubFitModel.Headers {
    /// About how many bytes of memory it takes.
    fileprivate var approximateSize: Int {
        switch self {
        case .read(let profile, _): profile.approximateSize
        case .unusable(let reason): reason.utf8.count
        }
    }
}
