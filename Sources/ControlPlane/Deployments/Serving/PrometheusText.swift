/// Metrics as text: Prometheus' exposition format 0.0.4, and what OpenMetrics 1.0 and Prometheus 3 have beside it (time stamps in
/// seconds, exemplars, names in quotation marks).
public enum PrometheusText {
    /// The samples in a text, in its order. Comments, empty lines and lines that are no samples are left out.
    public static func samples(_ text: [UInt8]) -> [MetricSample] {
        var samples: [MetricSample] = []
        for line in text.split(separator: 0x0A) {
            var reader = SampleReader(line)
            if let sample = reader.sample() { samples.append(sample) }
        }
        return samples
    }
}

/// Reads one line. Line feeds do not occur in samples: in label values they are escaped.
private struct SampleReader {
    private var rest: ArraySlice<UInt8>

    init(_ line: ArraySlice<UInt8>) {
        rest = line
        if rest.last == 0x0D { rest.removeLast() }
    }

    mutating func sample() -> MetricSample? {
        skipBlanks()
        var name = bareName(withColons: true)
        // Between a name and its value there are labels or blanks.
        if name != nil {
            guard let next = rest.first, next == 0x7B || Self.isBlank(next) else { return nil }
        }
        guard let labels = labels(&name), let name, let word = word(), let value = Double(word), endsWell()
        else { return nil }
        return MetricSample(name, labels, value)
    }

    /// After the value there may be a time stamp and an exemplar, and nothing else.
    private mutating func endsWell() -> Bool {
        skipBlanks()
        guard let first = rest.first, first != 0x23 else { return true }
        guard let stamp = word(), Double(stamp) != nil else { return false }
        skipBlanks()
        return rest.isEmpty || rest.first == 0x23
    }

    // MARK: Labels

    /// The labels; none when there are no braces, nil when they are broken. A name in quotation marks among them, without a
    /// value, is the metric's.
    private mutating func labels(_ name: inout String?) -> [MetricSample.Label]? {
        skipBlanks()
        guard take(0x7B) else { return name == nil ? nil : [] }
        var labels: [MetricSample.Label] = []
        while true {
            skipBlanks()
            if take(0x7D) { return labels }
            let isQuoted = rest.first == 0x22
            guard let label = isQuoted ? quoted() : bareName(withColons: false) else { return nil }
            skipBlanks()
            if take(0x3D) {
                skipBlanks()
                guard let value = quoted(), !labels.contains(where: { $0.name == label }) else { return nil }
                labels.append(MetricSample.Label(label, value))
            } else {
                guard isQuoted, name == nil else { return nil }
                name = label
            }
            skipBlanks()
            guard take(0x2C) || rest.first == 0x7D else { return nil }
        }
    }

    /// A text in quotation marks, in which a backslash stands before a backslash, a quotation mark and the `n` of a line feed. Any
    /// other backslash is one.
    private mutating func quoted() -> String? {
        guard take(0x22) else { return nil }
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case 0x22: return String(decoding: bytes, as: UTF8.self)
            case 0x5C:
                guard let escaped = rest.popFirst() else { return nil }
                switch escaped {
                case 0x6E: bytes.append(0x0A)
                case 0x22, 0x5C: bytes.append(escaped)
                default: bytes += [0x5C, escaped]
                }
            default: bytes.append(byte)
            }
        }
        return nil
    }

    // MARK: Words

    /// A name of letters, digits, underscores and, for metrics, colons, which does not begin with a digit.
    private mutating func bareName(withColons: Bool) -> String? {
        let name = rest.prefix { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
            case 0x3A: withColons
            default: false
            }
        }
        guard let first = name.first, !(0x30...0x39).contains(first) else { return nil }
        rest = rest[name.endIndex...]
        return String(decoding: name, as: UTF8.self)
    }

    /// The bytes up to the next blank. Swift reads what Go's ParseFloat reads, `NaN` and `+Inf` among it.
    private mutating func word() -> String? {
        skipBlanks()
        let word = rest.prefix { !Self.isBlank($0) && $0 != 0x23 }
        guard !word.isEmpty else { return nil }
        rest = rest[word.endIndex...]
        return String(decoding: word, as: UTF8.self)
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard rest.first == byte else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func skipBlanks() {
        rest = rest.drop(while: Self.isBlank)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
