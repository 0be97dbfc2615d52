/// A part of Ingot that is fed with arbitrary bytes.
enum FuzzTarget: String, CaseIterable {
    case parser
    case websocket
    case router
    case config
    case yaml
    case scanner
    case protobuf
    case patch
    case selector
    case quantity
    case pattern
    case kubeconfig
    case gguf

    /// Feeds `input` to the code under test.
    ///
    /// - Throws: what the code did that it must never do.
    func examine(_ input: [UInt8]) throws(FuzzFinding) {
        switch self {
        case .parser: try ParserTarget.examine(input)
        case .websocket: try WebSocketTarget.examine(input)
        case .router: try RouterTarget.examine(input)
        case .config: try ConfigTarget.examine(input)
        case .yaml: try YAMLTarget.examine(input)
        case .scanner: try ScannerTarget.examine(input)
        case .protobuf: try ProtobufTarget.examine(input)
        case .patch: try PatchTarget.examine(input)
        case .selector: try SelectorTarget.examine(input)
        case .quantity: try QuantityTarget.examine(input)
        case .pattern: try PatternTarget.examine(input)
        case .kubeconfig: try KubeconfigTarget.examine(input)
        case .gguf: try GGUFTarget.examine(input)
        }
    }
}

/// A property that does not hold for some input.
struct FuzzFinding: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }

    static func require(_ holds: Bool, _ property: @autoclosure () -> String) throws(FuzzFinding) {
        if !holds { throw FuzzFinding(property()) }
    }

    static func requireEqual<Value: Equatable>(
        _ left: Value,
        _ right: Value,
        _ property: @autoclosure () -> String
    ) throws(FuzzFinding) {
        if left != right { throw FuzzFinding("\(property())\n  one:   \(left)\n  other: \(right)") }
    }
}
