import JSON
import Testing

@Suite struct JSONValueTests {
    @Test func `values are reached by key and index`() throws {
        let value = try JSONValue(parsing: #"{"a":[1,2.5,"x",true,null],"b":{"c":3.0}}"#)
        #expect(value["a"]?[0]?.integerValue == 1)
        #expect(value["a"]?[0]?.doubleValue == 1)
        #expect(value["a"]?[1]?.doubleValue == 2.5)
        #expect(value["a"]?[1]?.integerValue == nil)
        #expect(value["a"]?[2]?.stringValue == "x")
        #expect(value["a"]?[3]?.boolValue == true)
        #expect(value["a"]?[4]?.isNull == true)
        #expect(value["a"]?[5] == nil)
        #expect(value["a"]?[-1] == nil)
        #expect(value["a"]?.arrayValue?.count == 5)
        #expect(value["b"]?["c"]?.integerValue == 3)
        #expect(value["b"]?["d"] == nil)
        #expect(value["a"]?["c"] == nil)
        #expect(value.objectValue?.keys == ["a", "b"])
        #expect(value["a"]?.kindDescription == "an array")
    }

    @Test func `members keep their order, and equality does not look at it`() throws {
        let left = try JSONValue(parsing: #"{"z":1,"a":2}"#)
        let right = try JSONValue(parsing: #"{"a":2,"z":1}"#)
        #expect(left.description == #"{"z":1,"a":2}"#)
        #expect(left == right)
        #expect(left.hashValue == right.hashValue)
        #expect(left != (["z": 1, "a": 3] as JSONValue))
        #expect(left != (["z": 1] as JSONValue))
    }

    @Test func `members are set, changed and removed, few or many`() {
        for count in [3, 16, 17, 18, 200] {
            var members = JSONMembers()
            for index in 0..<count { members["k\(index)"] = .integer(Int64(index)) }
            #expect(members.count == count)
            let refused = members.add("k1", .null)
            #expect(!refused)
            members["k1"] = "changed"
            members["k0"] = nil
            #expect(members.count == count - 1)
            #expect(members["k0"] == nil)
            #expect(members["k1"] == "changed")
            #expect(members["k\(count - 1)"]?.integerValue == Int64(count - 1))
            #expect(members.first?.key == "k1")
            members["k0"] = .null
            #expect(members.last?.key == "k0")
            #expect(members["missing"] == nil)
        }
    }

    @Test func `an object of many members with one key twice is refused`() throws {
        let members = (0..<5000).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        #expect(try JSONValue(parsing: "{\(members)}").objectValue?.count == 5000)
        let error = try #require(throws: JSONParseError.self) {
            try JSONValue(parsing: "{\(members),\"k77\":0}")
        }
        #expect(error.reason == .duplicateKey("k77"))
    }

    @Test func `what is written reads back as the same value`() throws {
        var generator = SeededGenerator(state: 2026)
        for _ in 0..<2000 {
            let value = randomValue(depth: 0, using: &generator)
            #expect(try JSONValue(parsing: value.encoded()) == value)
        }
    }

    private func randomValue(depth: Int, using generator: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth < 5 ? 7 : 5), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2:
            return .integer(
                Int64(bitPattern: generator.next() >> UInt64.random(in: 0..<64, using: &generator))
            )
        case 3:
            let number = Double(bitPattern: generator.next())
            return number.isFinite ? .number(number) : .number(0.5)
        case 4: return .string(randomString(using: &generator))
        case 5:
            let count = Int.random(in: 0..<6, using: &generator)
            return .array((0..<count).map { _ in randomValue(depth: depth + 1, using: &generator) })
        default:
            var members = JSONMembers()
            for _ in 0..<Int.random(in: 0..<20, using: &generator) {
                let key = randomString(using: &generator)
                members[key] = randomValue(depth: depth + 1, using: &generator)
            }
            return .object(members)
        }
    }

    private func randomString(using generator: inout SeededGenerator) -> String {
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<20, using: &generator) {
            let limit: UInt32 =
                [0x20, 0x80, 0x800, 0x10000, 0x110000].randomElement(using: &generator) ?? 0x80
            if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &generator)) {
                scalars.append(scalar)
            }
        }
        return String(scalars)
    }
}
