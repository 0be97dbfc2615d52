internal import JSON

/// What values a configuration key takes, and how they are written in a file, an environment variable or a flag.
public enum ConfigurationKind: Sendable, Hashable {
    /// An IP address, or `localhost`.
    case address
    /// A path; nothing for the default.
    case path
    /// A short text; nothing for the default.
    case text
    /// One of these words.
    case choice([String])
    /// `true` or `false`.
    case boolean
    /// A whole number in this range.
    case integer(ClosedRange<Int>)
    /// That many bytes.
    case size(ClosedRange<Int>)
    /// A time span, the range in milliseconds.
    case duration(milliseconds: ClosedRange<Int>)
    /// Names that a Host field may carry.
    case hostNames
    /// Origins of pages.
    case origins
    /// An absolute URL with the scheme `http` or `https` that paths are put behind.
    case baseURL
    /// The name of a Kubernetes namespace.
    case namespace
    /// Short texts.
    case texts
    /// The groups that have each role.
    case roles
    /// The simulated nodes of the embedded cluster.
    case nodes
    /// The commands that stand for container images.
    case images

    /// What is expected, in words.
    var expectation: String {
        switch self {
        case .address: "an IP address or \"localhost\""
        case .path: "a path, or an empty text for the default"
        case .text: "a short text, or an empty one for the default"
        case .choice(let words): "one of " + words.map { "\"\($0)\"" }.joined(separator: ", ")
        case .boolean: "true or false"
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .size:
            "a size \(rangeText), such as \"64KiB\", \"4MiB\" or a plain number of bytes"
        case .duration:
            "a duration \(rangeText), such as \"500ms\", \"10s\", \"2m\" or a plain number of seconds"
        case .hostNames: "a list of host names in lower case, or \"*\" for all"
        case .origins: "a list of origins such as \"https://console.example\", or \"*\" for all"
        case .baseURL: "a base URL such as \"https://hub.example\", without user, query and fragment"
        case .namespace: "a namespace: at most 63 lowercase letters, digits and inner hyphens"
        case .texts: "a list of short texts"
        case .roles: "an object of lists of groups such as {\"admin\": [\"platform\"], \"viewer\": [\"*\"]}"
        case .nodes: "a list of nodes such as {\"name\": \"gpu\", \"gpu\": {\"product\": \"NVIDIA-L4\"}}"
        case .images: "an object of commands such as {\"example.com/tool:*\": {\"entrypoint\": [\"tool\"]}}"
        }
    }

    /// What an element of a list is expected to be, in words; nil when this is no list.
    private var elementExpectation: String? {
        switch self {
        case .hostNames: "a host name in lower case without port, or \"*\""
        case .origins:
            "an origin: http:// or https://, a host in lower case, a port unless it is the scheme's own, no path; or \"*\""
        case .texts: "a short text, not empty"
        default: nil
        }
    }

    /// The range in the units in which people write it; empty where there is none.
    var rangeText: String {
        switch self {
        case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .size(let range):
            "from \(DecimalQuantity.text(range.lowerBound, units: DecimalQuantity.sizes))"
                + " to \(DecimalQuantity.text(range.upperBound, units: DecimalQuantity.sizes))"
        case .duration(let range):
            "from \(DecimalQuantity.text(range.lowerBound, units: DecimalQuantity.durations))"
                + " to \(DecimalQuantity.text(range.upperBound, units: DecimalQuantity.durations))"
        default: ""
        }
    }
}

/// Why a value was refused.
struct ValueRefusal: Error, Hashable {
    /// What was found, in words fit for one line.
    let found: String
    /// What was expected, in words.
    let expected: String
    /// The part that is wrong, as it follows the path of the key, such as `[2].name`; empty for the whole.
    var place = ""
    /// What else is wrong with the value.
    var further: [ValueRefusal] = []
}

// MARK: Reading

extension ConfigurationKind {
    /// Reads a value of a configuration file.
    func read(_ value: JSONValue) throws(ValueRefusal) -> ConfigurationValue {
        switch (self, value) {
        case (.boolean, .bool(let flag)): return .boolean(flag)
        case (.integer(let range), _):
            if let number = value.integerValue.flatMap({ Int(exactly: $0) }), range.contains(number) {
                return .integer(number)
            }
        case (.size(let range), .integer(let number)):
            if let bytes = Int(exactly: number), range.contains(bytes) { return .size(bytes) }
        case (.duration(let range), .integer), (.duration(let range), .number):
            let amount = (value.doubleValue ?? -1) * 1000
            // Decimal fractions of seconds are seldom exact in binary: 0.3 s is 299.99999999999997 ms.
            if let milliseconds = Int(exactly: amount.rounded()), abs(amount - amount.rounded()) < 1e-6,
                range.contains(milliseconds)
            {
                return .duration(milliseconds: milliseconds)
            }
        case (.hostNames, .array(let elements)), (.origins, .array(let elements)),
            (.texts, .array(let elements)):
            return .list(try read(elements))
        case (.roles, _):
            _ = try ServeConfiguration.Auth.Roles.read(value, expectation: expectation)
            return .structure(value)
        case (.nodes, _):
            _ = try ServeConfiguration.Cluster.SimulatedNode.read(value, expectation: expectation)
            return .structure(value)
        case (.images, _):
            _ = try ServeConfiguration.Cluster.Image.read(value, expectation: expectation)
            return .structure(value)
        case (.address, .string(let text)), (.path, .string(let text)), (.text, .string(let text)),
            (.choice, .string(let text)), (.baseURL, .string(let text)),
            (.namespace, .string(let text)),
            (.size, .string(let text)), (.duration, .string(let text)):
            return try read(text)
        default: break
        }
        throw ValueRefusal(found: value.foundDescription, expected: expectation)
    }

    /// Reads a value of an environment variable or a flag; the elements of a list are separated by commas, and a value with
    /// parts is JSON.
    func read(_ text: String) throws(ValueRefusal) -> ConfigurationValue {
        if let value = value(of: text) { return value }
        if self == .nodes || self == .images || self == .roles, let value = try? JSONValue(parsing: text) {
            return try read(value)
        }
        if elementExpectation != nil {
            let elements = text.split(separator: ",", omittingEmptySubsequences: false)
                .map { $0.trimmingSpaces }
            return .list(try read(elements == [""] ? [] : elements.map(JSONValue.string)))
        }
        throw ValueRefusal(found: text.quotedForMessage, expected: expectation)
    }

    private func value(of text: String) -> ConfigurationValue? {
        switch self {
        case .address:
            return NetworkName.isAddress(text) ? .text(text) : nil
        case .path, .text:
            return text.hasControls || text.utf8.count > 4096 ? nil : .text(text)
        case .baseURL:
            return NetworkName.isBaseURL(text) ? .text(text) : nil
        case .namespace:
            return NetworkName.isLabel(text) ? .text(text) : nil
        case .choice(let words):
            return words.contains(text) ? .text(text) : nil
        case .boolean:
            return ["true", "false"].contains(text) ? .boolean(text == "true") : nil
        case .integer(let range):
            return Self.quantity(text, in: range, units: [], plain: 1).map { .integer($0) }
        case .size(let range):
            return Self.quantity(text, in: range, units: DecimalQuantity.sizes, plain: 1)
                .map { .size($0) }
        case .duration(let range):
            return Self.quantity(text, in: range, units: DecimalQuantity.durations, plain: 1000)
                .map { .duration(milliseconds: $0) }
        case .hostNames, .origins, .texts, .roles, .nodes, .images:
            return nil
        }
    }

    private static func quantity(
        _ text: String,
        in range: ClosedRange<Int>,
        units: [DecimalQuantity.Unit],
        plain: Int
    ) -> Int? {
        guard let amount = DecimalQuantity.parse(text, units: units, plain: plain) else { return nil }
        return range.contains(amount) ? amount : nil
    }

    private func read(_ elements: [JSONValue]) throws(ValueRefusal) -> [String] {
        var texts: [String] = []
        for (index, element) in elements.enumerated() {
            guard let text = element.stringValue, isElement(text) else {
                throw ValueRefusal(
                    found: element.foundDescription,
                    expected: elementExpectation ?? expectation,
                    place: "[\(index)]"
                )
            }
            texts.append(text)
        }
        return texts
    }

    private func isElement(_ text: String) -> Bool {
        switch self {
        case .origins: NetworkName.isOrigin(text)
        case .texts: !text.isEmpty && text.utf8.count <= 1024 && !text.hasControls
        default: NetworkName.isHostName(text)
        }
    }
}

extension JSONValue {
    /// The value in words fit for one line.
    var foundDescription: String {
        switch self {
        case .string(let text): text.quotedForMessage
        case .array, .object: kindDescription
        default: description
        }
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        guard let first = firstIndex(where: { $0 != " " }), let last = lastIndex(where: { $0 != " " }) else {
            return ""
        }
        return String(self[first...last])
    }
}
