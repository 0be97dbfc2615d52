import HashTreeCollections
import JSON
import Testing

@testable import APIs
@testable import Kubernetes

@Suite struct KeptNodeListTests {
    private static func node(_ name: String, gpus: Int = 0, isCordoned: Bool = false, version: Int = 1) throws
        -> NodeProjection
    {
        let object: JSONValue = [
            "metadata": ["name": .string(name), "resourceVersion": .string(String(version))],
            "spec": ["unschedulable": .bool(isCordoned)],
            "status": ["allocatable": ["nvidia.com/gpu": .string(String(gpus))]],
        ]
        return try JSONScanner.scan(object.encoded()) { (scanner) throws(JSONScanError) in
            try NodeProjection(&scanner)
        }
    }

    private static func snapshot(_ revision: UInt64, _ nodes: [NodeProjection]) -> CacheSnapshot<
        NodeProjection
    > {
        var snapshot = CacheSnapshot<NodeProjection>()
        snapshot.revision = revision
        for node in nodes { snapshot.byKey[node.metadata.key] = node }
        return snapshot
    }

    private static func text(_ answer: KeptAnswer) -> String {
        String(decoding: answer.json, as: UTF8.self)
    }

    private static func line(_ name: String, _ gpus: Int) -> String {
        #"{"name":"\#(name)","ready":false,"gpuCount":\#(gpus)}"#
    }

    @Test func `nodes are listed by name, cordoned ones not at all`() throws {
        let list = KeptNodeList()
        #expect(Self.text(list.answer(Self.snapshot(0, []))) == #"{"nodes":[]}"#)
        let nodes = try [
            Self.node("c", gpus: 3), Self.node("a", gpus: 1), Self.node("b", isCordoned: true),
            Self.node("d"),
        ]
        let answer = list.answer(Self.snapshot(1, nodes))
        #expect(
            Self.text(answer)
                == #"{"nodes":[\#(Self.line("a", 1)),\#(Self.line("c", 3)),\#(Self.line("d", 0))]}"#
        )
    }

    @Test func `whatever becomes of nodes, the list is as if it were written for the first time`() throws {
        let list = KeptNodeList()
        var generator = Xorshift(state: 0x9E37_79B9_7F4A_7C15)
        var nodes: [String: NodeProjection] = [:]
        var tags: [String: String] = [:]
        for revision in 1...400 {
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                let name = "n\(Int.random(in: 0..<30, using: &generator))"
                nodes[name] =
                    Int.random(in: 0..<5, using: &generator) == 0
                    ? nil
                    : try Self.node(
                        name,
                        gpus: Int.random(in: 0..<3, using: &generator),
                        isCordoned: Int.random(in: 0..<4, using: &generator) == 0,
                        version: revision
                    )
            }
            let snapshot = Self.snapshot(UInt64(revision), Array(nodes.values))
            let answer = list.answer(snapshot)
            let text = Self.text(answer)
            #expect(text == Self.text(KeptNodeList().answer(snapshot)))
            // One tag never stands for two lists.
            #expect(tags.updateValue(text, forKey: answer.entityTag) ?? text == text)
        }
    }

    @Test func `the tag stays when a change does not show, and is another one in another process`() throws {
        let list = KeptNodeList()
        let first = list.answer(Self.snapshot(1, [try Self.node("a", gpus: 1), try Self.node("b")]))
        let same = list.answer(
            Self.snapshot(2, [try Self.node("a", gpus: 1, version: 2), try Self.node("b")])
        )
        let other = list.answer(Self.snapshot(3, [try Self.node("a", gpus: 2), try Self.node("b")]))
        #expect(same.entityTag == first.entityTag)
        #expect(other.entityTag != first.entityTag)
        let elsewhere = KeptNodeList().answer(Self.snapshot(1, [try Self.node("c")]))
        #expect(elsewhere.entityTag != first.entityTag)
    }

    @Test func `a reader with an older snapshot gets the later list, and its tag`() throws {
        let list = KeptNodeList()
        let later = list.answer(Self.snapshot(5, [try Self.node("a", gpus: 5)]))
        let earlier = list.answer(Self.snapshot(4, [try Self.node("a", gpus: 4)]))
        #expect(earlier.json == later.json)
        #expect(earlier.entityTag == later.entityTag)
    }
}

/// Marsaglia's generator, so that a failure can be repeated.
private struct Xorshift: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
