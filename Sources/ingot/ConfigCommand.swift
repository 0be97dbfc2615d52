import ArgumentParser
import IngotConfiguration

/// `ingot config`: what can be configured, and what is.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Check and describe the configuration.",
        subcommands: [Check.self, Example.self, Reference.self]
    )

    /// `ingot config check`: the values that would count, or everything that is wrong.
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the values that ingot serve would run with, and where they come from.",
            discussion: "Ends with status 78 when the configuration is wrong, with 64 when only flags are."
        )

        @OptionGroup var options: ServeOptions

        func run() async throws {
            do {
                print(Self.table(try await options.explain()))
            } catch {
                throw ExitStatus.failure(error)
            }
        }

        /// Longer values push their source out of its column.
        private static let widestValue = 60

        /// A line for each value: key, value and source in columns.
        static func table(_ values: [EffectiveValue]) -> String {
            let keyWidth = values.map(\.key.count).max() ?? 0
            let valueWidth = min(values.map(\.value.count).max() ?? 0, widestValue)
            let lines = values.map { value in
                padded(value.key, to: keyWidth) + "  " + padded(value.value, to: valueWidth)
                    + "  \(value.source)"
            }
            return lines.joined(separator: "\n")
        }

        private static func padded(_ text: String, to width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
    }

    /// `ingot config example`: a file to start from.
    struct Example: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a configuration file that has every key with its default."
        )

        func run() {
            print(ConfigurationExample.text, terminator: "")
        }
    }

    /// `ingot config reference`: what every key means.
    struct Reference: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print a table of every key in Markdown.")

        func run() {
            print(ConfigurationReference.markdown, terminator: "")
        }
    }
}
