import Kubernetes
import KubernetesModel
import Runtimes

extension RuntimePresence {
    /// What caches with the settings `controlPlane` say of a runtime; nil while they do not know.
    init?(of runtime: RuntimeID, _ caches: ClusterCaches) {
        guard let provider = Provider.all.first(where: { $0.id == runtime.rawValue }) else {
            // Kubernetes itself makes pods of Deployments.
            self.init(isDefined: true, isOperatorRunning: nil)
            return
        }
        guard let installation = ProviderInstallation(provider, caches) else { return nil }
        let pods = caches.operatorPods.filter { pod in
            pod.metadata.deletion == nil
                && provider.isOperator(pod)
        }
        let failing = pods.map(ServingPod.init).sorted { $0.name < $1.name }.first { !$0.isReady }
        var message = ""
        if !installation.isOperatorReady, let failing {
            let failure = failing.failure
            let reason = failure?.reason ?? (failing.reason.isEmpty ? failing.phase : failing.reason)
            let more = failure?.message ?? failing.message
            message =
                "the operator's pod \(failing.name) is not ready: \(reason)"
                + (more.isEmpty ? "" : ": \(more)")
        }
        self.init(
            isDefined: installation.isDefined,
            isOperatorRunning: installation.isOperatorReady,
            message: message
        )
    }
}
