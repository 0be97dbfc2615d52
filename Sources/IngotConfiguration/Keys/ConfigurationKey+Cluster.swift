internal import JSON

extension ConfigurationKey {
    static let clusterMode = ConfigurationKey(
        "cluster.mode",
        .choice(ServeConfiguration.Cluster.Mode.allCases.map(\.rawValue)),
        default: .text("auto"),
        flag: "--cluster",
        "Which cluster to use: `kubernetes` for the one that a kubeconfig or the pod's service account names, `embedded` for the "
            + "one inside, `auto` for the first of these that there is, `none` for no cluster"
    )
    static let clusterKubeconfig = ConfigurationKey(
        "cluster.kubeconfig",
        .path,
        default: .text(""),
        flag: "--kubeconfig",
        "The kubeconfig file; when empty, the files in `$KUBECONFIG`, `~/.kube/config`, or the pod's service account"
    )
    static let clusterContext = ConfigurationKey(
        "cluster.context",
        .text,
        default: .text(""),
        flag: "--context",
        "The kubeconfig's context to use; when empty, its current one"
    )
    static let clusterNamespace = ConfigurationKey(
        "cluster.namespace",
        .namespace,
        default: .text("ingot-system"),
        "The namespace of what Ingot keeps for itself in the cluster, such as the settings; it is made when it is missing"
    )
    static let clusterEmbeddedPort = ConfigurationKey(
        "cluster.embedded.port",
        .integer(0...65535),
        default: .integer(0),
        "The loopback port of the embedded cluster's API; 0 takes the one of the last time, or any free one"
    )
    static let clusterEmbeddedNodes = ConfigurationKey(
        "cluster.embedded.nodes",
        .nodes,
        default: .structure([
            [
                "name": "gpu-a100", "count": 2, "gpu": ["product": "NVIDIA-A100-SXM4-80GB", "count": 8],
                "cpus": 96, "memory": "1152GiB", "storage": "7000GiB",
            ],
            [
                "name": "gpu-l4", "gpu": ["product": "NVIDIA-L4", "count": 4], "cpus": 48, "memory": "192GiB",
                "storage": "1000GiB",
            ],
            ["name": "cpu", "cpus": 16, "memory": "64GiB", "storage": "200GiB"],
        ]),
        "The simulated nodes of the embedded cluster; see below"
    )
    static let clusterEmbeddedPace = ConfigurationKey(
        "cluster.embedded.pace",
        .choice(ServeConfiguration.Cluster.Embedded.Pace.allCases.map(\.rawValue)),
        default: .text("brisk"),
        "How fast simulated pods start: `brisk` takes some seconds, `realistic` a minute or more as with real images and models, "
            + "`immediate` no time"
    )
    static let clusterEmbeddedImages = ConfigurationKey(
        "cluster.embedded.images",
        .images,
        default: .structure([:]),
        "The commands on this machine that stand for container images, beside those of llama.cpp's server; see below"
    )

    /// The keys of `cluster`.
    static let cluster: [ConfigurationKey] = [
        clusterMode, clusterKubeconfig, clusterContext, clusterNamespace, clusterEmbeddedPort,
        clusterEmbeddedNodes, clusterEmbeddedPace, clusterEmbeddedImages,
    ]
}
