import JSON
import Kubernetes
import Testing

/// Keeps the pods that a watch tells of, and notes what a watch must not do.
struct Follower {
    /// The resource versions of the pods by their names.
    var pods: [String: Int] = [:]
    var isSynced = false
    var faults: [String] = []
    var statuses: [WatchStatus] = []
    private var listed: [String: Int] = [:]
    private var version = 0

    mutating func take(_ event: WatchEvent) throws {
        switch event {
        case .listing: listed = [:]
        case .listed(let object):
            let (name, version) = try Self.read(object)
            if listed.updateValue(version, forKey: name) != nil { faults.append("\(name) was listed twice") }
        case .synced(let version):
            pods = listed
            isSynced = true
            self.version = Int(version) ?? 0
        case .added(let object):
            let (name, version) = try Self.read(object)
            advance(version)
            if pods.updateValue(version, forKey: name) != nil { faults.append("\(name) was added twice") }
        case .modified(let object):
            let (name, version) = try Self.read(object)
            advance(version)
            if pods.updateValue(version, forKey: name) == nil {
                faults.append("\(name) was changed before it was added")
            }
        case .deleted(let object):
            let (name, version) = try Self.read(object)
            advance(version)
            if pods.removeValue(forKey: name) == nil {
                faults.append("\(name) was deleted before it was added")
            }
        case .bookmark(let version):
            guard let version = Int(version), version >= self.version else {
                faults.append("a bookmark goes back")
                return
            }
            self.version = version
        case .status(let status): statuses.append(status)
        }
    }

    private mutating func advance(_ version: Int) {
        // The server counts its changes one by one.
        if version != self.version + 1 { faults.append("version \(version) came after \(self.version)") }
        self.version = version
    }

    private static func read(_ object: WatchedObject) throws -> (name: String, version: Int) {
        let json = try object.json()
        let version = try #require(Int(object.resourceVersion))
        #expect(json["metadata"]?["resourceVersion"]?.stringValue == object.resourceVersion)
        #expect(json["spec"]?["text"]?.stringValue == "braces }{ and \"quotes\" \n 🚀")
        return (try #require(json["metadata"]?["name"]?.stringValue), version)
    }
}

/// Follows a watch until `isDone` holds.
func follow(_ watch: ListWatch, until isDone: (Follower) -> Bool) async throws -> Follower {
    var follower = Follower()
    for await event in watch {
        try follower.take(event)
        if isDone(follower) { break }
    }
    return follower
}

/// Random numbers that are the same each time (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
