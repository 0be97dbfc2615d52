import Capacity
import ControlPlane
import EmbeddedCluster
import HTTPClient
import IngotConfiguration
import Kubernetes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The GPUs of the cluster that a configuration names, listed once. No cluster is started for it.
enum FitCluster {
    /// - Throws: what ends the program when there is no cluster, or it does not tell.
    static func inventory(_ configuration: ServeConfiguration, _ http: HTTPClient) async throws
        -> GPUInventory
    {
        let found = try cluster(configuration)
        let client = KubernetesClient(configuration: found, http: http)
        do throws(KubernetesError) {
            return try await GPUInventory(readFrom: client)
        } catch {
            let status: ExitStatus = error.isForbidden || error.isUnauthorized ? .noPermission : .unavailable
            throw status.failure("the nodes and pods of \(found.name) cannot be read: \(error)")
        }
    }

    private static func cluster(_ configuration: ServeConfiguration) throws -> ClusterConfiguration {
        let mode = configuration.cluster.mode
        guard mode != .none else {
            throw ExitStatus.configuration.failure("cluster.mode: no cluster is to be used")
        }
        if mode != .embedded, let found = try configuration.configuredCluster() { return found }
        let own = EmbeddedCluster.kubeconfigPath(folder: configuration.embeddedClusterFolder)
        if mode != .kubernetes, access(own, R_OK) == 0 {
            do throws(KubeconfigError) {
                let location = ClusterLocation(kubeconfig: own, environment: [:])
                if let found = try location.configuration() { return found }
            } catch {
                throw ExitStatus.configuration.failure("\(error)")
            }
        }
        throw ExitStatus.configuration.failure(
            "cluster.mode: no cluster is configured; name a file with --kubeconfig, or start the embedded one with ingot serve"
        )
    }
}
