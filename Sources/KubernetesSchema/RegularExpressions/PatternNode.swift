/// A regular expression, parsed.
indirect enum PatternNode {
    /// What must hold between two characters.
    enum Position {
        case textStart
        case textEnd
        case lineStart
        case lineEnd
        case wordBoundary
        case noWordBoundary
    }

    case empty
    case character(CharacterSet)
    case position(Position)
    case sequence([PatternNode])
    case alternatives([PatternNode])
    case repetition(PatternNode, ClosedRange<Int>?, least: Int)

    /// Whether counted repetitions, those inside of each other multiplied, come to no more than `most`.
    func repeats(atMost most: Int) -> Bool {
        switch self {
        case .empty, .character, .position: return true
        case .sequence(let nodes), .alternatives(let nodes):
            return nodes.allSatisfy { $0.repeats(atMost: most) }
        case .repetition(let node, let bounds, let least):
            let count = max(bounds?.upperBound ?? least, 1)
            return count <= most && node.repeats(atMost: most / count)
        }
    }
}

/// Characters that an expression takes at one place.
struct CharacterSet {
    var ranges: [ClosedRange<UInt32>] = []
    /// Unicode general categories such as `L` and `Nd`, each with whether it is excluded instead.
    var categories: [(name: String, isExcluded: Bool)] = []
    /// Sets that are taken as a whole, such as `\D` in brackets.
    var members: [CharacterSet] = []
    var isNegated = false
    var ignoresCase = false

    static let digits = CharacterSet(ranges: [0x30...0x39])
    static let spaces = CharacterSet(ranges: [0x09...0x0A, 0x0C...0x0D, 0x20...0x20])
    static let word = CharacterSet(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let newline = CharacterSet(ranges: [0x0A...0x0A])

    /// The classes of POSIX, as in `[[:alpha:]]`.
    static let posix: [String: CharacterSet] = [
        "alnum": CharacterSet(ranges: [0x30...0x39, 0x41...0x5A, 0x61...0x7A]),
        "alpha": CharacterSet(ranges: [0x41...0x5A, 0x61...0x7A]),
        "ascii": CharacterSet(ranges: [0...0x7F]),
        "blank": CharacterSet(ranges: [0x09...0x09, 0x20...0x20]),
        "cntrl": CharacterSet(ranges: [0...0x1F, 0x7F...0x7F]),
        "digit": digits,
        "graph": CharacterSet(ranges: [0x21...0x7E]),
        "lower": CharacterSet(ranges: [0x61...0x7A]),
        "print": CharacterSet(ranges: [0x20...0x7E]),
        "punct": CharacterSet(ranges: [0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E]),
        "space": CharacterSet(ranges: [0x09...0x0D, 0x20...0x20]),
        "upper": CharacterSet(ranges: [0x41...0x5A]),
        "word": word,
        "xdigit": CharacterSet(ranges: [0x30...0x39, 0x41...0x46, 0x61...0x66]),
    ]

    var negated: CharacterSet {
        var set = self
        set.isNegated.toggle()
        return set
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        var isMember = holds(scalar)
        if !isMember, ignoresCase {
            isMember = [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping].contains {
                mapping in
                let scalars = mapping.unicodeScalars
                return scalars.count == 1 && scalars.first.map(holds) == true
            }
        }
        return isMember != isNegated
    }

    private func holds(_ scalar: Unicode.Scalar) -> Bool {
        ranges.contains { $0.contains(scalar.value) }
            || categories.contains { scalar.isIn(category: $0.name) != $0.isExcluded }
            || members.contains { $0.contains(scalar) }
    }
}

extension Unicode.Scalar {
    /// The names of the general categories (Unicode Standard Annex 44, table 12).
    static let categoryNames: Set<String> = [
        "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd",
        "Ps", "Pe",
        "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Co", "Cs",
    ]

    fileprivate func isIn(category name: String) -> Bool {
        let own = properties.generalCategory.abbreviation
        return name.utf8.count == 1 ? own.hasPrefix(name) : own == name
    }
}

extension Unicode.GeneralCategory {
    fileprivate var abbreviation: String {
        switch self {
        case .uppercaseLetter: "Lu"
        case .lowercaseLetter: "Ll"
        case .titlecaseLetter: "Lt"
        case .modifierLetter: "Lm"
        case .otherLetter: "Lo"
        case .nonspacingMark: "Mn"
        case .spacingMark: "Mc"
        case .enclosingMark: "Me"
        case .decimalNumber: "Nd"
        case .letterNumber: "Nl"
        case .otherNumber: "No"
        case .connectorPunctuation: "Pc"
        case .dashPunctuation: "Pd"
        case .openPunctuation: "Ps"
        case .closePunctuation: "Pe"
        case .initialPunctuation: "Pi"
        case .finalPunctuation: "Pf"
        case .otherPunctuation: "Po"
        case .mathSymbol: "Sm"
        case .currencySymbol: "Sc"
        case .modifierSymbol: "Sk"
        case .otherSymbol: "So"
        case .spaceSeparator: "Zs"
        case .lineSeparator: "Zl"
        case .paragraphSeparator: "Zp"
        case .control: "Cc"
        case .format: "Cf"
        case .privateUse: "Co"
        case .surrogate: "Cs"
        default: "Cn"
        }
    }
}
