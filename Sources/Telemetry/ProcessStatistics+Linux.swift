#if os(Linux)
    #if canImport(Glibc)
        internal import Glibc
    #elseif canImport(Musl)
        internal import Musl
    #endif

    extension ProcessStatistics {
        /// Fills in what `/proc` tells; see proc(5).
        mutating func readProc() {
            if let line = contents(of: "/proc/self/statm") {
                let pages = line.split(separator: " ").prefix(2).compactMap { UInt64($0) }
                let pageSize = UInt64(max(sysconf(Int32(_SC_PAGESIZE)), 0))
                if pages.count == 2, pageSize > 0 {
                    virtualBytes = pages[0] * pageSize
                    residentBytes = pages[1] * pageSize
                }
            }
            if let line = contents(of: "/proc/self/stat"), let nameEnd = line.lastIndex(of: ")") {
                // The fields behind the name, which may hold spaces and parentheses; the first of them is field 3.
                let fields = line[line.index(after: nameEnd)...].split(separator: " ")
                if fields.count > 19 {
                    threads = Int(fields[17])
                    startTime = Double(fields[19]).flatMap(Self.time(ofTicksSinceBoot:))
                }
            }
            openFileDescriptors = Self.countOfDescriptors()
            var limit = rlimit()
            #if canImport(Glibc)
                let succeeded = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
            #else
                let succeeded = getrlimit(RLIMIT_NOFILE, &limit) == 0
            #endif
            if succeeded, limit.rlim_cur != rlim_t.max {
                maximumFileDescriptors = UInt64(limit.rlim_cur)
            }
        }

        private static func time(ofTicksSinceBoot ticks: Double) -> Double? {
            let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
            let bootLine = contents(of: "/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
            guard ticksPerSecond > 0,
                let bootTime = bootLine.flatMap({ Double($0.dropFirst("btime ".count)) })
            else { return nil }
            return bootTime + ticks / ticksPerSecond
        }

        private static func countOfDescriptors() -> Int? {
            guard let directory = opendir("/proc/self/fd") else { return nil }
            defer { closedir(directory) }
            var count = 0
            while let entry = readdir(directory) {
                if entry.pointee.d_name.0 != 0x2E { count += 1 }
            }
            // One of them is the directory itself.
            return max(count - 1, 0)
        }
    }

    /// The text of a small file.
    private func contents(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            text.append(contentsOf: buffer[..<count])
        }
        return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
    }
#endif
