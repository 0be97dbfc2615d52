import EmbeddedCluster
import IngotConfiguration
import LocalContainers

extension NodeSpecification {
    /// The nodes that the configuration describes.
    init(_ node: ServeConfiguration.Cluster.SimulatedNode) {
        self.init(
            name: node.name,
            count: node.count,
            gpus: node.gpu.map { GPUs(product: $0.product, count: Int64($0.count)) },
            cpus: Int64(node.cpus),
            memoryGiB: Int64(node.memoryGiB),
            storageGiB: Int64(node.storageGiB),
            labels: node.labels,
            taints: node.taints.map { Taint(key: $0.key, value: $0.value, effect: $0.effect.rawValue) }
        )
    }
}

extension ImageCommand {
    /// The command that the configuration describes.
    init(_ command: ServeConfiguration.Cluster.Image.Command) {
        self.init(
            entrypoint: command.entrypoint,
            arguments: command.arguments,
            appended: command.appended,
            environment: command.environment,
            port: command.port
        )
    }
}

extension ImageCommands {
    /// The standard commands with those of the configuration over them.
    init(_ images: [ServeConfiguration.Cluster.Image]) {
        self = .standard
        for image in images { self[image.pattern] = image.command.map(ImageCommand.init) }
    }
}

extension KubeletPace {
    /// The pace that the configuration names.
    init(_ pace: ServeConfiguration.Cluster.Embedded.Pace) {
        self =
            switch pace {
            case .brisk: .brisk
            case .realistic: .realistic
            case .immediate: .immediate
            }
    }
}
