import JSON
import KubernetesModel

extension ServiceAccountTokens {
    /// A token of a pod's service account, for a projected volume (core/v1 ServiceAccountTokenProjection); nil when there is no
    /// such account.
    func issue(for pod: KubernetesObject, source: JSONValue) -> String? {
        let name = pod.spec["serviceAccountName"]?.stringValue ?? "default"
        guard let account = api.get(.serviceAccounts, ObjectKey(namespace: pod.namespace, name: name)) else {
            return nil
        }
        let bound: JSONValue = ["kind": "Pod", "name": .string(pod.name), "uid": .string(pod.uid)]
        return issue(
            for: account,
            audiences: [source["audience"]?.stringValue ?? Self.issuer],
            seconds: source["expirationSeconds"]?.integerValue ?? 3600,
            boundTo: bound
        ).token
    }
}
