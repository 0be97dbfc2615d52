import JSON

/// The kubelets of all simulated nodes.
enum SimulatedKubelets {
    /// How many work side by side. The pods of one node are always of the same one, which thus gives each address once.
    private static let workers: UInt64 = 4

    /// Controllers, to be run by one `ControllerLoop` each.
    static func controllers(_ api: ClusterAPI, pace: KubeletPace) -> [any Controller] {
        let runtime = SimulatedRuntime(pace: pace) { node in
            api.get(.nodes, ObjectKey(name: node)).map(SimulatedFailure.requested(by:)) ?? []
        }
        return (0..<workers).map { number in
            Kubelet(
                runtime: runtime,
                isOwn: SimulatedNodes.isSimulated,
                isMine: { NameDigest.value($0) % workers == number }
            )
        }
    }
}
