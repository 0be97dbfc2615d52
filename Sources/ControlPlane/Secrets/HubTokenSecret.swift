import JSON
import Kubernetes
import KubernetesModel
import Runtimes

/// The secrets in which pods find the token for the Hub.
///
/// One in Ingot's own namespace is the original: writing it is what saves a token. Those in the namespaces of deployments are copies of
/// it. Each bears the revision of the original that it is of, so that of two who copy at once the one with the later token wins, and
/// an original without a token says that copies are to go.
enum HubTokenSecret {
    /// The name of a copy, as the KubeFoundry API has it.
    static let name = "hf-token-secret"
    /// The name of the original.
    static let originalName = "ingot-hf-token"
    /// The key of the token.
    static let key = "HF_TOKEN"
    static let resource = GroupVersionResource(version: "v1", resource: "secrets")

    /// The label that says what the secret is for.
    static let purposeLabel = "ingot.dev/secret-type"
    /// Its value.
    static let purpose = "huggingface-token"
    /// The annotation with the revision of the original.
    static let revisionAnnotation = "ingot.dev/token-revision"

    /// Whether Ingot has made a secret, by its labels.
    static func isManaged(_ object: KubernetesObject) -> Bool {
        object.label(OwnMarks.managedBy) == OwnMarks.manager && object.label(purposeLabel) == purpose
    }

    /// The revision that a secret bears; 0 where it bears none.
    static func revision(_ object: KubernetesObject) -> Int64 {
        object.annotation(revisionAnnotation).flatMap { Int64($0) } ?? 0
    }

    /// The token in a secret, in base 64; nil where there is none.
    static func token(_ object: KubernetesObject) -> String? {
        object.json["data"]?[key]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A secret.
    ///
    /// - Parameters:
    ///   - token: the token in base 64; nil for an original that says that copies are to go.
    ///   - resourceVersion: the state that it replaces; nil for a new one.
    static func object(
        _ name: String,
        namespace: String,
        token: String?,
        revision: Int64,
        replacing resourceVersion: String? = nil
    ) -> JSONValue {
        var object: JSONValue = [
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "metadata": [
                "name": .string(name), "namespace": .string(namespace),
                "labels": [
                    OwnMarks.managedBy: .string(OwnMarks.manager), purposeLabel: .string(purpose),
                ],
                "annotations": [revisionAnnotation: .string(String(revision))],
            ],
        ]
        if let token { object["data"] = [key: .string(token)] }
        if let resourceVersion { object[at: "metadata", "resourceVersion"] = .string(resourceVersion) }
        return object
    }
}

/// What is known of a secret with a token: not the token.
struct KnownHubSecret: Sendable, Hashable {
    /// Whether Ingot has made it.
    let isManaged: Bool
    /// The revision of the original that it is of; 0 where it bears none.
    let revision: Int64
    /// What tells its token from others; nil where it has none.
    let mark: TokenMark?
}
