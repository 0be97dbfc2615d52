import JSON
import Kubernetes
import KubernetesModel
import Runtimes

extension KubernetesClient {
    /// Makes a namespace with Ingot's label, unless there is one of that name.
    func makeNamespace(_ name: String) async throws(KubernetesError) {
        do throws(KubernetesError) {
            _ = try await create(
                GroupVersionResource(version: "v1", resource: "namespaces"),
                [
                    "apiVersion": "v1", "kind": "Namespace",
                    "metadata": [
                        "name": .string(name), "labels": [OwnMarks.managedBy: .string(OwnMarks.manager)],
                    ],
                ],
                options: WriteOptions(fieldManager: OwnMarks.manager)
            )
        } catch {
            guard error.isAlreadyExists else { throw error }
        }
    }

    /// Makes an object in a namespace, and the namespace first where there is none.
    func create(
        _ resource: GroupVersionResource,
        _ object: JSONValue,
        makingNamespace namespace: String
    ) async throws(KubernetesError) -> JSONValue {
        let options = WriteOptions(fieldManager: OwnMarks.manager)
        do throws(KubernetesError) {
            return try await create(resource, object, namespace: namespace, options: options)
        } catch {
            guard error.isNotFound else { throw error }
        }
        try await makeNamespace(namespace)
        return try await create(resource, object, namespace: namespace, options: options)
    }
}
