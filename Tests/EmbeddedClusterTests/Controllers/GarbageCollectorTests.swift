import JSON
import KubernetesModel
import Testing

@testable import EmbeddedCluster

@Suite(.timeLimit(.minutes(10)))
struct GarbageCollectorTests {
    static let workloads: [any Controller] =
        [GarbageCollector()] + DeploymentControllerTests.controllers

    private func owned(by owner: KubernetesObject, blocks: Bool = true) -> JSONValue {
        let reference = OwnerReference(
            apiVersion: owner.apiVersion,
            kind: owner.kind,
            name: owner.name,
            uid: owner.uid,
            blocksOwnerDeletion: blocks
        )
        return ["metadata": ["ownerReferences": [reference.json]]]
    }

    @Test("deleting a deployment in the background deletes its replica set and its pods")
    func background() async throws {
        let cluster = try await RunningControllers(Self.workloads)
        try await cluster.create(.deployments, "web", DeploymentControllerTests.deployment())
        try await cluster.eventually("rolled out") { DeploymentControllerTests.isDone($0) }
        try await cluster.delete(.deployments, "web", .background)
        #expect(cluster.get(.deployments, "web") == nil)
        try await cluster.eventually("all gone") {
            $0.objects(.replicaSets).isEmpty && $0.objects(.pods).isEmpty
        }
    }

    @Test("a deployment deleted in the foreground is the last to go")
    func foreground() async throws {
        let cluster = try await RunningControllers(Self.workloads)
        try await cluster.create(.deployments, "web", DeploymentControllerTests.deployment())
        try await cluster.eventually("rolled out") { DeploymentControllerTests.isDone($0) }
        try await cluster.delete(.deployments, "web", .foreground)
        try await cluster.eventually("gone") { $0.object(.deployments, "default", "web") == nil }
        #expect(cluster.api.list(.replicaSets).isEmpty)
        #expect(cluster.api.list(.pods).isEmpty)
    }

    @Test("a deployment deleted with orphans leaves its replica set, without owner, and the pods as they are")
    func orphans() async throws {
        let cluster = try await RunningControllers(Self.workloads)
        try await cluster.create(.deployments, "web", DeploymentControllerTests.deployment())
        try await cluster.eventually("rolled out") { DeploymentControllerTests.isDone($0) }
        let pods = Set(cluster.api.list(.pods).map(\.uid))
        try await cluster.delete(.deployments, "web", .orphan)
        try await cluster.eventually("gone") { $0.object(.deployments, "default", "web") == nil }
        #expect(cluster.api.list(.replicaSets).first?.ownerReferences.isEmpty == true)
        #expect(Set(cluster.api.list(.pods).map(\.uid)) == pods)
        // A deployment with the same selector takes the orphan back.
        let again = try await cluster.create(.deployments, "web", DeploymentControllerTests.deployment())
        try await cluster.eventually("adopted") {
            $0.objects(.replicaSets).first?.controller?.uid == again.uid
        }
        #expect(cluster.api.list(.replicaSets).count == 1)
    }

    @Test("an object whose owner never was there goes; one with another owner only loses the reference")
    func absentOwner() async throws {
        let cluster = try await RunningControllers([GarbageCollector()])
        let owner = try await cluster.create(.configMaps, "owner", [:])
        var ghost = owner
        ghost.uid = "00000000-0000-4000-8000-000000000000"
        ghost.name = "ghost"
        try await cluster.create(.configMaps, "lost", owned(by: ghost))
        var both = KubernetesObject(owned(by: ghost))
        both.ownerReferences += KubernetesObject(owned(by: owner)).ownerReferences
        try await cluster.create(.configMaps, "kept", both.json)
        try await cluster.eventually("collected") {
            $0.object(.configMaps, "default", "lost") == nil
                && $0.object(.configMaps, "default", "kept")?.ownerReferences.map(\.uid) == [owner.uid]
        }
    }

    @Test("custom resources own and are owned, as soon as their definition is there")
    func customResources() async throws {
        let cluster = try await RunningControllers([GarbageCollector(), CustomResourceCleanup()])
        let widgets = GroupResource(group: "example.com", resource: "widgets")
        try await cluster.create(.customResourceDefinitions, "widgets.example.com", Self.definition)
        let widget = try await cluster.create(widgets, "w", [:])
        try await cluster.create(.secrets, "s", owned(by: widget))
        let map = try await cluster.create(.configMaps, "m", [:])
        try await cluster.create(widgets, "dependent", owned(by: map))
        try await cluster.delete(.configMaps, "m")
        try await cluster.eventually("the widget went with its owner") {
            $0.object(widgets, "default", "dependent") == nil
        }
        try await cluster.delete(widgets, "w", .foreground)
        try await cluster.eventually("gone") { $0.object(widgets, "default", "w") == nil }
        #expect(cluster.get(.secrets, "s") == nil)
    }

    @Test("deleting a definition deletes its objects first, finalizers awaited, and what they own after")
    func definitionGoes() async throws {
        let cluster = try await RunningControllers([GarbageCollector(), CustomResourceCleanup()])
        let widgets = GroupResource(group: "example.com", resource: "widgets")
        try await cluster.create(.customResourceDefinitions, "widgets.example.com", Self.definition)
        let widget = try await cluster.create(widgets, "w", ["metadata": ["finalizers": ["example.com/f"]]])
        try await cluster.create(.secrets, "s", owned(by: widget))
        let key = ObjectKey(name: "widgets.example.com")
        try await cluster.api.delete(.customResourceDefinitions, key)
        try await cluster.eventually("the widget is being deleted") {
            $0.object(widgets, "default", "w")?.isBeingDeleted == true
        }
        let definition = try #require(cluster.api.get(.customResourceDefinitions, key))
        #expect(definition.finalizers == ["customresourcecleanup.apiextensions.k8s.io"])
        try await cluster.update(widgets, "w") { $0.finalizers = [] }
        try await cluster.eventually("gone") {
            $0.object(.customResourceDefinitions, key) == nil && $0.object(.secrets, "default", "s") == nil
        }
    }

    static let definition: JSONValue = [
        "spec": [
            "group": "example.com", "scope": "Namespaced",
            "names": ["plural": "widgets", "kind": "Widget"],
            "versions": [
                [
                    "name": "v1", "served": true, "storage": true,
                    "schema": [
                        "openAPIV3Schema": ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
                    ],
                ]
            ],
        ]
    ]
}
