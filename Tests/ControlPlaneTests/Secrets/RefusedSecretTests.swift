import JSON
import Kubernetes
import KubernetesModel
import Testing

@testable import ControlPlane

@Suite("What a refusal of a secret says")
struct RefusedSecretTests {
    @Test("the token that a webhook quotes is hidden, in base64 and as it is")
    func hidesTheToken() throws {
        let token = "a-token-of-no-known-kind"
        let data = Base64.text(of: token.utf8)
        let refusal: JSONValue = [
            "kind": "Status", "code": 422, "reason": "Invalid",
            "message": .string("admission webhook denied: HF_TOKEN: \(data)"),
            "details": ["causes": [["field": "data.HF_TOKEN", "message": .string("not allowed: \(token)")]]],
        ]
        let status = try #require(APIStatus(json: refusal))
        guard case .status(let shown) = KubernetesError.status(status).hiding(data) else {
            Issue.record("it is another error")
            return
        }
        #expect(shown.message == "admission webhook denied: HF_TOKEN: (hidden)")
        #expect(shown.causes.map(\.message) == ["not allowed: (hidden)"])
        #expect(shown.code == 422)
        #expect(KubernetesError.decoding("no JSON").hiding(data) == .decoding("no JSON"))
    }
}
