internal import JSON

extension ServeConfiguration.Cluster.Image {
    private static let expectation =
        "the name of an executable, an object with the keys " + Command.keys.joined(separator: ", ")
        + ", or null"

    /// Reads the value of `cluster.embedded.images`.
    static func read(_ value: JSONValue, expectation: String) throws(ValueRefusal) -> [Self] {
        guard let members = value.objectValue else {
            throw ValueRefusal(found: value.foundDescription, expected: expectation)
        }
        var reading = StructureReading()
        let images = members.compactMap { member -> Self? in
            let place = StructureReading.step(member.key)
            guard isPattern(member.key) else {
                reading.refuse(
                    place,
                    found: "no name of an image",
                    expected: "one such as \"ghcr.io/ggml-org/llama.cpp:server*\""
                )
                return nil
            }
            switch member.value {
            case .null: return Self(pattern: member.key, command: nil)
            case .string(let executable):
                guard !executable.isEmpty, !executable.utf8.contains(0) else {
                    reading.refuse(place, found: executable.quotedForMessage, expected: Self.expectation)
                    return nil
                }
                return Self(pattern: member.key, command: Command(entrypoint: [executable]))
            case .object:
                return Command(member.value, place, &reading).map { Self(pattern: member.key, command: $0) }
            default:
                reading.refuse(place, found: member.value.foundDescription, expected: Self.expectation)
                return nil
            }
        }
        return try reading.result(images)
    }

    /// Whether a text could name images: only a tag or digest may have wildcards.
    private static func isPattern(_ text: String) -> Bool {
        let tagged = text.prefix { $0 != "@" }
        let path = tagged.lastIndex(of: "/") ?? tagged.startIndex
        let repository = tagged[..<(tagged[path...].lastIndex(of: ":") ?? tagged.endIndex)]
        return !repository.isEmpty && !repository.contains("*")
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

extension ServeConfiguration.Cluster.Image.Command {
    fileprivate static let keys = ["entrypoint", "arguments", "appended", "environment", "port"]

    fileprivate init(entrypoint: [String]) {
        self.entrypoint = entrypoint
        arguments = []
        appended = []
        environment = [:]
        port = nil
    }

    fileprivate init?(_ value: JSONValue, _ place: String, _ reading: inout StructureReading) {
        let before = reading.refusals.count
        let members = reading.members(value, place, keys: Self.keys)
        entrypoint =
            reading.required(
                members["entrypoint"],
                "\(place).entrypoint",
                expected: "a list of texts, of which the first names an executable"
            ) { value in
                let texts = value.arrayValue?.compactMap(\.plainText) ?? []
                return texts.count == value.arrayValue?.count && texts.first?.isEmpty == false ? texts : nil
            } ?? []
        arguments = reading.texts(members["arguments"], "\(place).arguments")
        appended = reading.texts(members["appended"], "\(place).appended")
        environment = reading.table(
            members["environment"],
            "\(place).environment",
            expected: "variables: texts by their names"
        ) { key, _ in !key.isEmpty && !key.utf8.contains(0) && !key.contains("=") }
        port = reading.number(members["port"], "\(place).port", in: 1...65535)
        guard reading.refusals.count == before else { return nil }
    }
}
