public import JSON

/// What is wrong with a configuration of images' commands.
public struct ImageCommandsProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where: the pattern, and the key within it.
    public let path: String
    /// What is wrong.
    public let problem: String

    /// The place and the problem.
    public var description: String { "\(path): \(problem)" }
}

extension ImageCommands {
    /// Reads the commands from an object: the patterns are its keys, the values have the keys `entrypoint` (required),
    /// `arguments`, `appended` (lists of strings), `environment` (an object of strings) and `port`. A string for a value is
    /// an entrypoint without arguments, and null makes an image unknown that `base` has a command for.
    public init(_ value: JSONValue, over base: ImageCommands = ImageCommands()) throws(ImageCommandsProblem) {
        self = base
        guard let entries = value.objectValue else {
            throw ImageCommandsProblem(
                path: "images",
                problem: "must be an object, not \(value.kindDescription)"
            )
        }
        for entry in entries {
            switch entry.value {
            case .null: self[entry.key] = nil
            case .string(let executable) where !executable.isEmpty:
                self[entry.key] = ImageCommand(entrypoint: [executable])
            default: self[entry.key] = try ImageCommand(entry.value, at: entry.key)
            }
        }
    }
}

extension ImageCommand {
    fileprivate init(_ entry: JSONValue, at path: String) throws(ImageCommandsProblem) {
        self.init(entrypoint: [])
        guard let members = entry.objectValue else {
            throw ImageCommandsProblem(
                path: path,
                problem: "must be an object or a string, not \(entry.kindDescription)"
            )
        }
        for member in members {
            let (path, value) = ("\(path).\(member.key)", member.value)
            switch member.key {
            case "entrypoint": entrypoint = try Self.strings(value, at: path)
            case "arguments": arguments = try Self.strings(value, at: path)
            case "appended": appended = try Self.strings(value, at: path)
            case "environment":
                let variables = value.objectValue
                for variable in variables ?? JSONMembers() {
                    environment[variable.key] = variable.value.stringValue
                }
                guard environment.count == variables?.count else {
                    throw ImageCommandsProblem(path: path, problem: "must be an object of strings")
                }
            case "port":
                guard let number = value.integerValue, (1...65535).contains(number) else {
                    throw ImageCommandsProblem(path: path, problem: "must be a port, 1 to 65535")
                }
                port = Int(number)
            default: throw ImageCommandsProblem(path: path, problem: "is not a key of an image's command")
            }
        }
        guard entrypoint.first?.isEmpty == false else {
            throw ImageCommandsProblem(path: "\(path).entrypoint", problem: "must name an executable")
        }
    }

    private static func strings(_ value: JSONValue, at path: String) throws(ImageCommandsProblem) -> [String]
    {
        let list = value.arrayValue?.compactMap(\.stringValue)
        guard let list, list.count == value.arrayValue?.count else {
            throw ImageCommandsProblem(path: path, problem: "must be a list of strings")
        }
        return list
    }
}
