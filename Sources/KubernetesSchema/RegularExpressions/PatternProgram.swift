/// A regular expression as a non-deterministic automaton, all of whose states run at once (Thompson's construction).
struct PatternProgram: Sendable {
    private enum Instruction {
        case character(CharacterSet)
        case position(PatternNode.Position)
        case fork(Int, Int)
        case jump(Int)
        case match
    }

    private var instructions: [Instruction] = []

    /// How many instructions an expression may come to; counted repetitions inside of each other multiply.
    private static let mostInstructions = 20_000

    /// Compiles an expression; nil when it is too large.
    init?(_ node: PatternNode) {
        guard compile(node) else { return nil }
        instructions.append(.match)
    }

    private mutating func compile(_ node: PatternNode) -> Bool {
        guard instructions.count < Self.mostInstructions else { return false }
        switch node {
        case .empty: return true
        case .character(let set): instructions.append(.character(set))
        case .position(let position): instructions.append(.position(position))
        case .sequence(let nodes): return nodes.allSatisfy { compile($0) }
        case .alternatives(let nodes):
            var exits: [Int] = []
            for node in nodes.dropLast() {
                let fork = reserve()
                guard compile(node) else { return false }
                exits.append(reserve())
                instructions[fork] = .fork(fork + 1, instructions.count)
            }
            guard nodes.last.map({ compile($0) }) ?? true else { return false }
            for exit in exits { instructions[exit] = .jump(instructions.count) }
        case .repetition(let node, let bounds, let least):
            for _ in 0..<least { guard compile(node) else { return false } }
            if let bounds {
                var forks: [Int] = []
                for _ in 0..<(bounds.upperBound - least) {
                    forks.append(reserve())
                    guard compile(node) else { return false }
                }
                for fork in forks { instructions[fork] = .fork(fork + 1, instructions.count) }
            } else {
                let fork = reserve()
                guard compile(node) else { return false }
                instructions.append(.jump(fork))
                instructions[fork] = .fork(fork + 1, instructions.count)
            }
        }
        return true
    }

    private mutating func reserve() -> Int {
        instructions.append(.match)
        return instructions.count - 1
    }

    /// Whether the expression matches anywhere in the text.
    func matches(_ text: String) -> Bool {
        var current = Threads(count: instructions.count)
        var following = Threads(count: instructions.count)
        var previous: Unicode.Scalar?
        var scalars = text.unicodeScalars.makeIterator()
        var next = scalars.next()
        while true {
            // A match may begin anywhere.
            if add(0, to: &current, previous, next) { return true }
            guard let scalar = next else { return false }
            next = scalars.next()
            following.removeAll()
            for state in current.states {
                guard case .character(let set) = instructions[state], set.contains(scalar) else { continue }
                if add(state + 1, to: &following, scalar, next) { return true }
            }
            swap(&current, &following)
            previous = scalar
        }
    }

    /// The states that are reached, each once.
    private struct Threads {
        var states: [Int] = []
        private var isReached: [Bool]

        init(count: Int) { isReached = Array(repeating: false, count: count) }

        mutating func insert(_ state: Int) -> Bool {
            if isReached[state] { return false }
            isReached[state] = true
            states.append(state)
            return true
        }

        mutating func removeAll() {
            for state in states { isReached[state] = false }
            states.removeAll(keepingCapacity: true)
        }
    }

    /// Adds a state and those that follow it without a character; returns whether the end is among them.
    private func add(
        _ start: Int,
        to threads: inout Threads,
        _ previous: Unicode.Scalar?,
        _ next: Unicode.Scalar?
    ) -> Bool {
        var pending = [start]
        while let state = pending.popLast() {
            guard threads.insert(state) else { continue }
            switch instructions[state] {
            case .match: return true
            case .jump(let target): pending.append(target)
            case .fork(let one, let other):
                pending.append(other)
                pending.append(one)
            case .position(let position):
                if Self.holds(position, previous, next) { pending.append(state + 1) }
            case .character: break
            }
        }
        return false
    }

    private static func holds(
        _ position: PatternNode.Position,
        _ previous: Unicode.Scalar?,
        _ next: Unicode.Scalar?
    ) -> Bool {
        let isBoundary =
            (previous.map(CharacterSet.word.contains) ?? false)
            != (next.map(CharacterSet.word.contains) ?? false)
        return switch position {
        case .textStart: previous == nil
        case .textEnd: next == nil
        case .lineStart: previous == nil || previous == "\n"
        case .lineEnd: next == nil || next == "\n"
        case .wordBoundary: isBoundary
        case .noWordBoundary: !isBoundary
        }
    }
}
