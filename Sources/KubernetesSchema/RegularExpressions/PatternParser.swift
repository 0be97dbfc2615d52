/// Reads the syntax of RE2 (github.com/google/re2/wiki/Syntax), but for `\C` and for the names of scripts in `\p`.
struct PatternParser {
    private let scalars: [Unicode.Scalar]
    private var index = 0
    private var depth = 0
    private var ignoresCase = false
    private var isMultiline = false
    private var dotTakesNewline = false

    /// How often something may be repeated by count, and how deep groups may be nested, as in RE2.
    static let mostRepetitions = 1000
    private static let deepestNesting = 200

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
    }

    /// The whole expression; nil when its syntax is wrong.
    mutating func parse() -> PatternNode? {
        guard let node = alternatives(), index == scalars.count, node.repeats(atMost: Self.mostRepetitions)
        else {
            return nil
        }
        return node
    }

    private var next: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    private mutating func take(_ expected: Unicode.Scalar) -> Bool {
        guard next == expected else { return false }
        index += 1
        return true
    }

    private mutating func take() -> Unicode.Scalar? {
        guard let scalar = next else { return nil }
        index += 1
        return scalar
    }

    private mutating func alternatives() -> PatternNode? {
        var alternatives: [PatternNode] = []
        repeat {
            guard let sequence = sequence() else { return nil }
            alternatives.append(sequence)
        } while take("|")
        return alternatives.count == 1 ? alternatives[0] : .alternatives(alternatives)
    }

    private mutating func sequence() -> PatternNode? {
        var nodes: [PatternNode] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            guard var node = atom() else { return nil }
            var isRepeated = false
            while let bounds = repetition() {
                guard let (least, most) = bounds.value, !isRepeated else { return nil }
                node = .repetition(node, most.map { least...max(least, $0) }, least: least)
                isRepeated = true
            }
            nodes.append(node)
        }
        return nodes.count == 1 ? nodes[0] : nodes.isEmpty ? .empty : .sequence(nodes)
    }

    /// The bounds of a repetition; nil when there is none here.
    private struct Bounds {
        /// Nil when they are wrong.
        var value: (least: Int, most: Int?)?
    }

    private mutating func repetition() -> Bounds? {
        var bounds: Bounds
        switch next {
        case "*": bounds = Bounds(value: (0, nil))
        case "+": bounds = Bounds(value: (1, nil))
        case "?": bounds = Bounds(value: (0, 1))
        case "{":
            guard let counted = countedRepetition() else { return nil }
            bounds = counted
            _ = take("?")
            return bounds
        default: return nil
        }
        index += 1
        // Greedy or not makes no difference to whether there is a match.
        _ = take("?")
        return bounds
    }

    /// `{2}`, `{2,}` and `{2,5}`; anything else in braces is ordinary text.
    private mutating func countedRepetition() -> Bounds? {
        let start = index
        index += 1
        let least = number()
        var most = least
        if take(",") { most = next == "}" ? nil : number() }
        let hasUpper = scalars[start..<index].last != ","
        guard let least, take("}"), !hasUpper || most != nil else {
            index = start
            return nil
        }
        let fits =
            least <= Self.mostRepetitions && (most ?? 0) <= Self.mostRepetitions && (most ?? least) >= least
        return Bounds(value: fits ? (least, most) : nil)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = next, ("0"..."9").contains(scalar) {
            value = min((value ?? 0) * 10 + Int(scalar.value - 0x30), Self.mostRepetitions + 1)
            index += 1
        }
        return value
    }

    private mutating func atom() -> PatternNode? {
        guard let scalar = take() else { return nil }
        switch scalar {
        case "(": return group()
        case "[": return bracket().map(PatternNode.character)
        case ".": return .character(dotTakesNewline ? CharacterSet().negated : CharacterSet.newline.negated)
        case "^": return .position(isMultiline ? .lineStart : .textStart)
        case "$": return .position(isMultiline ? .lineEnd : .textEnd)
        case "*", "+", "?": return nil
        case "{":
            index -= 1
            if countedRepetition() != nil { return nil }
            index += 1
            return literal(scalar)
        case "\\": return escape()
        default: return literal(scalar)
        }
    }

    private func literal(_ scalar: Unicode.Scalar) -> PatternNode {
        .character(CharacterSet(ranges: [scalar.value...scalar.value], ignoresCase: ignoresCase))
    }

    // MARK: Groups

    private mutating func group() -> PatternNode? {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepestNesting else { return nil }
        let flags = (ignoresCase, isMultiline, dotTakesNewline)
        if take("?") {
            if take("P") || next == "<" {
                guard take("<"), groupName() else { return nil }
            } else {
                guard let isGroup = groupFlags() else { return nil }
                if !isGroup { return .empty }
            }
        }
        guard let node = alternatives(), take(")") else { return nil }
        (ignoresCase, isMultiline, dotTakesNewline) = flags
        return node
    }

    private mutating func groupName() -> Bool {
        var isEmpty = true
        while let scalar = take(), scalar != ">" {
            guard CharacterSet.word.contains(scalar) else { return false }
            isEmpty = false
        }
        return !isEmpty
    }

    /// Reads `i`, `m`, `s`, `U` and `-` up to `:`, which begins a group, or `)`, which does not.
    private mutating func groupFlags() -> Bool? {
        var isSet = true
        while let scalar = take() {
            switch scalar {
            case "i": ignoresCase = isSet
            case "m": isMultiline = isSet
            case "s": dotTakesNewline = isSet
            case "U": break
            case "-": isSet = false
            case ":": return true
            case ")": return false
            default: return nil
            }
        }
        return nil
    }

    // MARK: Escapes

    private mutating func escape() -> PatternNode? {
        switch next {
        case "A": return position(.textStart)
        case "z": return position(.textEnd)
        case "b": return position(.wordBoundary)
        case "B": return position(.noWordBoundary)
        case "Q":
            index += 1
            var nodes: [PatternNode] = []
            while let scalar = take() {
                if scalar == "\\", take("E") { break }
                nodes.append(literal(scalar))
            }
            return .sequence(nodes)
        default: return escapedSet().map(PatternNode.character)
        }
    }

    private mutating func position(_ position: PatternNode.Position) -> PatternNode {
        index += 1
        return .position(position)
    }

    /// What a backslash stands for when it stands for characters, in brackets and outside.
    private mutating func escapedSet() -> CharacterSet? {
        guard let scalar = take() else { return nil }
        switch scalar {
        case "d": return .digits
        case "D": return CharacterSet.digits.negated
        case "s": return .spaces
        case "S": return CharacterSet.spaces.negated
        case "w": return .word
        case "W": return CharacterSet.word.negated
        case "p": return category(isExcluded: false)
        case "P": return category(isExcluded: true)
        default:
            return escapedScalar(scalar).map { CharacterSet(ranges: [$0...$0], ignoresCase: ignoresCase) }
        }
    }

    private mutating func category(isExcluded: Bool) -> CharacterSet? {
        var isExcluded = isExcluded
        var name = ""
        if take("{") {
            if take("^") { isExcluded.toggle() }
            while let scalar = take(), scalar != "}" { name.unicodeScalars.append(scalar) }
        } else if let scalar = take() {
            name.unicodeScalars.append(scalar)
        }
        guard Unicode.Scalar.categoryNames.contains(name) else { return nil }
        return CharacterSet(categories: [(name, isExcluded)])
    }

    private mutating func escapedScalar(_ scalar: Unicode.Scalar) -> UInt32? {
        switch scalar {
        case "a": return 0x07
        case "f": return 0x0C
        case "n": return 0x0A
        case "r": return 0x0D
        case "t": return 0x09
        case "v": return 0x0B
        case "x":
            var digits = ""
            if take("{") {
                while let digit = take(), digit != "}" { digits.unicodeScalars.append(digit) }
            } else {
                for _ in 0..<2 { if let digit = take() { digits.unicodeScalars.append(digit) } }
                guard digits.utf8.count == 2 else { return nil }
            }
            return UInt32(digits, radix: 16).flatMap { Unicode.Scalar($0)?.value }
        case "0"..."7":
            var value = scalar.value - 0x30
            // Without a zero in front, a single digit would be a back reference, which RE2 has not.
            if scalar != "0", next.map({ ("0"..."7").contains($0) }) != true { return nil }
            for _ in 0..<2 {
                guard let digit = next, ("0"..."7").contains(digit) else { break }
                value = value * 8 + digit.value - 0x30
                index += 1
            }
            return value
        default:
            // Only punctuation may be escaped for no reason.
            return scalar.value < 0x80 && !CharacterSet.word.contains(scalar) ? scalar.value : nil
        }
    }

    // MARK: Brackets

    private mutating func bracket() -> CharacterSet? {
        var set = CharacterSet(ignoresCase: ignoresCase)
        set.isNegated = take("^")
        var isFirst = true
        while let scalar = take() {
            if scalar == "]", !isFirst { return set }
            isFirst = false
            if scalar == "[", next == ":" {
                guard let posix = posixClass() else { return nil }
                set.members.append(posix)
                continue
            }
            guard let first = bracketMember(scalar) else { return nil }
            guard let low = first.single, next == "-", index + 1 < scalars.count, scalars[index + 1] != "]"
            else {
                set.members.append(first)
                continue
            }
            index += 1
            guard let end = take(), let high = bracketMember(end)?.single, low <= high else { return nil }
            set.ranges.append(low...high)
        }
        return nil
    }

    private mutating func bracketMember(_ scalar: Unicode.Scalar) -> CharacterSet? {
        scalar == "\\"
            ? escapedSet() : CharacterSet(ranges: [scalar.value...scalar.value], ignoresCase: ignoresCase)
    }

    private mutating func posixClass() -> CharacterSet? {
        index += 1
        let isNegated = take("^")
        var name = ""
        while let scalar = take(), scalar != ":" { name.unicodeScalars.append(scalar) }
        guard take("]"), let set = CharacterSet.posix[name] else { return nil }
        return isNegated ? set.negated : set
    }
}

extension CharacterSet {
    /// The character of a set of one.
    fileprivate var single: UInt32? {
        guard !isNegated, members.isEmpty, categories.isEmpty, ranges.count == 1, let range = ranges.first,
            range.count == 1
        else { return nil }
        return range.lowerBound
    }
}
