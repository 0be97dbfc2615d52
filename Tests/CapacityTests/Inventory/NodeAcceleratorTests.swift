import Capacity
import Testing

struct NodeAcceleratorTests {
    static func accelerators(_ devices: [String: Int64], _ labels: [String: String]) -> [NodeAccelerator] {
        NodeAccelerator.all(
            of: NodeFacts(name: "n", labels: labels, allocatable: ResourceAmounts(devices: devices))
        )
    }

    @Test func `memory comes from the label, which the driver fills, before the product's table`() throws {
        let one = try #require(
            Self.accelerators(
                ["nvidia.com/gpu": 8],
                [
                    "nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB", "nvidia.com/gpu.memory": "81920",
                    "nvidia.com/gpu.count": "8", "nvidia.com/gpu.replicas": "1",
                    "nvidia.com/gpu.sharing-strategy": "none",
                ]
            ).first
        )
        #expect(one.unitMemoryMiB == 81920)
        #expect(one.memorySource == .label)
        #expect(one.canCombine)
        let unlabelled = Self.accelerators(
            ["nvidia.com/gpu": 8],
            ["nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB"]
        )
        #expect(unlabelled.first?.memorySource == .product)
        #expect(unlabelled.first?.unitMemoryMiB == 81920)
    }

    @Test func `a node without labels has devices of unknown memory, not of none`() {
        let one = Self.accelerators(["nvidia.com/gpu": 2], [:]).first
        #expect(one?.count == 2)
        #expect(one?.unitMemoryMiB == nil)
        #expect(one?.product == nil)
    }

    @Test func `a unified-memory part without a memory label has what its product has`() throws {
        let one = try #require(
            Self.accelerators(["nvidia.com/gpu": 1], ["nvidia.com/gpu.product": "NVIDIA-GB10"]).first
        )
        #expect(one.memorySource == .product)
        #expect(try #require(one.unitMemoryMiB) > 100 * 1024)
    }

    @Test func `a time-sliced card's memory is shared by its replicas, which do not combine`() throws {
        let one = try #require(
            Self.accelerators(
                ["nvidia.com/gpu": 6],
                [
                    "nvidia.com/gpu.product": "NVIDIA-RTX-2000-Ada-Generation-SHARED",
                    "nvidia.com/gpu.memory": "16380", "nvidia.com/gpu.count": "2",
                    "nvidia.com/gpu.replicas": "3",
                    "nvidia.com/gpu.sharing-strategy": "time-slicing",
                ]
            ).first
        )
        #expect(one.sharing == .timeSliced(replicas: 3))
        #expect(one.deviceMemoryMiB == 16380)
        #expect(one.unitMemoryMiB == 5460)
        #expect(!one.canCombine)
        #expect(one.productLabel == "NVIDIA-RTX-2000-Ada-Generation")
    }

    @Test func `renamed shares are told by the resource, also without the number of replicas`() throws {
        let one = try #require(
            Self.accelerators(
                ["nvidia.com/gpu.shared": 8],
                [
                    "nvidia.com/gpu.product": "NVIDIA-L4", "nvidia.com/gpu.memory": "23034",
                    "nvidia.com/gpu.count": "2",
                ]
            ).first
        )
        #expect(one.sharing == .timeSliced(replicas: 4))
        #expect(one.unitMemoryMiB == 5758)
    }

    @Test func `MPS divides the memory`() {
        let one = Self.accelerators(
            ["nvidia.com/gpu": 4],
            [
                "nvidia.com/gpu.product": "NVIDIA-L4-SHARED", "nvidia.com/gpu.memory": "23034",
                "nvidia.com/gpu.replicas": "4", "nvidia.com/gpu.sharing-strategy": "mps",
            ]
        ).first
        #expect(one?.sharing == .multiProcess(replicas: 4))
        #expect(one?.unitMemoryMiB == 5758)
    }

    @Test func `slices have resources and labels of their own under the mixed strategy`() {
        let all = Self.accelerators(
            ["nvidia.com/mig-1g.10gb": 4, "nvidia.com/mig-3g.40gb": 1, "nvidia.com/gpu": 0],
            [
                "nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB", "nvidia.com/gpu.memory": "81920",
                "nvidia.com/mig-1g.10gb.memory": "9728",
            ]
        )
        #expect(all.map(\.resource.name) == ["nvidia.com/mig-1g.10gb", "nvidia.com/mig-3g.40gb"])
        #expect(all.first?.unitMemoryMiB == 9728)
        #expect(all.first?.canCombine == false)
        #expect(all.last?.memorySource == .profile)
        #expect(all.last?.unitMemoryMiB == 40448)
    }

    @Test func `under the single strategy a slice goes by the name of a whole card`() {
        let one = Self.accelerators(
            ["nvidia.com/gpu": 7],
            ["nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3-MIG-1g.10gb", "nvidia.com/gpu.memory": "9984"]
        ).first
        #expect(one?.isSingleSlice == true)
        #expect(one?.productLabel == "NVIDIA-H100-80GB-HBM3")
        #expect(one?.unitMemoryMiB == 9984)
        #expect(one?.canCombine == false)
    }

    @Test func `AMD's labeller tells gibibytes`() {
        let one = Self.accelerators(
            ["amd.com/gpu": 8],
            ["amd.com/gpu.vram": "192G", "amd.com/gpu.product-name": "AMD_Instinct_MI300X_OAM"]
        ).first
        #expect(one?.unitMemoryMiB == 196_608)
        #expect(one?.canCombine == true)
    }

    @Test func `TPUs and Gaudi are accelerators, CPU is none`() {
        #expect(AcceleratorResource("google.com/tpu")?.vendor == .google)
        #expect(AcceleratorResource("habana.ai/gaudi")?.vendor == .intel)
        #expect(AcceleratorResource("huawei.com/Ascend910")?.vendor == .huawei)
        for name in [
            "cpu", "memory", "nvidia.com/mig-", "nvidia.com/mig-1g", "nvidia.com/mig-xg.10gb",
            "example.com/gpu",
        ] {
            #expect(AcceleratorResource(name) == nil)
        }
    }

    @Test func `labels that make no sense are passed over`() {
        let one = Self.accelerators(
            ["nvidia.com/gpu": 2],
            [
                "nvidia.com/gpu.product": "NVIDIA-L4", "nvidia.com/gpu.memory": "-5",
                "nvidia.com/gpu.replicas": "99999999999999999999",
            ]
        ).first
        #expect(one?.memorySource == .product)
        #expect(one?.sharing == .exclusive)
    }
}
