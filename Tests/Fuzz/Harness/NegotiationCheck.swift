@testable import HTTPServer

/// What must hold of negotiation fields whatever bytes they have.
enum NegotiationCheck {
    static func accept(_ value: [UInt8]) throws(FuzzFinding) {
        try lists(value)
        for type in ["text/html", "application/json", "*/*"] {
            let allows = Accept.allows(type, in: value)
            let context = "whether \(value.printable) allows \(type)"
            try FuzzFinding.requireEqual(
                allows,
                Accept.allows(type, in: swapped(value)),
                context + ", in other case"
            )
            try FuzzFinding.requireEqual(
                allows,
                Accept.allows(type, in: [0x20, 0x2C, 0x09] + value),
                context + ", after an empty element"
            )
        }
        if isClosed(value), !Accept.allows("text/html", in: value + Array(",text/html".utf8)) {
            throw FuzzFinding("text/html is named last in \(value.printable) and yet not allowed")
        }
    }

    static func acceptEncoding(_ value: [UInt8]) throws(FuzzFinding) {
        try lists(value)
        let prefers = AcceptEncoding.prefersGzip(value)
        let context = "whether \(value.printable) prefers gzip"
        try FuzzFinding.requireEqual(
            prefers,
            AcceptEncoding.prefersGzip(swapped(value)),
            context + ", in other case"
        )
        if isClosed(value), !AcceptEncoding.prefersGzip(value + Array(",gzip".utf8)) {
            throw FuzzFinding("gzip is named last in \(value.printable) and yet not preferred")
        }
    }

    static func mediaType(_ value: [UInt8]) throws(FuzzFinding) {
        try lists(value)
        guard let type = MediaType(value) else { return }
        var text = "\(type.type)/\(type.subtype)"
        for (name, value) in type.parameters {
            let quoted = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            text += " ; \(name)=\"\(quoted)\""
        }
        try FuzzFinding.requireEqual(type, MediaType(Array(text.utf8)), "\(value.printable) and \(text)")
    }

    static func entityTags(_ value: [UInt8]) throws(FuzzFinding) {
        try lists(value)
        let strong = Array("\"a1\"".utf8)
        let weak = Array("W/\"a1\"".utf8)
        let matches = EntityTag.matchesWeakly(strong, in: value)
        try FuzzFinding.requireEqual(
            matches,
            EntityTag.matchesWeakly(weak, in: value),
            "a match of \(value.printable), strong and weak"
        )
        guard EntityTag.matchesWeakly(Array("\"other\"".utf8), in: value + Array(",\"other\"".utf8)) else {
            return
        }
        // The list is well-formed, so what is behind it counts and what is before it still does.
        if !EntityTag.matchesWeakly(weak, in: value + Array(",\"a1\"".utf8)) {
            throw FuzzFinding("a tag at the end of \(value.printable) does not match")
        }
    }

    /// What must hold of the elements of any list.
    private static func lists(_ value: [UInt8]) throws(FuzzFinding) {
        let isSpace = { (byte: UInt8?) in byte == 0x20 || byte == 0x09 }
        for separator in [UInt8(0x2C), 0x3B] {
            var position = 0
            for element in ListElements(value[...], separatedBy: separator) {
                try FuzzFinding.require(
                    !isSpace(element.first) && !isSpace(element.last) && element.startIndex >= position
                        && element.endIndex > element.startIndex,
                    "\(element.printable) is an element of \(value.printable)"
                )
                position = element.endIndex
                guard let weighted = WeightedElement(element) else { continue }
                try FuzzFinding.require(
                    (0...1000).contains(weighted.quality),
                    "\(element.printable) has quality \(weighted.quality)"
                )
            }
        }
    }

    /// Letters in the other case, which mean the same outside of parameter values.
    private static func swapped(_ value: [UInt8]) -> [UInt8] {
        value.map { byte in
            switch byte {
            case 0x41...0x5A, 0x61...0x7A: byte ^ 0x20
            default: byte
            }
        }
    }

    /// Whether no quoted string is left open, so that something can be added to the list.
    private static func isClosed(_ value: [UInt8]) -> Bool {
        !value.contains(0x22)
    }
}
