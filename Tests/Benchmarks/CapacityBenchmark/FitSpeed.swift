import Capacity
import FitCalibration
import JSON

/// Whether a model fits on one kind of GPU: every listed model on every product that is known.
enum FitSpeed {
    private struct Pair {
        let model: (id: String, profile: ModelProfile)
        let product: GPUProduct
        var time: Double
    }

    /// The answer of one engine for a node of that many GPUs: the median over all pairs of a model and a product, and the pair that
    /// takes the longest.
    static func measured(
        _ models: [(id: String, profile: ModelProfile)],
        _ engine: InferenceEngine,
        gpus: Int,
        rounds: Int,
        _ stopwatch: inout Stopwatch
    ) -> JSONValue {
        var pairs: [Pair] = []
        for model in models {
            for product in GPUProduct.all {
                let figures = measured(model, product, engine, gpus, repetitions: rounds, &stopwatch)
                pairs.append(Pair(model: model, product: product, time: figures.shortest))
            }
        }
        pairs.sort { $0.time > $1.time }
        // Among so many pairs some are measured while the machine does something else: only the slowest are looked at closely.
        var closely: [Pair] = []
        for pair in pairs.prefix(30) {
            let figures = measured(
                pair.model,
                pair.product,
                engine,
                gpus,
                repetitions: 40 * rounds,
                &stopwatch
            )
            closely.append(Pair(model: pair.model, product: pair.product, time: figures.median))
        }
        let slowest = closely.max { $0.time < $1.time }
        return [
            "engine": .string(engine.rawValue), "gpus": .integer(Int64(gpus)),
            "pairs": .integer(Int64(pairs.count)), "median": .number(Stopwatch.median(pairs.map(\.time))),
            "slowest": .number(slowest?.time ?? 0), "model": .string(slowest?.model.id ?? ""),
            "product": .string(slowest?.product.name ?? ""),
        ]
    }

    private static func measured(
        _ model: (id: String, profile: ModelProfile),
        _ product: GPUProduct,
        _ engine: InferenceEngine,
        _ gpus: Int,
        repetitions: Int,
        _ stopwatch: inout Stopwatch
    ) -> Stopwatch.Figures {
        var request = FitRequest(
            model: model.id,
            devices: [FitDevice(product: product, name: product.name, count: gpus)]
        )
        request.engine = engine
        return stopwatch.measure(repetitions: repetitions) {
            Fit.evaluate(model.profile, request).candidates.count
        }
    }

    /// The profiles of a list of models.
    static func profiles(_ list: JSONValue) throws -> [(id: String, profile: ModelProfile)] {
        try (list["models"]?.arrayValue ?? []).map { entry in
            let profile = try ModelProfile(listed: entry, quantization: entry["quantization_config"])
            return (entry["id"]?.stringValue ?? "", profile)
        }
    }
}
