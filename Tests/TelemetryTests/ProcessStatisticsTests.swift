import Glibc
import JSON
import Telemetry
import Testing

@Suite struct ProcessStatisticsTests {
    @Test func `the statistics are those of this process`() throws {
        let page = [UInt8](repeating: 1, count: 1 << 20)
        let statistics = ProcessStatistics.read()
        let cpu = try #require(statistics.cpuSeconds)
        let start = try #require(statistics.startTime)
        let resident = try #require(statistics.residentBytes)
        #expect(cpu > 0)
        #expect(resident > UInt64(page.count))
        #expect(try #require(statistics.virtualBytes) > resident)
        #expect(try #require(statistics.threads) >= 1)
        let age = Timestamp.now().seconds(since: Timestamp(secondsSinceEpoch: Int64(start)))
        #expect(age >= -2)
        #expect(age < 86_400)
    }

    /// A test beside this one may raise the limit; then another look is taken.
    @Test func `the limit on open descriptors is this process's`() throws {
        for _ in 0..<10 {
            let before = Self.descriptorLimit
            let told = ProcessStatistics.read().maximumFileDescriptors
            guard before == Self.descriptorLimit else { continue }
            #expect(told == before)
            return
        }
        Issue.record("the limit changes all the time")
    }

    private static var descriptorLimit: UInt64 {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return UInt64(limit.rlim_cur)
    }

    @Test func `open descriptors are counted`() throws {
        let descriptors = (0..<200).map { _ in dup(0) }
        defer { for descriptor in descriptors { close(descriptor) } }
        #expect(try #require(ProcessStatistics.read().openFileDescriptors) >= 200)
    }

    @Test func `process and build metrics have their standard names`() throws {
        let registry = PrometheusRegistry()
        ProcessStatistics.register(in: registry)
        BuildInformation(version: "1.2.3", gitCommit: "abc\"", buildTime: .now()).register(in: registry)
        var bytes: [UInt8] = []
        registry.write(into: &bytes)
        let document = try PrometheusDocument(String(decoding: bytes, as: UTF8.self))
        #expect(
            document.order == [
                "ingot_build_info", "process_cpu_seconds_total", "process_max_fds", "process_open_fds",
                "process_resident_memory_bytes", "process_start_time_seconds", "process_threads",
                "process_virtual_memory_bytes",
            ]
        )
        let statistics = ProcessStatistics.read()
        let page = [UInt8](repeating: 1, count: 1 << 20)
        #expect(try #require(document.value("process_max_fds")) >= 3)
        #expect(document.value("process_start_time_seconds") == statistics.startTime)
        let resident = try #require(document.value("process_resident_memory_bytes"))
        let virtual = try #require(document.value("process_virtual_memory_bytes"))
        #expect(resident > Double(page.count))
        #expect(virtual > resident)
        #expect(try #require(document.value("process_open_fds")) >= 3)
        #expect(try #require(document.value("process_threads")) >= 1)
        #expect(document.families["process_cpu_seconds_total"]?.type == "counter")
        #expect(document.families["process_open_fds"]?.type == "gauge")
        #expect(document.families.values.allSatisfy { $0.help != nil })
        #expect(document.value("ingot_build_info", ["version": "1.2.3", "commit": "abc\""]) == 1)
    }
}
