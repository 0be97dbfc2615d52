import ArgumentParser

/// `ingot models`: which models there are.
struct ModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "Find models.",
        subcommands: [ModelSearchCommand.self]
    )
}
