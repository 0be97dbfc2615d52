import JSON
import Testing

@Suite("How far texts are apart")
struct EditDistanceTests {
    @Test(
        "The edit distance counts insertions, deletions, substitutions and swaps of neighbours",
        arguments: [
            ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("port", "port", 0), ("prot", "port", 1),
            ("pot", "port", 1),
            ("pport", "port", 1), ("pont", "port", 1), ("ca", "abc", 2), ("kitten", "sitting", 3),
            ("ab", "ba", 1),
            ("abcdef", "fedcba", 5),
        ]
    )
    func distance(_ left: String, _ right: String, _ distance: Int) {
        #expect(EditDistance.between(Array(left.utf8), Array(right.utf8)) == distance)
        #expect(EditDistance.between(Array(right.utf8), Array(left.utf8)) == distance)
        #expect(EditDistance.between(Array(left.utf8), Array(right.utf8), limit: distance) == distance)
        #expect(EditDistance.between(Array(left.utf8), Array(right.utf8), limit: distance - 1) == nil)
    }
}
