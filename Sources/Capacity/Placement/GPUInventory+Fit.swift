extension GPUInventory {
    /// The kinds of GPUs of the ready nodes with those labels, each with as many as one node has: whether they are free just now
    /// is the placement's question.
    public func devices(ofNodesWith labels: [String: String] = [:]) -> [FitDevice] {
        var largest: [FitDevice: Int] = [:]
        for node in nodes where node.node.isReady && node.node.has(labels) {
            for accelerator in node.accelerators where accelerator.count > 0 {
                var device = FitDevice(accelerator, count: 1)
                device.count = 0
                largest[device] = max(largest[device] ?? 0, Int(clamping: accelerator.count))
            }
        }
        return largest.map { entry in
            var device = entry.key
            device.count = entry.value
            return device
        }
        .sorted { ($0.name, $0.count) < ($1.name, $1.count) }
    }

    /// Where one replica of a report's best candidate can go now, on nodes with those labels; nil where nothing fits or no node
    /// has its GPUs.
    public func placement(of report: FitReport, onNodesWith labels: [String: String] = [:]) -> Placement? {
        guard report.verdict == .fits, let best = report.best else { return nil }
        let resource = nodes.lazy.flatMap(\.accelerators)
            .first { $0.productLabel == best.device.name || $0.resource.name == best.device.name }?
            .resource.name
        guard let resource else { return nil }
        let request = PlacementRequest(
            resource: resource,
            unitsPerWorker: Int64(best.parallelism.gpus),
            products: best.device.name == resource ? [] : [best.device.name],
            nodeSelector: labels
        )
        return Placement(request, on: self)
    }
}

extension NodeFacts {
    /// Whether it has all of those labels.
    func has(_ selector: [String: String]) -> Bool { selector.allSatisfy { labels[$0.key] == $0.value } }
}
