extension ModelProfile {
    /// How far a published count may be from the layout's and still confirm it.
    private static let agreement = 0.02
    /// How much the modules for predicting several tokens add to a count; engines do not load them unless asked to.
    private static let mostForPrediction = 0.04

    /// Sharpens the computed weights by what is known of the real ones.
    mutating func reconcile(with known: ModelEvidence, isKnownFamily: Bool) {
        if !known.tensors.isEmpty, adopt(known.tensors) { return }
        guard let published = publishedCount(known), hasLayout else {
            if let published = publishedCount(known), quantization == nil, unknownQuantization == nil {
                outside = ComponentAmounts()
                outside[.other] = published
                evidence = .parameterCount
                measure()
            } else if hasLayout, !isKnownFamily {
                evidence = .parameterCount
            }
            return
        }
        settleTies(by: published)
        let computed = parameters
        let difference = published - computed
        let ratio = Double(difference) / Double(max(1, computed))
        if isMultimodal, ratio > -0.5, difference > -outside[.towers], abs(ratio) > 0 {
            // What the language model does not account for is the encoders.
            outside[.towers] = outside[.towers] + difference
            evidence = .exactWeights
        } else if abs(ratio) <= Self.agreement {
            spread(difference)
            evidence = .exactWeights
        } else if ratio > 0, ratio <= Self.mostForPrediction, isKnownFamily {
            assumptions.append(
                "The published count has modules for predicting several tokens, which are not loaded."
            )
            evidence = .exactWeights
        } else {
            assumptions.append(
                "The layout gives \(computed) parameters, the repository \(published): spread over the layers."
            )
            spread(difference)
            evidence = .parameterCount
        }
        measure()
    }

    /// The number of parameters that somebody tells, where it counts parameters and not packed words.
    private func publishedCount(_ known: ModelEvidence) -> Int64? {
        if let count = known.parameterCount, count > 0 { return count }
        guard quantization == nil, unknownQuantization == nil else { return nil }
        let elements = known.elementsByDtype.values.reduce(Int64(0)) { $0.addingSaturated(max(0, $1)) }
        return elements > 0 ? elements : nil
    }

    /// Whether the output projection is the embedding is sometimes only to be seen from the count.
    private mutating func settleTies(by published: Int64) {
        guard role == .generation, !isMultimodal else { return }
        let table = outside[.embedding]
        let other = tiesEmbeddings ? parameters + table : parameters - outside[.languageHead]
        guard Double(abs(published - other)) * 20 < Double(abs(published - parameters)) else { return }
        tiesEmbeddings.toggle()
        outside[.languageHead] = tiesEmbeddings ? 0 : table
        sum()
    }

    /// Spreads a difference over the largest component of the layers, as far as they have that much.
    private mutating func spread(_ difference: Int64) {
        let component: ParameterComponent =
            parametersByComponent[.experts] > parametersByComponent[.feedForward] ? .experts : .feedForward
        let all = parametersByComponent[component]
        guard all > 0 else {
            outside[.other] = outside[.other] + difference
            return
        }
        var left = difference
        for index in layers.indices {
            let share = Double(layers[index].parameters[component]) / Double(all)
            let part = Int64(saturating: Double(difference) * share)
            layers[index].parameters[component] = layers[index].parameters[component] + part
            left -= part
        }
        outside[.other] = outside[.other] + left
    }

    /// Takes the bytes of each component from the tensors themselves; false when they are not of this layout.
    private mutating func adopt(_ tensors: [SafetensorsTensor]) -> Bool {
        let sorted = TensorInventory(tensors, layers: layers.count, profile: self)
        guard sorted.bytes.total > 0 else { return false }
        guard hasLayout else {
            outsideBytes = sorted.bytes
            outside = sorted.elements
            evidence = .parameterCount
            sum()
            return true
        }
        if !sorted.hasHead, outside[.languageHead] > 0 {
            tiesEmbeddings = true
            outside[.languageHead] = 0
            outsideBytes[.languageHead] = 0
            sum()
        } else if sorted.hasHead, outside[.languageHead] == 0, role == .generation {
            tiesEmbeddings = false
            outside[.languageHead] = outside[.embedding]
            outsideBytes[.languageHead] = outsideBytes[.embedding]
            sum()
        }
        for component in ParameterComponent.allCases {
            let stored = sorted.bytes[component]
            let computed = bytesByComponent[component]
            let inLayers = layerBytes.reduce(0) { $0 + $1[component] }
            if inLayers == 0 || computed == 0 {
                outsideBytes[component] = stored
                continue
            }
            // What the tensors lack, as the copies of a tied head, stays as computed.
            guard stored > 0 else { continue }
            let ratio = Double(stored) / Double(computed)
            outsideBytes[component] = Int64(saturating: Double(outsideBytes[component]) * ratio)
            for index in layerBytes.indices {
                layerBytes[index][component] = Int64(saturating: Double(layerBytes[index][component]) * ratio)
            }
        }
        unknownQuantization = nil
        evidence = .exactWeights
        sum()
        return true
    }
}
