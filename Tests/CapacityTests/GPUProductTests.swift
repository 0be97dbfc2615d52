import Capacity
import Testing

@Suite("GPU products")
struct GPUProductTests {
    @Test("The table has all 84 products, each with visible memory below its card's")
    func table() {
        #expect(GPUProduct.all.count == 84)
        #expect(Set(GPUProduct.all.map(\.name)).count == 84)
        for product in GPUProduct.all {
            #expect(product.visibleBytes > 7 << 30)
            #expect(!product.resources.isEmpty)
            guard let memory = product.memoryMiB else { continue }
            #expect(product.visibleBytes <= Int64(memory) << 20, "\(product.name)")
            #expect(product.visibleBytes > Int64(memory) << 20 / 64 * 60, "\(product.name)")
        }
    }

    @Test(
        "A label is matched without the suffixes of MIG and sharing",
        arguments: [
            ("NVIDIA-H100-80GB-HBM3", "NVIDIA-H100-80GB-HBM3"),
            ("NVIDIA-RTX-2000-Ada-Generation-SHARED", "NVIDIA-RTX-2000-Ada-Generation"),
            ("NVIDIA-A100-SXM4-40GB-MIG-1g.5gb", "NVIDIA-A100-SXM4-40GB"),
            ("NVIDIA-A100-SXM4-80GB-MIG-1g.10gbme-SHARED", "NVIDIA-A100-SXM4-80GB"),
            ("NVIDIA H200", "NVIDIA-H200"),
            ("AMD_Instinct_MI300X_OAM", "MI300X"),
            ("tpu-v6e-slice", "tpu-v6e-slice"),
        ]
    )
    func labels(label: String, name: String) {
        #expect(GPUProduct.matching(label: label)?.name == name)
    }

    @Test("A label that goes on behind a product's name is that product only where the memory agrees")
    func laptops() {
        #expect(GPUProduct.matching(label: "NVIDIA-GeForce-RTX-4090-Laptop-GPU", memoryMiB: 16376) == nil)
        #expect(GPUProduct.matching(label: "NVIDIA-GeForce-RTX-4090-Laptop-GPU") == nil)
        #expect(GPUProduct.matching(label: "Tesla-T4-Custom", memoryMiB: 15109)?.name == "Tesla-T4")
        #expect(GPUProduct.matching(label: "NVIDIA-A1000") == nil)
        #expect(GPUProduct.matching(label: "") == nil)
    }

    @Test(
        "A person's short name means the product with the least memory that has all its words",
        arguments: [
            ("H100", "NVIDIA-H100-80GB-HBM3"), ("l40s", "NVIDIA-L40S"),
            ("rtx 4090", "NVIDIA-GeForce-RTX-4090"),
            ("A100", "NVIDIA-A100-SXM4-40GB"), ("A100-80GB", "NVIDIA-A100-SXM4-80GB"), ("A10", "NVIDIA-A10"),
            ("mi300x", "MI300X"), ("T4", "Tesla-T4"), ("B200", "NVIDIA-B200"),
        ]
    )
    func shortNames(text: String, name: String) {
        #expect(GPUProduct.named(text)?.name == name)
        #expect(GPUProduct.named("Voodoo 2") == nil)
        #expect(GPUProduct.named(" ") == nil)
    }

    @Test(
        "A mistyped name is near the product that was meant",
        arguments: [
            ("NVIDIA-L4O", "NVIDIA-L40"), ("h10O", "NVIDIA-H100-PCIe"),
            ("rtx 4900", "NVIDIA-GeForce-RTX-4090"),
            ("mi30x", "MI300X"), ("GeForce RTX4090", "NVIDIA-GeForce-RTX-4090"),
        ]
    )
    func near(text: String, name: String) {
        #expect(GPUProduct.near(text, limit: 5).map(\.name).contains(name))
        #expect(GPUProduct.near(text, limit: 1).count == 1)
        #expect(GPUProduct.near("something else").isEmpty)
        #expect(GPUProduct.near(" - ").isEmpty)
        #expect(GPUProduct.near(String(repeating: "a", count: 100_000)).isEmpty)
    }

    @Test("A part with unified memory has no card memory but a visible one")
    func unified() throws {
        let spark = try #require(GPUProduct.matching(label: "NVIDIA-GB10"))
        #expect(spark.isUnifiedMemory)
        #expect(spark.memoryMiB == nil)
        #expect(spark.visibleBytes == ByteCount.gibibytes(121.7))
    }

    @Test("Visible memory follows a driver's label by what the driver keeps")
    func visible() throws {
        let t4 = try #require(GPUProduct.matching(label: "Tesla-T4"))
        #expect(abs(t4.visibleBytes(ofLabelMiB: 15109).gibibytes - 14.315) < 0.01)
        #expect(abs(GPUProduct.visibleBytes(ofLabelMiB: 81559).gibibytes - 79.18) < 0.15)
        #expect(GPUProduct.visibleBytes(ofLabelMiB: 0) == 0)
        #expect(t4.visibleBytes(ofLabelMiB: 1) >= 0)
    }

    @Test(
        "A MIG slice has its eighths of the card",
        arguments: [
            ("1g.5gb", 40960, 4864), ("2g.10gb", 40960, 9984), ("3g.20gb", 40960, 20224),
            ("1g.10gb", 81920, 9728),
            ("1g.20gb", 81920, 19968), ("1g.6gb", 24576, 5990), ("7g.141gb", 143771, 142872),
        ]
    )
    func slices(name: String, card: Int, memory: Int) throws {
        let profile = try #require(MIGProfile(parsing: name))
        #expect(profile.memoryMiB(ofCard: card) == memory)
        #expect(profile.description == name)
        #expect(MIGProfile(parsing: name + ".me")?.hasMediaExtensions == true)
    }

    @Test("What is no MIG profile is none", arguments: ["", "g.gb", "8g.10gb", "1g.10", "1g10gb", "-1g.5gb"])
    func noProfiles(text: String) {
        #expect(MIGProfile(parsing: text) == nil)
    }

    @Test("The label tells its parts")
    func parts() {
        let label = GPUProductLabel("NVIDIA-H100-80GB-HBM3-MIG-3g.40gb-SHARED")
        #expect(label.name == "NVIDIA-H100-80GB-HBM3")
        #expect(label.migProfile?.description == "3g.40gb")
        #expect(label.isShared)
        #expect(GPUProductLabel("A-MIG-xyz").name == "A-MIG-xyz")
    }
}
