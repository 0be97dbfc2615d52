import HuggingFace

extension HubError {
    /// What went wrong with a model and what one can do about it, for a person at a terminal.
    func advice(_ model: String, endpoint: String, hasToken: Bool) -> String {
        let page = "\(endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint)/\(model)"
        switch kind {
        case .notFound where code == "RevisionNotFound":
            return "\(model) has no such revision: see its branches and tags at \(page)/tree/main"
        case .notFound:
            return "the Hub shows no model \(model): look for the name with `ingot models search`"
                + (hasToken
                    ? "; if it is private, the token in HF_TOKEN must be of somebody who may see it"
                    : "; if it is private, put your access token in HF_TOKEN")
        case .gated:
            return hasToken
                ? "\(model) is gated, and the account of the token in HF_TOKEN has not been let in: accept the terms at \(page)"
                : "\(model) is gated: accept the terms at \(page), then put your access token in HF_TOKEN"
        case .unauthorized where !hasToken:
            return "the Hub wants to know who asks for \(model): put your access token in HF_TOKEN"
        case .forbidden:
            return "you may not read \(model): the token in HF_TOKEN needs the right to read it (\(message))"
        default:
            return advice(endpoint: endpoint, hasToken: hasToken)
        }
    }

    /// What went wrong, whatever was asked for, and what one can do about it.
    func advice(endpoint: String, hasToken: Bool) -> String {
        switch kind {
        case .unauthorized:
            return hasToken
                ? "the Hub does not accept the token in HF_TOKEN: make another under Settings, Access Tokens"
                : "the Hub wants to know who asks: put your access token in HF_TOKEN"
        case .rateLimited:
            let pause = retryAfter.map { " in \($0.components.seconds) s" } ?? " later"
            return "the Hub takes no more requests just now: try again\(pause)"
                + (hasToken ? "" : ", or put your access token in HF_TOKEN, which allows more")
        case .timeout:
            return
                "the Hub at \(endpoint) did not answer in time: try again, or give it longer with huggingFace.timeout"
        case .unreachable:
            return
                "the Hub at \(endpoint) cannot be reached: \(message); check the network and outbound.proxy, or name a mirror in HF_ENDPOINT"
        case .unavailable:
            return "\(message): try again later"
        case .notFound, .gated, .forbidden, .invalidRequest, .badAnswer, .tooLarge, .cancelled:
            return message
        }
    }
}
