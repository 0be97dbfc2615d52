/// Reads Prometheus' text format 0.0.4 strictly, as a scraper would, and refuses what is not quite right.
struct PrometheusDocument {
    struct Sample: Equatable {
        var name: String
        var labels: [String: String]
        var value: Double
    }

    struct Family: Equatable {
        var type: String
        var help: String?
        var samples: [Sample] = []
    }

    struct Malformed: Error {
        var line: String
        var reason: String
    }

    private(set) var families: [String: Family] = [:]
    private(set) var order: [String] = []

    init(_ text: String) throws {
        guard text.isEmpty || text.hasSuffix("\n") else {
            throw Malformed(line: "", reason: "no line feed at the end")
        }
        var help: (name: String, text: String)?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        {
            let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(
                String.init
            )
            if line.hasPrefix("# HELP ") {
                guard words.count == 4, help == nil else { throw Malformed(line: line, reason: "HELP") }
                help = (words[2], words[3])
            } else if line.hasPrefix("# TYPE ") {
                guard words.count == 4, families[words[2]] == nil, help == nil || help?.name == words[2],
                    Self.isName(words[2], colon: true), ["counter", "gauge", "histogram"].contains(words[3])
                else { throw Malformed(line: line, reason: "TYPE") }
                families[words[2]] = Family(type: words[3], help: help?.text)
                order.append(words[2])
                help = nil
            } else {
                try addSample(line)
            }
        }
        for (name, family) in families { try Self.check(name, family) }
    }

    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        families.values.flatMap(\.samples).first { $0.name == name && $0.labels == labels }?.value
    }

    private mutating func addSample(_ line: String) throws {
        let sample = try Self.sample(line)
        guard let current = order.last, var family = families[current] else {
            throw Malformed(line: line, reason: "a sample before its TYPE")
        }
        let suffixes = family.type == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
        guard suffixes.contains(where: { sample.name == current + $0 }) else {
            throw Malformed(line: line, reason: "a sample of another family")
        }
        guard !family.samples.contains(where: { $0.name == sample.name && $0.labels == sample.labels }) else {
            throw Malformed(line: line, reason: "a sample twice")
        }
        family.samples.append(sample)
        families[current] = family
    }

    private static func sample(_ line: String) throws -> Sample {
        var rest = Substring(line)
        func refusal(_ reason: String) -> Malformed { Malformed(line: line, reason: reason) }
        let name = rest.prefix { $0 != "{" && $0 != " " }
        guard isName(String(name), colon: true) else { throw refusal("name") }
        rest = rest.dropFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            repeat {
                rest = rest.dropFirst()
                let label = String(rest.prefix { $0 != "=" })
                rest = rest.dropFirst(label.count)
                guard isName(label, colon: false), labels[label] == nil, rest.hasPrefix("=\"") else {
                    throw refusal("label")
                }
                rest = rest.dropFirst(2)
                var value = ""
                while let character = rest.popFirst(), character != "\"" {
                    guard character == "\\" else {
                        value.append(character)
                        continue
                    }
                    switch rest.popFirst() {
                    case "\\": value.append("\\")
                    case "\"": value.append("\"")
                    case "n": value.append("\n")
                    default: throw refusal("escape")
                    }
                }
                labels[label] = value
            } while rest.first == ","
            guard rest.popFirst() == "}" else { throw refusal("end of labels") }
        }
        guard rest.popFirst() == " " else { throw refusal("space") }
        let special = ["+Inf": Double.infinity, "-Inf": -.infinity, "NaN": .nan]
        guard
            let value = special[String(rest)]
                ?? (rest.contains { $0.isLetter && $0 != "e" } ? nil : Double(rest))
        else { throw refusal("value") }
        return Sample(name: String(name), labels: labels, value: value)
    }

    private static func isName(_ name: String, colon: Bool) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x5F || (colon && byte == 0x3A)
        }
    }

    /// A family has samples; buckets grow, end with +Inf and agree with the count.
    private static func check(_ name: String, _ family: Family) throws {
        guard !family.samples.isEmpty else { throw Malformed(line: name, reason: "no samples") }
        guard family.type == "histogram" else { return }
        var series: [[String: String]: [Sample]] = [:]
        for sample in family.samples where sample.name == name + "_bucket" {
            series[sample.labels.filter { $0.key != "le" }, default: []].append(sample)
        }
        for (labels, buckets) in series {
            let bounds = buckets.compactMap { $0.labels["le"] }.map {
                $0 == "+Inf" ? .infinity : Double($0) ?? .nan
            }
            let counts = buckets.map(\.value)
            let total = family.samples.first { $0.name == name + "_count" && $0.labels == labels }?.value
            let hasSum = family.samples.contains { $0.name == name + "_sum" && $0.labels == labels }
            guard bounds.count == buckets.count, bounds.last == .infinity, bounds == Set(bounds).sorted(),
                counts == counts.sorted(), total == counts.last, hasSum
            else { throw Malformed(line: name, reason: "buckets of \(labels)") }
        }
    }
}
