import Capacity
import Testing

struct PlacementTests {
    static func inventory(_ free: [Int64], of units: Int64 = 8) -> GPUInventory {
        var inventory = GPUInventory()
        for (index, free) in free.enumerated() {
            inventory.update(GPUInventoryTests.node("n\(index)", gpus: units))
            inventory.replace(
                pod: nil,
                with: GPUInventoryTests.pod("p\(index)", on: "n\(index)", gpus: units - free)
            )
        }
        return inventory
    }

    @Test func `a replica goes where the least is left over`() {
        let placement = Placement(.init(unitsPerWorker: 2), on: Self.inventory([8, 3, 2, 1]))
        #expect(placement.replicas == [["n2"]])
        #expect(placement.isComplete)
        #expect(placement.rejections == [.unitsInUse: 1])
    }

    @Test func `as many replicas are placed as there is room for`() {
        let placement = Placement(.init(replicas: 9, unitsPerWorker: 4), on: Self.inventory([8, 7, 3, 4]))
        #expect(placement.replicas.count == 4)
        #expect(!placement.isComplete)
    }

    @Test func `workers of a replica go to different nodes`() {
        let placement = Placement(
            .init(replicas: 2, workers: 2, unitsPerWorker: 8),
            on: Self.inventory([8, 8, 8, 8, 4])
        )
        #expect(placement.isComplete)
        #expect(placement.replicas.allSatisfy { Set($0).count == 2 })
        #expect(Set(placement.replicas.joined()).count == 4)
    }

    @Test func `a node that takes no pods says why`() {
        var inventory = GPUInventory()
        func add(_ name: String, gpus: Int64 = 8, _ change: (inout NodeFacts) -> Void) {
            var node = GPUInventoryTests.node(name, gpus: gpus)
            change(&node)
            inventory.update(node)
        }
        add("a") { $0.isReady = false }
        add("b") { $0.isCordoned = true }
        add("c") { $0.taints = [.init(key: "team", value: "x")] }
        add("d", gpus: 0) { _ in }
        add("e", gpus: 2) { $0.labels["zone"] = "1" }
        add("f") { _ in }
        add("g") {
            $0.taints = [.init(key: "nvidia.com/gpu")]; $0.labels["zone"] = "1"
        }
        add("h") {
            $0.labels = [
                "zone": "1", "nvidia.com/gpu.product": "NVIDIA-L4-SHARED", "nvidia.com/gpu.replicas": "4",
            ]
        }
        let request = PlacementRequest(replicas: 5, unitsPerWorker: 4, nodeSelector: ["zone": "1"])
        let placement = Placement(request, on: inventory)
        #expect(placement.replicas == [["g"], ["g"]])
        #expect(
            placement.rejections == [
                .notReady: 1, .cordoned: 1, .noAccelerator: 1, .tooFewUnits: 1, .selector: 2,
                .cannotCombine: 1,
            ]
        )
        var tolerant = PlacementRequest(unitsPerWorker: 8)
        #expect(Placement(tolerant, on: inventory).rejections[.taint] == 1)
        tolerant.tolerations = [.init(key: "team", value: "x", effect: "NoSchedule")]
        #expect(Placement(tolerant, on: inventory).rejections[.taint] == nil)
    }

    @Test func `what else a worker needs counts too`() {
        let cpu = PlacementRequest(unitsPerWorker: 1, otherRequests: ResourceAmounts(milliCPU: 63_500))
        let inventory = Self.inventory([8, 8])
        #expect(Placement(cpu, on: inventory).rejections == [.cpu: 2])
        let memory = PlacementRequest(unitsPerWorker: 1, otherRequests: ResourceAmounts(memoryBytes: 1 << 41))
        #expect(Placement(memory, on: inventory).rejections == [.memory: 2])
    }

    /// The most replicas by trying every way.
    static func most(_ free: [Int64], workers: Int, units: Int64) -> Int {
        var free = free
        func best(_ replica: Int) -> Int {
            var best = 0
            func choose(_ start: Int, _ left: Int) {
                if left == 0 {
                    best = max(best, 1 + Self.most(free, workers: workers, units: units))
                    return
                }
                for index in start..<max(start, free.count) where free[index] >= units {
                    free[index] -= units
                    choose(index + 1, left - 1)
                    free[index] += units
                }
            }
            choose(0, workers)
            return best
        }
        return best(0)
    }

    @Test func `the number of replicas equals brute force on small clusters`() {
        var random = SplitMix(seed: 3)
        for _ in 0..<300 {
            let free = (0..<(1 + random.next(upTo: 4))).map { _ in Int64(random.next(upTo: 5)) }
            let workers = 1 + random.next(upTo: 3)
            let units = Int64(1 + random.next(upTo: 3))
            let placement = Placement(
                .init(replicas: 50, workers: workers, unitsPerWorker: units),
                on: Self.inventory(free, of: 4)
            )
            #expect(
                placement.replicas.count == Self.most(free, workers: workers, units: units),
                "\(free), \(workers) workers of \(units)"
            )
            var used: [String: Int64] = [:]
            for replica in placement.replicas {
                #expect(Set(replica).count == workers)
                for node in replica { used[node, default: 0] += units }
            }
            for (index, free) in free.enumerated() { #expect(used["n\(index)"] ?? 0 <= free) }
        }
    }
}
