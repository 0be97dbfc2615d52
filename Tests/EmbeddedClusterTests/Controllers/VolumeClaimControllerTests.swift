import JSON
import KubernetesModel
import Testing

@testable import EmbeddedCluster

@Suite(.timeLimit(.minutes(10)))
struct VolumeClaimControllerTests {
    private func cluster(mode: JSONValue = "Immediate") async throws -> RunningControllers {
        let cluster = try await RunningControllers([VolumeClaimController(), VolumeController()])
        try await cluster.create(
            .storageClasses,
            "standard",
            [
                "metadata": ["annotations": ["storageclass.kubernetes.io/is-default-class": "true"]],
                "provisioner": "example.com/p", "volumeBindingMode": mode,
            ]
        )
        return cluster
    }

    private static let claim: JSONValue = [
        "spec": ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]]]
    ]

    private static func isBound(_ state: ClusterState) -> Bool {
        state.object(.persistentVolumeClaims, "default", "data")?.status["phase"] == "Bound"
    }

    @Test("a claim gets a volume from the default storage class, and both go together")
    func provisions() async throws {
        let cluster = try await cluster()
        let claim = try await cluster.create(.persistentVolumeClaims, "data", Self.claim)
        #expect(claim.spec["storageClassName"] == "standard")
        try await cluster.eventually("bound") { Self.isBound($0) }
        let volume = try #require(cluster.api.list(.persistentVolumes).first)
        #expect(volume.name == "pvc-\(claim.uid)")
        #expect(volume.status["phase"] == "Bound")
        #expect(cluster.get(.persistentVolumeClaims, "data")?.status["capacity"]?["storage"] == "1Gi")
        try await cluster.delete(.persistentVolumeClaims, "data")
        try await cluster.eventually("gone") {
            $0.objects(.persistentVolumeClaims).isEmpty && $0.objects(.persistentVolumes).isEmpty
        }
    }

    @Test("a claim in use stays until its pod has gone")
    func protects() async throws {
        let cluster = try await cluster()
        try await cluster.create(.persistentVolumeClaims, "data", Self.claim)
        try await cluster.create(
            .pods,
            "user",
            [
                "spec": [
                    "containers": [["name": "c", "image": "busybox"]],
                    "volumes": [["name": "v", "persistentVolumeClaim": ["claimName": "data"]]],
                ]
            ]
        )
        try await cluster.eventually("bound") { Self.isBound($0) }
        try await cluster.delete(.persistentVolumeClaims, "data")
        // The controller has seen the deletion when it has dealt with a claim that came later.
        var other = Self.claim
        other[at: "spec", "resources", "requests", "storage"] = "2Gi"
        try await cluster.create(.persistentVolumeClaims, "later", other)
        try await cluster.eventually("dealt with") {
            $0.object(.persistentVolumeClaims, "default", "later")?.status["phase"] == "Bound"
        }
        #expect(cluster.get(.persistentVolumeClaims, "data")?.isBeingDeleted == true)
        try await cluster.delete(.pods, "user")
        try await cluster.eventually("gone") { $0.object(.persistentVolumeClaims, "default", "data") == nil }
    }

    @Test(
        "a claim takes a volume that fits rather than a new one, and a kept volume is released with its data"
    )
    func matches() async throws {
        let cluster = try await cluster()
        for (name, size) in [("small", "500Mi"), ("fits", "2Gi"), ("large", "10Gi")] {
            try await cluster.create(
                .persistentVolumes,
                name,
                [
                    "spec": [
                        "capacity": ["storage": .string(size)], "accessModes": ["ReadWriteOnce"],
                        "storageClassName": "standard", "hostPath": ["path": "/data"],
                    ]
                ]
            )
        }
        try await cluster.create(.persistentVolumeClaims, "data", Self.claim)
        try await cluster.eventually("bound") { Self.isBound($0) }
        #expect(cluster.get(.persistentVolumeClaims, "data")?.spec["volumeName"] == "fits")
        try await cluster.delete(.persistentVolumeClaims, "data")
        try await cluster.eventually("released") {
            $0.object(.persistentVolumes, ObjectKey(name: "fits"))?.status["phase"] == "Released"
        }
        #expect(cluster.api.list(.persistentVolumes).count == 3)
    }

    @Test("a class that waits for the first consumer binds once a pod has a node")
    func waits() async throws {
        let cluster = try await cluster(mode: "WaitForFirstConsumer")
        try await cluster.create(.persistentVolumeClaims, "data", Self.claim)
        try await cluster.eventually("said so") { state in
            state.objects(.events).contains { $0.json["reason"] == "WaitForFirstConsumer" }
        }
        #expect(cluster.api.list(.persistentVolumes).isEmpty)
        try await cluster.create(
            .pods,
            "user",
            [
                "spec": [
                    "containers": [["name": "c", "image": "busybox"]],
                    "volumes": [["name": "v", "persistentVolumeClaim": ["claimName": "data"]]],
                ]
            ]
        )
        try await cluster.eventually("bound") { Self.isBound($0) }
    }
}
