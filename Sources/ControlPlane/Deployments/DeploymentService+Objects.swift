import JSON
import Kubernetes
import KubernetesModel
public import Runtimes

extension DeploymentService {
    /// The objects of a deployment as the API server has them, the one that stands for it first. Of a deployment that Ingot has not
    /// made that is the only one: what else belongs to it is not known. One that is not there is left out.
    ///
    /// `metadata.managedFields` are left out: they are many, and say nothing about the deployment.
    public func objects(of record: DeploymentRecord) async throws(DeploymentFailure) -> [Manifest] {
        let client = try connected()
        let reading = record.reading
        guard let type = Runtimes.runtime(reading.runtime)?.primary else {
            throw .notFound("\(reading.name) has an unknown runtime")
        }
        guard let primary = try await live(type.resource, reading.name, reading.namespace, client) else {
            throw .notFound("there is no \(type.kind) \(reading.name) any more")
        }
        var objects = [Manifest(type.resource, primary.json)]
        guard let (spec, version) = OwnMarks.specification(of: primary) else { return objects }
        for manifest in try planner.render(spec, version: version).dropFirst() {
            let name = KubernetesObject(manifest.object).name
            guard let side = try await live(manifest.resource, name, reading.namespace, client) else {
                continue
            }
            objects.append(Manifest(manifest.resource, side.json))
        }
        return objects
    }

    private func live(
        _ resource: GroupVersionResource,
        _ name: String,
        _ namespace: String,
        _ client: KubernetesClient
    ) async throws(DeploymentFailure) -> KubernetesObject? {
        do throws(KubernetesError) {
            var object = try await client.get(resource, name, namespace: namespace)
            object[at: "metadata", "managedFields"] = nil
            return KubernetesObject(object)
        } catch {
            if error.isNotFound { return nil }
            throw .kubernetes(error, doing: "read \(resource.resource) \(name)")
        }
    }
}
