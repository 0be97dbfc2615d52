import JSON
import Testing

@testable import KubernetesModel

struct KubernetesObjectTests {
    @Test("setting a text makes the objects around it, and an empty text removes it")
    func metadata() {
        var object = KubernetesObject(["kind": "Pod", "apiVersion": "v1"])
        object.name = "a"
        object.setLabel("app", "web")
        object.generation = 2
        #expect(
            object.json == [
                "kind": "Pod", "apiVersion": "v1",
                "metadata": ["name": "a", "labels": ["app": "web"], "generation": 2],
            ]
        )
        object.name = ""
        #expect(object.json["metadata"]?["name"] == nil)
    }

    @Test("owner references survive being read and written")
    func owners() {
        var object = KubernetesObject([:])
        let owner = OwnerReference(
            apiVersion: "apps/v1",
            kind: "ReplicaSet",
            name: "r",
            uid: "u",
            isController: true
        )
        object.ownerReferences = [owner]
        #expect(object.ownerReferences == [owner])
        #expect(object.controller == owner)
    }

    @Test("a Status survives being read and written, causes included")
    func status() {
        let status = APIStatus.invalid(
            GroupVersionKind(group: "apps", version: "v1", kind: "Deployment"),
            "web",
            [.init(reason: "FieldValueRequired", message: "Required value", field: "spec.selector")]
        )
        #expect(APIStatus(json: status.json) == status)
        #expect(status.message == #"Deployment.apps "web" is invalid: spec.selector: Required value"#)
        #expect(APIStatus(json: ["kind": "Status", "status": "Success"]) == nil)
    }

    @Test("times are written to the second, and to the microsecond where Kubernetes does")
    func times() {
        let time = Timestamp(secondsSinceEpoch: 1_700_000_000, nanoseconds: 1_234_567)
        #expect(time.kubernetesTime == "2023-11-14T22:13:20Z")
        #expect(time.kubernetesMicroTime == "2023-11-14T22:13:20.001234Z")
    }

    @Test("an apiVersion has at most one slash")
    func groupVersion() {
        #expect(GroupVersion(apiVersion: "v1") == GroupVersion(group: "", version: "v1"))
        #expect(GroupVersion(apiVersion: "apps/v1")?.path == "/apis/apps/v1")
        #expect(GroupVersion(apiVersion: "a/b/c") == nil)
        #expect(GroupVersion(apiVersion: "/v1") == nil)
    }
}
