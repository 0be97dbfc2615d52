import ArgumentParser

@main
struct Ingot: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "ingot")
}
