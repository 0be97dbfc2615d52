import JSON
import KubernetesModel

/// JSON text with places that differ from object to object, written as `<name>`.
struct ObjectTemplate: Sendable {
    /// A place to fill in.
    enum Place: String, CaseIterable, Sendable {
        /// The object's number, five digits at least.
        case number
        /// The number of the pod's set: ten pods are in one.
        case set
        /// The number of the pod's node.
        case node
        /// The number of the namespace of a deployment and its pods: fifty take turns.
        case team
        /// When a deployment was made: a second later for each number.
        case time
        /// The resource version.
        case version
        /// A number that a change gives the object.
        case value
        /// Whether the pod runs or has ended; of a deployment, how many of its pods are ready.
        case phase
    }

    private enum Part: Sendable {
        case bytes([UInt8])
        case place(Place)
    }

    private let parts: [Part]

    /// Takes apart JSON text; the white space of its layout, line feeds and the spaces after them, is left out.
    init(_ text: String) {
        var parts: [Part] = []
        var rest = text.split(separator: "\n").map { $0.drop { $0 == " " } }.joined()[...]
        while let start = rest.firstIndex(of: "<"), let end = rest[start...].firstIndex(of: ">") {
            parts.append(.bytes(Array(rest[..<start].utf8)))
            if let place = Place(rawValue: String(rest[rest.index(after: start)..<end])) {
                parts.append(.place(place))
            }
            rest = rest[rest.index(after: end)...]
        }
        parts.append(.bytes(Array(rest.utf8)))
        self.parts = parts
    }

    /// Appends an object.
    func append(number: Int, node: Int, version: Int, value: Int, phase: String, to bytes: inout [UInt8]) {
        for part in parts {
            switch part {
            case .bytes(let text): bytes += text
            case .place(.number): Self.append(number, to: &bytes)
            case .place(.set): Self.append(number / 10, to: &bytes)
            case .place(.node): Self.append(node, to: &bytes)
            case .place(.team): Self.append(number % Self.teams, to: &bytes)
            case .place(.time):
                bytes += Timestamp(secondsSinceEpoch: Self.firstTime + Int64(number)).kubernetesTime.utf8
            case .place(.version): bytes += String(version).utf8
            case .place(.value): bytes += String(value).utf8
            case .place(.phase): bytes += phase.utf8
            }
        }
    }

    /// How many namespaces there are with deployments.
    static let teams = 50
    /// 2026-02-03T08:30:00Z, seconds since 1970.
    private static let firstTime: Int64 = 1_770_107_400

    private static func append(_ number: Int, to bytes: inout [UInt8]) {
        let digits = String(number).utf8
        for _ in digits.count..<max(5, digits.count) { bytes.append(0x30) }
        bytes += digits
    }
}
