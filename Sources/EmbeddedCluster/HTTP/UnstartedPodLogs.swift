import KubernetesModel

/// The logs of pods that no kubelet runs: there are none, in the API server's words.
struct UnstartedPodLogs: PodLogSource {
    func log(
        of pod: KubernetesObject,
        _ options: PodLogOptions
    ) async throws(APIStatus) -> AsyncThrowingStream<[UInt8], any Error> {
        throw APIStatus.badRequest(
            "container \"\(options.container)\" in pod \"\(pod.name)\" is waiting to start: ContainerCreating"
        )
    }
}
