internal import KubernetesModel

/// Values that many objects of a resource have in common, such as the name of their node or the labels of their set: each is in
/// memory once. One task at a time uses it.
final class SharedValues {
    private var strings = Table<String>()
    private var texts = Table<[String: String]>()
    private var quantities = Table<[String: Quantity]>()

    /// The string with these UTF-8 bytes.
    func string(_ bytes: UnsafeRawBufferPointer) -> String {
        strings.value(for: bytes) { String(decoding: $0, as: UTF8.self) }
    }

    /// What `read` makes of an object's JSON.
    func texts(
        _ json: UnsafeRawBufferPointer,
        _ read: (UnsafeRawBufferPointer) throws(JSONScanError) -> [String: String]
    ) throws(JSONScanError) -> [String: String] {
        try texts.value(for: json, read)
    }

    /// What `read` makes of an object's JSON.
    func quantities(
        _ json: UnsafeRawBufferPointer,
        _ read: (UnsafeRawBufferPointer) throws(JSONScanError) -> [String: Quantity]
    ) throws(JSONScanError) -> [String: Quantity] {
        try quantities.value(for: json, read)
    }

    /// Values by the bytes that they are made of. Each has one place, which a later one takes over, so a table never holds more
    /// than its places and forgets by itself what is no longer common.
    private struct Table<Value> {
        private var places: [(key: [UInt8], value: Value)?] = Array(repeating: nil, count: 64)
        private var count = 0
        private static var mostPlaces: Int { 8192 }

        mutating func value<Failure: Error>(
            for bytes: UnsafeRawBufferPointer,
            _ make: (UnsafeRawBufferPointer) throws(Failure) -> Value
        ) throws(Failure) -> Value {
            let place = place(of: bytes)
            if let found = places[place], found.key.elementsEqual(bytes) { return found.value }
            let value = try make(bytes)
            if places[place] == nil { count += 1 }
            places[place] = (Array(bytes), value)
            if count > places.count / 2, places.count < Self.mostPlaces { grow() }
            return value
        }

        private func place(of bytes: UnsafeRawBufferPointer) -> Int {
            var hasher = Hasher()
            hasher.combine(bytes: bytes)
            return hasher.finalize() & (places.count - 1)
        }

        private mutating func grow() {
            let old = places
            places = Array(repeating: nil, count: old.count * 4)
            for case let entry? in old {
                let place = entry.key.withUnsafeBytes { self.place(of: $0) }
                places[place] = entry
            }
            count = places.count { $0 != nil }
        }
    }
}

/// Strings and dictionaries that other objects probably have too.
extension JSONScanner {
    /// A string; empty for `null`.
    mutating func sharedText() throws(JSONScanError) -> String {
        try skipNull() ? "" : try sharedString()
    }

    /// An object whose values are texts.
    mutating func sharedTexts() throws(JSONScanError) -> [String: String] {
        guard let shared else { return try texts() }
        return try shared.texts(try skippedBytes()) { (json) throws(JSONScanError) in
            var scanner = JSONScanner(json, shared: shared)
            return try scanner.texts()
        }
    }

    /// An object whose values are quantities; one that is malformed is left out.
    mutating func sharedQuantities() throws(JSONScanError) -> [String: Quantity] {
        guard let shared else { return try quantities() }
        return try shared.quantities(try skippedBytes()) { (json) throws(JSONScanError) in
            var scanner = JSONScanner(json)
            return try scanner.quantities()
        }
    }
}
