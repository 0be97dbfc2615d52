import Testing

@Suite("The fuzzing corpus")
struct FuzzCorpusTests {
    @Test("Every committed input keeps the properties that must always hold", arguments: FuzzTarget.allCases)
    func replay(_ target: FuzzTarget) throws {
        let inputs = try Corpus.inputs(of: target)
        #expect(inputs.count >= 10)
        for input in inputs {
            do throws(FuzzFinding) {
                try target.examine(input.bytes)
            } catch {
                Issue.record("\(target.rawValue)/\(input.name): \(error)")
            }
        }
    }

    @Test(
        "Every committed input keeps them also when it is cut short anywhere",
        arguments: FuzzTarget.allCases
    )
    func replayPrefixes(_ target: FuzzTarget) throws {
        for input in try Corpus.inputs(of: target) where input.bytes.count <= 128 {
            for count in input.bytes.indices {
                do throws(FuzzFinding) {
                    try target.examine(Array(input.bytes.prefix(count)))
                } catch {
                    Issue.record("the first \(count) bytes of \(target.rawValue)/\(input.name): \(error)")
                }
            }
        }
    }
}
