import Capacity
import JSON

/// Whether a model fits on a cluster's GPUs, and where it can go: what a request for a fit on the cluster makes of the inventory.
enum PlacementSpeed {
    /// Milliseconds for each model: the median of all, and the slowest of them.
    static func measured(
        _ models: [(id: String, profile: ModelProfile)],
        on inventory: GPUInventory,
        rounds: Int,
        _ stopwatch: inout Stopwatch
    ) -> JSONValue {
        var times: [Double] = []
        var placed = 0
        var slowest = (time: 0.0, model: "")
        for model in models {
            let time = stopwatch.measure(repetitions: rounds) {
                let request = FitRequest(model: model.id, devices: inventory.devices())
                let report = Fit.evaluate(model.profile, request)
                return inventory.placement(of: report)?.replicas.count ?? 0
            }
            .median
            times.append(time)
            if time > slowest.time { slowest = (time, model.id) }
            let report = Fit.evaluate(
                model.profile,
                FitRequest(model: model.id, devices: inventory.devices())
            )
            if inventory.placement(of: report)?.isComplete == true { placed += 1 }
        }
        return [
            "models": .integer(Int64(models.count)), "placed": .integer(Int64(placed)),
            "median": .number(Stopwatch.median(times)), "slowest": .number(slowest.time),
            "model": .string(slowest.model),
        ]
    }
}
