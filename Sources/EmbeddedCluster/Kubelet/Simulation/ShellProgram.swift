/// Understands commands so simple that it is clear what they do: `echo`, `printf`, `sleep`, `true`, `false`, `exit`, `date`,
/// sequences of them, and loops over them without end. Nothing is guessed: a command with anything else is not understood.
struct ShellProgram {
    /// What is known of the shell while the script is read.
    private var steps: [SimulatedProgram.Step] = []
    private var status: Int64 = 0
    private var hasExited = false
    private var variables: [String: String]

    /// A loop or a list that unrolls to more is not understood.
    private static let mostSteps = 10_000

    private struct NotUnderstood: Error {}

    private init(_ environment: [String: String]) {
        variables = environment
    }

    /// What the command does; nil when that is not understood.
    static func program(_ words: [String], environment: [String: String], host: String) -> SimulatedProgram? {
        guard let first = words.first else { return nil }
        var variables = environment
        variables["HOSTNAME"] = host
        var shell = ShellProgram(variables)
        do {
            let name = first.split(separator: "/").last.map(String.init) ?? first
            if ["sh", "bash", "ash", "dash"].contains(name) {
                guard let script = script(of: words.dropFirst()) else { return nil }
                if let program = try shell.program(ofEndless: script) { return program }
                try shell.run(ShellWords.commands(script))
            } else {
                guard Self.commands.contains(name) else { return nil }
                // No shell, no variables.
                let dollar = String(ShellWords.quotedDollar)
                try shell.run(simple: [name] + words.dropFirst().map { $0.replacing("$", with: dollar) })
            }
        } catch {
            return nil
        }
        return SimulatedProgram(steps: shell.steps, cycle: nil, exitCode: shell.status)
    }

    private static let commands: Set<String> = ["echo", "printf", "sleep", "true", "false"]

    /// The text behind `-c`, with other options that change nothing here.
    private static func script(of words: ArraySlice<String>) -> String? {
        for (index, word) in zip(words.indices, words) {
            guard word.hasPrefix("-") else { return nil }
            if word.hasSuffix("c") {
                return words.index(after: index) < words.endIndex ? words[words.index(after: index)] : nil
            }
        }
        return nil
    }

    /// A script that ends in a loop without end: `…; while true; do …; done`.
    private mutating func program(ofEndless script: String) throws -> SimulatedProgram? {
        let commands = try ShellWords.commands(script)
        guard
            let start = commands.firstIndex(where: { command in
                command.words.first == "while"
                    && ["true", ":", "[ 1 ]", "sleep"].contains(command.words.dropFirst().first)
            })
        else { return nil }
        guard commands.last?.words == ["done"],
            commands[start + 1..<commands.endIndex].first?.words.first == "do"
        else { throw NotUnderstood() }
        try run(Array(commands[..<start]))
        let before = steps
        steps = []
        var body = Array(commands[(start + 1)..<(commands.endIndex - 1)])
        // `while sleep 1` waits before each round; `do` stands before the first command of the body.
        if commands[start].words.dropFirst().first == "sleep" {
            try run(simple: Array(commands[start].words.dropFirst()))
        }
        body[0].words.removeFirst()
        if body[0].words.isEmpty { body.removeFirst() }
        try run(body)
        guard !hasExited else { throw NotUnderstood() }
        return SimulatedProgram(steps: before, cycle: steps)
    }

    private mutating func run(_ commands: [ShellWords.Command]) throws {
        for command in commands where !hasExited {
            switch command.link {
            case .always: break
            case .onSuccess: if status != 0 { continue }
            case .onFailure: if status == 0 { continue }
            }
            try run(simple: command.words)
        }
    }

    private mutating func run(simple words: [String]) throws {
        guard steps.count < Self.mostSteps else { throw NotUnderstood() }
        var words = try words.map(expand)
        if words.first == "exec" { words.removeFirst() }
        guard let name = words.first else { return }
        let arguments = words.dropFirst()
        status = 0
        switch name.split(separator: "/").last ?? "" {
        case "echo":
            let isBare = arguments.first == "-n" || arguments.first == "-e"
            steps.append(.print((isBare ? arguments.dropFirst() : arguments).joined(separator: " ")))
        case "printf":
            guard let format = arguments.first, arguments.count == 1 else { throw NotUnderstood() }
            for line in format.replacing("\\n", with: "\n").split(separator: "\n") {
                steps.append(.print(String(line)))
            }
        case "sleep":
            guard let text = arguments.first else { throw NotUnderstood() }
            if text == "infinity" || text == "inf" {
                steps.append(.wait(.seconds(Int64.max / 1_000_000_000)))
                return
            }
            guard let seconds = Double(text) ?? SimulatedFailure.seconds(text), seconds >= 0, seconds < 1e9
            else {
                throw NotUnderstood()
            }
            steps.append(.wait(.milliseconds(Int64(seconds * 1000))))
        case "true", ":": break
        case "false": status = 1
        case "date": steps.append(.print(Self.dateMark))
        case "hostname": steps.append(.print(variables["HOSTNAME"] ?? ""))
        case "exit":
            hasExited = true
            if let text = arguments.first {
                guard let code = Int64(text) else { throw NotUnderstood() }
                status = code & 255
            }
        case "set": break
        default: throw NotUnderstood()
        }
    }

    /// Stands for the time at which a line is printed.
    static let dateMark = "\u{1}date\u{1}"

    /// `$NAME` and `${NAME}`; what is unset is empty.
    private func expand(_ word: String) throws -> String {
        if word.contains("$(date)") || word.contains("`date`") {
            return try expand(
                word.replacing("$(date)", with: Self.dateMark).replacing("`date`", with: Self.dateMark)
            )
        }
        guard !word.contains("`") else { throw NotUnderstood() }
        var result = ""
        var rest = word[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            let isBraced = rest.first == "{"
            if isBraced { rest = rest.dropFirst() }
            let name = rest.prefix { $0 == "_" || ($0.isASCII && ($0.isLetter || $0.isNumber)) }
            rest = rest.dropFirst(name.count)
            if isBraced {
                guard rest.first == "}" else { throw NotUnderstood() }
                rest = rest.dropFirst()
            } else if name.isEmpty, let next = rest.first, "($?@*#!-".contains(next) {
                throw NotUnderstood()
            }
            result += name.isEmpty ? "$" : variables[String(name)] ?? ""
        }
        return String((result + rest).map { $0 == ShellWords.quotedDollar ? "$" : $0 })
    }
}
