import HTTPServer
import JSON
import KubernetesModel

/// The form in which a client wants objects.
enum Representation: Sendable, Hashable {
    /// As they are.
    case object
    /// As rows of a table, for `kubectl get`.
    case table(version: String)
    /// With their metadata only.
    case metadata(version: String)

    /// Takes the first element of `Accept` that is served. Protobuf and CBOR are not, so that clients fall back to JSON.
    init(accept: [String]) throws(APIStatus) {
        var isAny = accept.isEmpty
        for element in accept.flatMap({ $0.split(separator: ",") }) {
            var parameters: [String: String] = [:]
            let parts = element.split(separator: ";").map { $0.trimmingSpaces() }
            for part in parts.dropFirst() {
                let pair = part.split(separator: "=", maxSplits: 1)
                if pair.count == 2 { parameters[String(pair[0])] = String(pair[1]) }
            }
            guard let type = parts.first,
                ["application/json", "*/*", "application/*", "text/*"].contains(type)
            else {
                continue
            }
            isAny = true
            let version = parameters["v"] ?? "v1"
            switch parameters["as"] {
            case nil:
                self = .object
                return
            case "Table" where parameters["g"] == "meta.k8s.io":
                self = .table(version: version)
                return
            case "PartialObjectMetadata" where parameters["g"] == "meta.k8s.io",
                "PartialObjectMetadataList" where parameters["g"] == "meta.k8s.io":
                self = .metadata(version: version)
                return
            default: continue
            }
        }
        guard isAny else {
            throw APIStatus(
                code: 406,
                reason: .notAcceptable,
                message:
                    "only the following media types are accepted: application/json, application/yaml is not served"
            )
        }
        self = .object
    }
}

extension Substring {
    /// Without spaces and tabs at both ends.
    fileprivate func trimmingSpaces() -> String {
        var rest = self
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return String(rest)
    }
}
