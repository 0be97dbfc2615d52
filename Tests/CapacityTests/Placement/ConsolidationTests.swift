import Capacity
import Testing

struct ConsolidationTests {
    /// Nodes of 4 units, each with pods of those sizes.
    static func inventory(_ nodes: [[Int64]], movable: Bool = true) -> GPUInventory {
        var inventory = GPUInventory()
        for (index, pods) in nodes.enumerated() {
            inventory.update(GPUInventoryTests.node("n\(index)", gpus: 4))
            for (number, units) in pods.enumerated() {
                var pod = GPUInventoryTests.pod("p\(index)-\(number)", on: "n\(index)", gpus: units)
                pod.isMovable = movable
                inventory.replace(pod: nil, with: pod)
            }
        }
        return inventory
    }

    @Test func `nothing moves when enough is free`() {
        #expect(
            Consolidation.freeing(3, in: Self.inventory([[1], [4]]))
                == Consolidation.freeing(2, in: Self.inventory([[1], [4]]))
        )
        #expect(Consolidation.freeing(3, in: Self.inventory([[1], [4]]))?.moves.isEmpty == true)
    }

    @Test func `the fewest pods move, to the fullest node that takes them`() throws {
        let advice = try #require(Consolidation.freeing(4, in: Self.inventory([[1, 1], [2], [3]])))
        #expect(advice.node == "n1")
        #expect(advice.moves.map(\.pod) == ["default/p1-0"])
        #expect(advice.moves.map(\.destination) == ["n0"])
    }

    @Test func `pods that nothing makes again stay`() {
        #expect(Consolidation.freeing(4, in: Self.inventory([[1], [1]], movable: false)) == nil)
    }

    @Test func `there is no advice when the pods have nowhere to go`() {
        #expect(Consolidation.freeing(4, in: Self.inventory([[2, 1], [3], [4]])) == nil)
        #expect(Consolidation.freeing(5, in: Self.inventory([[1], [1]])) == nil)
    }

    /// The fewest moves by trying every set of pods and every way to put them elsewhere.
    static func fewest(_ units: Int64, _ nodes: [[Int64]]) -> Int? {
        var best: Int?
        for (target, pods) in nodes.enumerated() {
            for set in 0..<(1 << pods.count) {
                let moved = pods.indices.filter { set & (1 << $0) != 0 }
                let left = pods.indices.filter { set & (1 << $0) == 0 }.reduce(0) { $0 + pods[$1] }
                guard 4 - left >= units else { continue }
                var free = nodes.map { 4 - $0.reduce(0, +) }
                func fits(_ rest: ArraySlice<Int>) -> Bool {
                    guard let first = rest.first else { return true }
                    return free.indices.contains { node in
                        guard node != target, free[node] >= pods[first] else { return false }
                        free[node] -= pods[first]
                        defer { free[node] += pods[first] }
                        return fits(rest.dropFirst())
                    }
                }
                if fits(moved[...]) { best = min(best ?? .max, moved.count) }
            }
        }
        return best
    }

    @Test func `the number of moves equals brute force on small clusters`() {
        var random = SplitMix(seed: 11)
        for _ in 0..<400 {
            let nodes = (0..<(2 + random.next(upTo: 3))).map { _ -> [Int64] in
                var pods: [Int64] = []
                while pods.count < 3 {
                    let units = Int64(1 + random.next(upTo: 3))
                    if pods.reduce(0, +) + units > 4 || random.next(upTo: 4) == 0 { break }
                    pods.append(units)
                }
                return pods
            }
            for units in 1...4 {
                let advice = Consolidation.freeing(Int64(units), in: Self.inventory(nodes))
                #expect(advice?.moves.count == Self.fewest(Int64(units), nodes), "\(units) on \(nodes)")
            }
        }
    }
}
