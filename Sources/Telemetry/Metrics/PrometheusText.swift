internal import JSON

/// The text of Prometheus' exposition format, version 0.0.4.
enum PrometheusText {
    /// A metric name (`[a-zA-Z_:][a-zA-Z0-9_:]*`) with `_` for everything else.
    static func metricName(_ text: String) -> String {
        name(text, allowsColon: true)
    }

    /// The name of a counter, which ends with `_total`.
    static func counterName(_ text: String) -> String {
        let name = metricName(text)
        return name.hasSuffix("_total") ? name : name + "_total"
    }

    /// Labels as they stand between braces: sorted by name, so that the same labels are always the same text.
    ///
    /// Names that Prometheus keeps for itself (`le` on a histogram, those that begin with `__`) get `exported_` in
    /// front. Of labels with the same name the first counts.
    static func labels(_ labels: [(String, String)], ofHistogram: Bool) -> String {
        var values: [String: String] = [:]
        for (label, value) in labels {
            var label = name(label, allowsColon: false)
            if label.hasPrefix("__") || (ofHistogram && label == "le") { label = "exported_" + label }
            if values[label] == nil { values[label] = value }
        }
        var text: [UInt8] = []
        for (label, value) in values.sorted(by: { $0.key < $1.key }) {
            if !text.isEmpty { text.append(0x2C) }
            text.append(text: label)
            text.append(0x3D)
            text.append(0x22)
            text.append(prometheusEscaping: value, quotes: true)
            text.append(0x22)
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func name(_ text: String, allowsColon: Bool) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39:
                if bytes.isEmpty { bytes.append(0x5F) }
                bytes.append(byte)
            case 0x41...0x5A, 0x61...0x7A, 0x5F: bytes.append(byte)
            case 0x3A where allowsColon: bytes.append(byte)
            default: bytes.append(0x5F)
            }
        }
        return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
    }
}

extension [UInt8] {
    /// Appends text with backslashes and line feeds escaped and, inside a label value, quotes.
    mutating func append(prometheusEscaping text: String, quotes: Bool) {
        for byte in text.utf8 {
            switch byte {
            case 0x5C: append(literal: "\\\\")
            case 0x0A: append(literal: "\\n")
            case 0x22 where quotes: append(literal: "\\\"")
            default: append(byte)
            }
        }
    }

    /// Appends a sample value or a bucket's bound.
    mutating func append(prometheus value: Double) {
        if value.isNaN {
            append(literal: "NaN")
        } else if value.isInfinite {
            append(literal: value < 0 ? "-Inf" : "+Inf")
        } else if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 {
            append(decimal: whole)
        } else {
            append(shortest: value)
        }
    }

    /// Appends the name and the labels of a sample; `bound` is that of a bucket.
    mutating func append(
        sample name: String,
        _ suffix: StaticString = "",
        labels: String,
        bound: Double? = nil
    ) {
        append(text: name)
        append(literal: suffix)
        if !labels.isEmpty || bound != nil {
            append(0x7B)
            append(text: labels)
            if let bound {
                if !labels.isEmpty { append(0x2C) }
                append(literal: "le=\"")
                append(prometheus: bound)
                append(0x22)
            }
            append(0x7D)
        }
        append(0x20)
    }

    /// Appends a line such as `# TYPE name text`.
    mutating func append(comment kind: StaticString, name: String, text: String) {
        append(literal: "# ")
        append(literal: kind)
        append(0x20)
        append(text: name)
        append(0x20)
        append(prometheusEscaping: text, quotes: false)
        append(0x0A)
    }
}
