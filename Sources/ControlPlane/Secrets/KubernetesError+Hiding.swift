import JSON
import Kubernetes
import KubernetesModel
import Redaction

extension KubernetesError {
    /// The error without the value of a secret that was sent: an admission webhook that refuses an object may quote it.
    ///
    /// - Parameter data: the value in base64, as the object has it; nil for none.
    func hiding(_ data: String?) -> KubernetesError {
        guard case .status(var status) = self, let data else { return self }
        let value = String(decoding: Base64.bytes(of: data) ?? [], as: UTF8.self)
        let redaction = Redaction(hiding: [data, value])
        status.message = redaction.shown(status.message)
        for index in status.causes.indices {
            status.causes[index].message = redaction.shown(status.causes[index].message)
        }
        return .status(status)
    }
}
