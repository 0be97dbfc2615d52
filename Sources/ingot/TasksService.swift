public import ControlPlane
public import EmbeddedCluster
import IngotConfiguration
import ServiceLifecycle
import Store

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Ends the tasks that run when the process is told to stop, before the cluster goes that they work on.
struct TasksService: Service {
    let tasks: TaskService

    func run() async throws {
        try? await gracefulShutdown()
        await tasks.stop()
    }
}

extension TaskService {
    /// The tasks that the data directory remembers.
    ///
    /// - Throws: what ends the program when they cannot be read.
    static func opening(_ configuration: ServeConfiguration) async throws -> TaskService {
        do throws(Store.Failure) {
            return try await .resume(try Store(path: "\(configuration.dataDirectory)/\(Store.fileName)"))
        } catch {
            throw ExitStatus.cannotCreate.failure("\(error)")
        }
    }
}

extension Helm.Settings {
    /// How a configuration has `helm` run: against the cluster that the server works with, and with lists of repositories of its
    /// own, so that the user's stay as they are.
    init(_ configuration: ServeConfiguration) {
        // What is none of helm's business stays out of its reach, and of its charts' hooks.
        var environment = ProcessInfo.processInfo.environment.filter { name, _ in
            !name.hasPrefix("INGOT_") && name != "HF_TOKEN"
        }
        let folder = "\(configuration.dataDirectory)/helm"
        environment["HELM_REPOSITORY_CONFIG"] = "\(folder)/repositories.yaml"
        environment["HELM_REPOSITORY_CACHE"] = "\(folder)/repository"
        environment["HELM_CACHE_HOME"] = environment["HELM_CACHE_HOME"] ?? "\(folder)/cache"
        environment["HELM_DATA_HOME"] = environment["HELM_DATA_HOME"] ?? "\(folder)/data"
        if !configuration.cluster.kubeconfig.isEmpty {
            environment["KUBECONFIG"] = configuration.cluster.kubeconfig
        }
        if !configuration.cluster.context.isEmpty {
            environment["HELM_KUBECONTEXT"] = configuration.cluster.context
        }
        self.init(
            path: configuration.helm.path.isEmpty ? "helm" : configuration.helm.path,
            environment: environment,
            timeLimit: configuration.helm.timeout
        )
    }
}

extension EmbeddedCluster: OperatorSimulation {}
