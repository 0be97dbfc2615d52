/// A regular expression as a nondeterministic automaton that is simulated state set by state set: time is at most the length
/// of the text times that of the expression, whatever either is (Thompson, "Regular Expression Search Algorithm", 1968).
///
/// It knows what lists of module names use: literals, `.`, `\d`, classes, groups with alternatives, `*`, `+`, `?`, `^`, `$`.
/// Braces and lookarounds are read as literals, so that an expression with them matches nothing that is asked for.
struct ExpressionAutomaton: Sendable, Hashable {
    private enum State: Sendable, Hashable {
        case any(next: Int)
        case byte(UInt8, next: Int)
        case oneOf([ClosedRange<UInt8>], isNegated: Bool, next: Int)
        case split(Int, Int)
        case end(next: Int)
        case accept
    }

    private var states: [State] = [.accept]
    private var start = 0
    private static let deepest = 16

    init(_ pattern: [UInt8]) {
        var index = 0
        start = alternatives(pattern, &index, then: 0, depth: 0)
    }

    /// Whether the expression matches the text from its first byte on, to wherever (Python's `re.match`).
    func matchesStart(of text: [UInt8]) -> Bool {
        var active: Set<Int> = []
        var accepted = false
        func add(_ state: Int, at place: Int, to set: inout Set<Int>) {
            var pending = [state]
            while let state = pending.popLast() {
                switch states[state] {
                case .accept: accepted = true
                case .end(let next): if place == text.count { pending.append(next) }
                case .split(let left, let right):
                    if set.insert(state).inserted { pending += [left, right] }
                default: set.insert(state)
                }
            }
        }
        add(start, at: 0, to: &active)
        for (place, byte) in text.enumerated() where !accepted && !active.isEmpty {
            var following: Set<Int> = []
            for state in active {
                switch states[state] {
                case .any(let next): add(next, at: place + 1, to: &following)
                case .byte(let expected, let next) where expected == byte:
                    add(next, at: place + 1, to: &following)
                case .oneOf(let ranges, let isNegated, let next)
                where ranges.contains { $0.contains(byte) } != isNegated:
                    add(next, at: place + 1, to: &following)
                default: break
                }
            }
            active = following
        }
        return accepted
    }

    // MARK: Building, from the end to the start: each part is built knowing the state that follows it.

    private mutating func add(_ state: State) -> Int {
        states.append(state)
        return states.count - 1
    }

    /// Reads alternatives up to the end or a closing bracket; returns the state that they start with.
    private mutating func alternatives(_ pattern: [UInt8], _ index: inout Int, then next: Int, depth: Int)
        -> Int
    {
        var entry = sequence(pattern, &index, then: next, depth: depth)
        while index < pattern.count, pattern[index] == UInt8(ascii: "|") {
            index += 1
            let other = sequence(pattern, &index, then: next, depth: depth)
            entry = add(.split(entry, other))
        }
        return entry
    }

    /// One atom of a sequence: where its text is and what stands behind it.
    private struct Piece {
        let text: Range<Int>
        let quantifier: UInt8
    }

    private mutating func sequence(_ pattern: [UInt8], _ index: inout Int, then next: Int, depth: Int) -> Int
    {
        var pieces: [Piece] = []
        while index < pattern.count, pattern[index] != UInt8(ascii: "|"), pattern[index] != UInt8(ascii: ")")
        {
            let atom = index..<Self.atomEnd(pattern, index)
            index = atom.upperBound
            var quantifier: UInt8 = 0
            if index < pattern.count, "*+?".utf8.contains(pattern[index]) {
                quantifier = pattern[index]
                index += 1
            }
            pieces.append(Piece(text: atom, quantifier: quantifier))
        }
        var entry = next
        for piece in pieces.reversed() {
            switch piece.quantifier {
            case UInt8(ascii: "*"):
                let loop = add(.split(entry, entry))
                let body = atom(pattern, piece.text, then: loop, depth: depth)
                states[loop] = .split(body, entry)
                entry = loop
            case UInt8(ascii: "+"):
                let loop = add(.split(entry, entry))
                let body = atom(pattern, piece.text, then: loop, depth: depth)
                states[loop] = .split(body, entry)
                entry = body
            case UInt8(ascii: "?"):
                let body = atom(pattern, piece.text, then: entry, depth: depth)
                entry = add(.split(body, entry))
            default: entry = atom(pattern, piece.text, then: entry, depth: depth)
            }
        }
        return entry
    }

    private mutating func atom(_ pattern: [UInt8], _ text: Range<Int>, then next: Int, depth: Int) -> Int {
        switch pattern[text.lowerBound] {
        case UInt8(ascii: "."): return add(.any(next: next))
        case UInt8(ascii: "^"): return next
        case UInt8(ascii: "$"): return add(.end(next: next))
        case UInt8(ascii: "("):
            // A group that does not end, or lies too deep, matches nothing.
            guard depth < Self.deepest, text.count > 1, pattern[text.upperBound - 1] == UInt8(ascii: ")")
            else {
                return add(.byte(0, next: next))
            }
            var index = text.lowerBound + 1
            if pattern[index...].starts(with: "?:".utf8) { index += 2 }
            return alternatives(pattern, &index, then: next, depth: depth + 1)
        case UInt8(ascii: "["): return add(Self.bracket(pattern[text], next: next))
        case UInt8(ascii: "\\") where text.count > 1:
            let escaped = pattern[text.lowerBound + 1]
            if escaped == UInt8(ascii: "d") { return add(.oneOf([48...57], isNegated: false, next: next)) }
            return add(.byte(escaped, next: next))
        default: return add(.byte(pattern[text.lowerBound], next: next))
        }
    }

    private static func bracket(_ text: ArraySlice<UInt8>, next: Int) -> State {
        var members = Array(text.dropFirst().dropLast())
        let isNegated = members.first == UInt8(ascii: "^")
        if isNegated { members.removeFirst() }
        var ranges: [ClosedRange<UInt8>] = []
        var index = 0
        while index < members.count {
            let isRange = index + 2 < members.count && members[index + 1] == UInt8(ascii: "-")
            let last = isRange ? members[index + 2] : members[index]
            if members[index] <= last { ranges.append(members[index]...last) }
            index += isRange ? 3 : 1
        }
        return .oneOf(ranges, isNegated: isNegated, next: next)
    }

    /// Where the atom that starts there ends.
    private static func atomEnd(_ pattern: [UInt8], _ start: Int) -> Int {
        switch pattern[start] {
        case UInt8(ascii: "\\"): return min(start + 2, pattern.count)
        case UInt8(ascii: "["):
            let closing = pattern[(start + 1)...].dropFirst().firstIndex(of: UInt8(ascii: "]"))
            return closing.map { $0 + 1 } ?? pattern.count
        case UInt8(ascii: "("):
            var depth = 0
            for index in start..<pattern.count {
                if pattern[index] == UInt8(ascii: "(") { depth += 1 }
                if pattern[index] == UInt8(ascii: ")") { depth -= 1 }
                if depth == 0 { return index + 1 }
            }
            return pattern.count
        default: return start + 1
        }
    }
}
