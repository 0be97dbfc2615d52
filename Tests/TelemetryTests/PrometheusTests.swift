import Logging
import Metrics
import Telemetry
import Testing

private func text(of registry: PrometheusRegistry) -> String {
    var bytes: [UInt8] = []
    registry.write(into: &bytes)
    return String(decoding: bytes, as: UTF8.self)
}

@Suite struct PrometheusTests {
    private let registry = PrometheusRegistry(seriesLimit: 50)
    private let factory: PrometheusMetricsFactory

    init() {
        factory = PrometheusMetricsFactory(registry: registry)
    }

    private func document() throws -> PrometheusDocument {
        try PrometheusDocument(text(of: registry))
    }

    @Test func `an empty registry writes nothing`() {
        #expect(text(of: registry) == "")
    }

    @Test func `the text is sorted, described and complete`() {
        registry.describe("http.requests", "Requests\nby \\ route.")
        registry.setBounds([1, 0.1, .infinity, 0.1], of: "latency")
        for (route, method) in [("/b", "GET"), ("/a", "POST"), ("/a", "GET")] {
            Counter(
                label: "http.requests",
                dimensions: [("route", route), ("method", method)],
                factory: factory
            )
            .increment(by: 2)
        }
        let timer = Timer(label: "latency", factory: factory)
        timer.recordNanoseconds(100_000_000)
        timer.recordNanoseconds(100_000_001)
        timer.recordNanoseconds(3_000_000_000)
        Meter(label: "in-flight", factory: factory).set(-1.5)
        registry.registerGauge("answer", help: "Known.") { 42 }
        #expect(
            text(of: registry) == """
                # HELP answer Known.
                # TYPE answer gauge
                answer 42
                # HELP http_requests_total Requests\\nby \\\\ route.
                # TYPE http_requests_total counter
                http_requests_total{method="GET",route="/a"} 2
                http_requests_total{method="GET",route="/b"} 2
                http_requests_total{method="POST",route="/a"} 2
                # TYPE in_flight gauge
                in_flight -1.5
                # TYPE latency histogram
                latency_bucket{le="0.1"} 1
                latency_bucket{le="1"} 2
                latency_bucket{le="+Inf"} 3
                latency_sum 3.200000001
                latency_count 3

                """
        )
    }

    @Test func `counters only grow, count both kinds of numbers and can be reset`() throws {
        let counter = Counter(label: "jobs_total", factory: factory)
        let fractional = FloatingPointCounter(label: "jobs", factory: factory)
        counter.increment(by: 9_007_199_254_740_993)
        counter.increment(by: -5)
        #expect(text(of: registry).contains("jobs_total 9007199254740993\n"))
        counter.reset()
        counter.increment()
        fractional.increment(by: 0.25)
        fractional.increment(by: -1)
        fractional.increment(by: Double.nan)
        #expect(try document().value("jobs_total") == 1.25)
        fractional.reset()
        #expect(try document().value("jobs_total") == 0)
    }

    @Test func `gauges go up and down`() throws {
        let meter = Meter(label: "g", factory: factory)
        meter.set(10 as Int64)
        meter.increment(by: 2.5)
        meter.decrement(by: 5)
        #expect(try document().value("g") == 7.5)
        Recorder(label: "g", aggregate: false, factory: factory).record(3 as Int64)
        #expect(try document().value("g") == 3)
        meter.set(Double.infinity)
        #expect(text(of: registry).contains("g +Inf\n"))
        meter.set(Double.nan)
        #expect(text(of: registry).contains("g NaN\n"))
    }

    @Test func `recorders and timers count into buckets, whatever they are given`() throws {
        let recorder = Recorder(label: "sizes", dimensions: [("le", "x")], factory: factory)
        for value in [0, 1, 1.5, 4, 1e12, -3, .nan] { recorder.record(value) }
        let timer = Timer(label: "times", factory: factory)
        for value in [Int64.min, -1, 0, 100_000, 100_001, 10_000_000_000, 10_000_000_001] {
            timer.recordNanoseconds(value)
        }
        let document = try document()
        #expect(document.value("sizes_bucket", ["exported_le": "x", "le": "1"]) == 3)
        #expect(document.value("sizes_bucket", ["exported_le": "x", "le": "4"]) == 5)
        #expect(document.value("sizes_bucket", ["exported_le": "x", "le": "1073741824"]) == 5)
        #expect(document.value("sizes_count", ["exported_le": "x"]) == 6)
        #expect(document.value("sizes_sum", ["exported_le": "x"]) == 1_000_000_000_003.5)
        #expect(document.value("times_bucket", ["le": "0.0001"]) == 4)
        #expect(document.value("times_bucket", ["le": "0.00025"]) == 5)
        #expect(document.value("times_bucket", ["le": "10"]) == 6)
        #expect(document.value("times_count") == 7)
        #expect(document.families["times"]?.type == "histogram")
    }

    @Test func `nasty names and labels become legal and keep their values`() throws {
        let value = "a\\b\"c\nd,}{ é😀"
        Counter(
            label: "9 lives/é:x",
            dimensions: [("a-b", value), ("__x", ""), ("", "e"), ("a.b", "2nd")],
            factory: factory
        )
        .increment()
        Meter(label: "", factory: factory).set(1 as Int64)
        let document = try document()
        #expect(document.value("_9_lives___:x_total", ["a_b": value, "exported___x": "", "_": "e"]) == 1)
        #expect(document.value("_") == 1)
    }

    @Test func `the same labels in another order are the same series`() throws {
        Counter(label: "c", dimensions: [("a", "1"), ("b", "2")], factory: factory).increment()
        Counter(label: "c", dimensions: [("b", "2"), ("a", "1")], factory: factory).increment()
        #expect(try document().value("c_total", ["a": "1", "b": "2"]) == 2)
    }

    @Test func `a name with a second type is refused once and harms nothing`() throws {
        let pipe = try Pipe()
        let writer = LogWriter(fileDescriptor: pipe.writer, format: .text)
        let logger = Logger(label: "") {
            StructuredLogHandler(label: $0, writer: writer, threshold: LogThreshold(.trace))
        }
        let registry = PrometheusRegistry(logger: logger)
        let factory = PrometheusMetricsFactory(registry: registry)
        Timer(label: "x", factory: factory).recordNanoseconds(1)
        for _ in 0..<3 {
            Meter(label: "x", factory: factory).set(1 as Int64)
            Recorder(label: "x", factory: factory).record(1 as Int64)
        }
        registry.registerGauge("x", help: "") { 1 }
        Meter(label: "x_count", factory: factory).set(1 as Int64)
        registry.registerCounter("y_sum", help: "Fine: it is called y_sum_total.") { 5 }
        Timer(label: "y_sum_total", factory: factory).recordNanoseconds(1)
        Meter(label: "z_bucket", factory: factory).set(1 as Int64)
        Timer(label: "z", factory: factory).recordNanoseconds(1)

        let document = try PrometheusDocument(text(of: registry))
        #expect(document.order == ["x", "y_sum_total", "z_bucket"])
        #expect(document.value("x_count") == 1)
        #expect(registry.refusedNames == ["x", "x_count", "y_sum_total", "z"])
        writer.flush()
        let warnings = pipe.read().split(separator: "\n")
        #expect(warnings.count == 4)
        #expect(warnings.allSatisfy { $0.contains("warning a metric is not kept") })
    }

    @Test func `a metric has a bounded number of series`() throws {
        for index in 0..<60 {
            Counter(label: "c", dimensions: [("i", "\(index)")], factory: factory).increment()
        }
        #expect(try document().families["c_total"]?.samples.count == 50)
        #expect(registry.refusedNames == ["c_total"])
    }

    @Test func `a destroyed metric goes when its last user destroyed it`() throws {
        let first = Counter(label: "c", factory: factory)
        let second = Counter(label: "c", factory: factory)
        first.increment()
        first.destroy()
        second.increment()
        #expect(try document().value("c_total") == 2)
        second.destroy()
        #expect(text(of: registry) == "")
        Meter(label: "c_total", factory: factory).set(1 as Int64)
        #expect(try document().families["c_total"]?.type == "gauge")
    }

    @Test func `computed metrics are asked at each reading, replaced by the next, and may have no value`()
        throws
    {
        let gauge = PrometheusComputedMetric("a", .gauge, help: "A", labels: [("k", "v")])
        let counter = PrometheusComputedMetric("b", .counter, help: "B")
        registry.register([gauge, counter]) { [nil, 7] }
        #expect(try document().order == ["b_total"])
        registry.register([gauge, counter]) { [1.5] }
        let document = try document()
        #expect(document.value("a", ["k": "v"]) == 1.5)
        #expect(document.families["a"]?.help == "A")
        #expect(document.order == ["a"])
    }

    @Test func `no increment is lost between threads`() async throws {
        let factory = factory
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    let counter = Counter(label: "c", factory: factory)
                    let fractional = FloatingPointCounter(label: "f", factory: factory)
                    let meter = Meter(label: "m", factory: factory)
                    let timer = Timer(label: "t", factory: factory)
                    for _ in 0..<5000 {
                        counter.increment()
                        fractional.increment(by: 0.5)
                        meter.increment(by: task % 2 == 0 ? 1 : 2)
                        timer.recordNanoseconds(1_000_000)
                    }
                }
            }
            group.addTask {
                for _ in 0..<50 { _ = text(of: factory.registry) }
            }
        }
        let document = try document()
        #expect(document.value("c_total") == 40_000)
        #expect(document.value("f_total") == 20_000)
        #expect(document.value("m") == 60_000)
        #expect(document.value("t_count") == 40_000)
        #expect(document.value("t_sum") == 40)
        #expect(document.value("t_bucket", ["le": "0.001"]) == 40_000)
    }
}
