internal import Capacity
internal import HuggingFace

/// The GGUF file of a repository that a question of fit is about.
struct HubGGUF {
    /// The most bytes of a file's header: most of it is the tokenizer's words, some megabytes.
    private static let longestHeader = 64 << 20
    /// What is asked for at first.
    private static let firstRead = 2 << 20
    /// The most parts of one file.
    private static let mostParts = 128
    /// The most files that are looked at for one that is a model.
    private static let mostAttempts = 4

    /// The files in the order in which they are looked at: one where the request names it.
    let choices: [WeightSet]

    /// The files that a request means; nil when it means another format.
    ///
    /// - Throws: when it names a file or a mixture that the repository does not have.
    init?(_ document: FitRequestDocument, _ files: [Capacity.RepositoryFile]) throws(FitService.Failure) {
        let choice = GGUFChoice(files)
        if let file = document.file {
            guard let set = choice.set(holding: file) else {
                throw .invalid(
                    FitRequestFailure(
                        path: "model.file",
                        expected: "a GGUF file of \(document.request.model), with all its parts"
                    )
                )
            }
            choices = [set]
            return
        }
        guard !choice.sets.isEmpty else { return nil }
        let hasOthers = WeightSet.sets(in: files).contains { $0.kind != .gguf }
        // Where there is both, GGUF files are for the engine that reads nothing else.
        guard !hasOthers || document.namesEngine && document.request.engine == .llamaCpp else { return nil }
        if let wish = document.request.options.quantization,
            let mixture = GGUFMixture(parsing: wish)?.name
        {
            guard let set = choice.set(of: mixture) else {
                throw .invalid(
                    FitRequestFailure(
                        path: "options.quantization",
                        expected: "a mixture that \(document.request.model) has a GGUF file of"
                    )
                )
            }
            choices = [set]
            return
        }
        choices = Array(choice.defaults.prefix(Self.mostAttempts))
    }

    /// The first of the files that is a whole model.
    func known(
        of metadata: ModelMetadata,
        _ store: ModelMetadataStore,
        _ token: HubToken?
    ) async throws(FitService.Failure) -> KnownModel {
        var problem = "the repository has no GGUF file of a model"
        for set in choices {
            let profile: ModelProfile?
            do throws(HubError) {
                profile = try await Self.profile(of: set, metadata, store, token)
            } catch {
                // A file that is no GGUF file may have a neighbour that is one.
                guard error.kind == .badAnswer || error.kind == .tooLarge else { throw .hub(error) }
                problem = error.message
                continue
            }
            guard let profile else {
                problem = "\(set.files.first?.path ?? set.name) is no whole model"
                continue
            }
            let evidence = FitEvidence(.ggufHeader, files: set.files.count, file: set.files.first?.path)
            return KnownModel(profile: profile, evidence: evidence)
        }
        throw .model(problem)
    }

    /// What the header of a file says, of all its parts together; nil when it is no whole model, as an adapter.
    private static func profile(
        of set: WeightSet,
        _ metadata: ModelMetadata,
        _ store: ModelMetadataStore,
        _ token: HubToken?
    ) async throws(HubError) -> ModelProfile? {
        let paths = set.files.map(\.path)
        guard paths.count <= mostParts else {
            throw HubError(.tooLarge, "\(set.name) has more than \(mostParts) parts")
        }
        return try await store.derived("profile of \(paths.first ?? "")", of: metadata, token: token) {
            (client) throws(HubError) in
            var headers: [GGUFHeader] = []
            for path in paths {
                headers.append(
                    try await client.prefix(
                        of: path,
                        in: metadata.id,
                        revision: metadata.commit,
                        token: token,
                        first: firstRead,
                        upTo: longestHeader
                    ) { (bytes) throws(HubError) in try read(bytes, path) }
                )
            }
            let profile = try? ModelProfile(gguf: headers)
            let isWhole = profile.map { $0.hasLayout && $0.parametersByComponent[.embedding] > 0 } ?? false
            return (isWhole ? profile : nil, profile?.approximateSize ?? 0)
        }
    }

    private static func read(_ bytes: [UInt8], _ path: String) throws(HubError) -> PrefixReading<GGUFHeader> {
        do throws(GGUFFailure) {
            return .complete(try GGUFHeader(bytes))
        } catch {
            guard case .needsMoreBytes(let least) = error else {
                throw HubError(.badAnswer, "\(path): \(error.reason)")
            }
            // How long the words of a tokenizer are is known only once they are read.
            return .needs(max(least, min(2 * bytes.count, longestHeader)))
        }
    }
}
