import Capacity
import ControlPlane
import JSON
import Testing

@Suite("The catalogue")
struct CatalogTests {
    @Test("tmp") func tmp() throws {
        for model in ModelCatalog.standard.models {
            guard let profile = try PublishedModel.profile(model.id) else { continue }
            var least: (Int, Int)?
            search: for (gpus, sizes) in [
                (1, [4, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 80]), (2, [80]), (4, [80]),
                (8, [80, 141, 192, 288]),
            ] {
                for size in sizes where PublishedModel.fits(profile, model, gpus: gpus, gigabytes: size) {
                    least = (size * gpus, gpus); break search
                }
            }
            print(
                "FIT \(model.id) \(least.map { "\($0.0) \($0.1)" } ?? "-") now \(model.minimumMemoryGB) \(model.minimumGPUs)"
            )
        }
    }
}
