import HuggingFace

extension HubToken {
    /// The token where the Hub's own programs look for it (huggingface_hub, "Environment variables"); nil when there is none.
    ///
    /// - Throws: what ends the program when it is no token.
    static func ofEnvironment(_ environment: [String: String]) throws -> HubToken? {
        let names = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"]
        guard let name = names.first(where: { environment[$0]?.isEmpty == false }),
            let text = environment[name]
        else {
            return nil
        }
        guard let token = HubToken(text) else {
            throw ExitStatus.configuration.failure("\(name): not an access token of the Hugging Face Hub")
        }
        return token
    }
}

extension ExitStatus {
    /// How a command ends that the Hub gives no answer.
    init(_ error: HubError) {
        self =
            switch error.kind {
            case .unauthorized, .forbidden, .gated: .noPermission
            case .invalidRequest: .usage
            case .notFound: .noInput
            default: .unavailable
            }
    }
}
