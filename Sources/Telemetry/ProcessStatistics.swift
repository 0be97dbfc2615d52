#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// What the operating system says about this process at one time. What it does not tell is nil.
public struct ProcessStatistics: Sendable, Hashable {
    /// CPU time used in user and system mode, in seconds.
    public var cpuSeconds: Double?
    /// Memory in RAM, in bytes.
    public var residentBytes: UInt64?
    /// Address space, in bytes.
    public var virtualBytes: UInt64?
    /// Open file descriptors.
    public var openFileDescriptors: Int?
    /// The most file descriptors that may be open; nil also when there is no limit.
    public var maximumFileDescriptors: UInt64?
    /// When the process started, in seconds since 1970-01-01T00:00:00Z.
    public var startTime: Double?
    /// Threads.
    public var threads: Int?

    /// Asks the operating system. On Linux this reads files in `/proc`, which takes some tens of microseconds, more
    /// with many open files; call it where waiting is allowed.
    public static func read() -> ProcessStatistics {
        var statistics = ProcessStatistics()
        var usage = rusage()
        #if canImport(Glibc)
            let succeeded = getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0
        #else
            let succeeded = getrusage(RUSAGE_SELF, &usage) == 0
        #endif
        if succeeded { statistics.cpuSeconds = usage.ru_utime.seconds + usage.ru_stime.seconds }
        #if os(Linux)
            statistics.readProc()
        #endif
        return statistics
    }

    /// Registers the metrics of the process under the names that Prometheus' own clients use.
    public static func register(in registry: PrometheusRegistry) {
        registry.register([
            PrometheusComputedMetric(
                "process_cpu_seconds_total",
                .counter,
                help: "CPU time used in user and system mode, in seconds."
            ),
            PrometheusComputedMetric(
                "process_resident_memory_bytes",
                .gauge,
                help: "Memory in RAM, in bytes."
            ),
            PrometheusComputedMetric(
                "process_virtual_memory_bytes",
                .gauge,
                help: "Address space, in bytes."
            ),
            PrometheusComputedMetric("process_open_fds", .gauge, help: "Open file descriptors."),
            PrometheusComputedMetric(
                "process_max_fds",
                .gauge,
                help: "The most file descriptors that may be open."
            ),
            PrometheusComputedMetric(
                "process_start_time_seconds",
                .gauge,
                help: "When the process started, in seconds since 1970."
            ),
            PrometheusComputedMetric("process_threads", .gauge, help: "Threads."),
        ]) {
            let statistics = read()
            return [
                statistics.cpuSeconds,
                statistics.residentBytes.map { Double($0) },
                statistics.virtualBytes.map { Double($0) },
                statistics.openFileDescriptors.map { Double($0) },
                statistics.maximumFileDescriptors.map { Double($0) },
                statistics.startTime,
                statistics.threads.map { Double($0) },
            ]
        }
    }
}

extension timeval {
    fileprivate var seconds: Double { Double(tv_sec) + Double(tv_usec) / 1e6 }
}
