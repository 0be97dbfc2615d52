extension ModelProfile {
    /// The profile with its weights trusted less than they look: where better evidence was called for and could not be had.
    ///
    /// - Parameters:
    ///   - evidence: how far they may be trusted at most.
    ///   - reason: why, for the assumptions.
    public func weakened(to evidence: Evidence, because reason: String) -> ModelProfile {
        var profile = self
        if evidence.rank > profile.evidence.rank { profile.evidence = evidence }
        profile.assumptions.append(reason)
        return profile
    }

    /// About how many bytes of memory it takes.
    public var approximateSize: Int {
        let layer = MemoryLayout<LayerProfile>.stride + MemoryLayout<ComponentAmounts>.stride
        let amounts = MemoryLayout<Int64>.stride * ParameterComponent.allCases.count * 2
        return 1024 + layers.count * (layer + amounts)
            + assumptions.reduce(0) { $0 + 16 + $1.utf8.count }
    }
}

extension ModelProfile.Evidence {
    /// 0 for the best.
    fileprivate var rank: Int {
        switch self {
        case .exactWeights: 0
        case .configuration: 1
        case .parameterCount: 2
        }
    }
}
