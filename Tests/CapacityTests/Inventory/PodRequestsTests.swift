import Capacity
import Testing

struct PodRequestsTests {
    static func gpus(_ count: Int64, cpu: Int64 = 0) -> ResourceAmounts {
        ResourceAmounts(milliCPU: cpu, devices: ["nvidia.com/gpu": count])
    }

    @Test func `containers that run together add up`() {
        var pod = PodRequests()
        pod.add(Self.gpus(1, cpu: 500), .main)
        pod.add(Self.gpus(2, cpu: 250), .main)
        #expect(pod.total() == Self.gpus(3, cpu: 750))
    }

    @Test func `an init container counts only by what it needs beyond the others`() {
        var pod = PodRequests()
        pod.add(Self.gpus(4, cpu: 100), .initial)
        pod.add(Self.gpus(1, cpu: 900), .initial)
        pod.add(Self.gpus(2, cpu: 500), .main)
        #expect(pod.total() == Self.gpus(4, cpu: 900))
    }

    @Test func `a sidecar adds to the containers, and to the init containers that start after it`() {
        var pod = PodRequests()
        pod.add(Self.gpus(0, cpu: 1000), .initial)
        pod.add(Self.gpus(1, cpu: 300), .sidecar)
        pod.add(Self.gpus(3, cpu: 400), .initial)
        pod.add(Self.gpus(2, cpu: 200), .main)
        #expect(pod.total() == Self.gpus(4, cpu: 1000))
    }

    @Test func `the overhead of the runtime class comes on top`() {
        var pod = PodRequests()
        pod.add(Self.gpus(1, cpu: 200), .main)
        #expect(pod.total(overhead: ResourceAmounts(milliCPU: 50)) == Self.gpus(1, cpu: 250))
    }

    @Test func `sums that no integer holds stay at the largest`() {
        var pod = PodRequests()
        pod.add(Self.gpus(.max), .main)
        pod.add(Self.gpus(1), .main)
        #expect(pod.total() == Self.gpus(.max))
    }
}
