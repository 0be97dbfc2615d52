internal import JSON
internal import KubernetesModel

/// One line of a watch.
enum WatchLine {
    /// Something about an object.
    case event(WatchEvent, resourceVersion: String)
    /// The API server ends the watch.
    case error(APIStatus)

    /// Reads `{"type":"…","object":{…}}`.
    init(_ line: [UInt8]) throws(KubernetesError) {
        var type: String?
        var object: Range<Int>?
        var resourceVersion: String?
        do throws(JSONScanError) {
            try JSONScanner.scan(line) { (scanner) throws(JSONScanError) in
                try scanner.object { (key, scanner) throws(JSONScanError) in
                    if key == "type" {
                        type = try scanner.string()
                    } else if key == "object" {
                        let start = scanner.index
                        resourceVersion = try scanner.skipAPIObject()
                        object = start..<scanner.index
                    }
                }
                try scanner.end()
            }
        } catch {
            throw .decoding("a watch event is not JSON as the API writes it: \(error)")
        }
        guard let type, let object else { throw .decoding("a watch event lacks its type or its object") }
        let bytes = Array(line[object])
        if type == "ERROR" {
            self = .error(Self.status(bytes))
            return
        }
        guard let resourceVersion, !resourceVersion.isEmpty else {
            throw .decoding("the object of a watch event has no metadata.resourceVersion")
        }
        let watched = WatchedObject(bytes: bytes, resourceVersion: resourceVersion)
        switch type {
        case "ADDED": self = .event(.added(watched), resourceVersion: resourceVersion)
        case "MODIFIED": self = .event(.modified(watched), resourceVersion: resourceVersion)
        case "DELETED": self = .event(.deleted(watched), resourceVersion: resourceVersion)
        case "BOOKMARK":
            self = .event(.bookmark(resourceVersion: resourceVersion), resourceVersion: resourceVersion)
        default: throw .decoding("a watch event has the unknown type \(JSONValue.string(type))")
        }
    }

    private static func status(_ bytes: [UInt8]) -> APIStatus {
        (try? JSONValue(parsing: bytes)).flatMap { APIStatus(json: $0) }
            ?? APIStatus(
                code: 500,
                reason: .unknown,
                message: "the watch ended with an error that is no Status"
            )
    }
}

/// Cuts a stream of bytes into lines.
struct LineSplitter {
    private var rest: [UInt8] = []
    private let longest: Int

    /// - Parameter longest: the most bytes of a line.
    init(longest: Int) {
        self.longest = longest
    }

    /// Takes in bytes; hands on each line that they complete, without its line feed and unless it is empty.
    mutating func add(_ bytes: [UInt8], _ body: ([UInt8]) throws(KubernetesError) -> Void)
        throws(KubernetesError)
    {
        var start = 0
        while let end = bytes[start...].firstIndex(of: 0x0A) {
            try check(end - start)
            let line = rest.isEmpty ? Array(bytes[start..<end]) : rest + bytes[start..<end]
            rest.removeAll(keepingCapacity: rest.capacity < 1 << 16)
            start = end + 1
            if !line.isEmpty { try body(line) }
        }
        try check(bytes.count - start)
        rest += bytes[start...]
    }

    private func check(_ more: Int) throws(KubernetesError) {
        if more > longest - rest.count { throw .decoding("a watch event has more than \(longest) bytes") }
    }
}
