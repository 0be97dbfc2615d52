import APIs
import ArgumentParser
import ControlPlane
import HTTPClient
import HuggingFace
import IngotConfiguration
import JSON

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `ingot models search`: searches the Hub, without a server.
struct ModelSearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Search the Hugging Face Hub for models that an engine runs.",
        discussion: """
            Asks the Hub that the configuration names, or the variable HF_ENDPOINT. For what only you may see, \
            put your access token in the variable HF_TOKEN. Ends with status 69 when the Hub gives no answer, and with 77 when \
            it does not let you.
            """
    )

    @Argument(help: "Words that must be in the name, at least 2 characters.")
    var words: [String]

    @Option(help: ArgumentHelp("The most models, 1 to 100.", valueName: "number"))
    var limit = 20

    @Option(help: ArgumentHelp("The place of the first model.", valueName: "number"))
    var offset = 0

    @Flag(help: "Print the JSON object that GET /api/models/search answers with.")
    var json = false

    @Option(help: ArgumentHelp("The configuration file (JSON).", valueName: "file"))
    var config: String?

    private var text: String { words.joined(separator: " ") }

    func validate() throws {
        guard text.count >= 2, text.utf8.count <= ModelSearch.longestText else {
            throw ValidationError("the words must have 2 characters to \(ModelSearch.longestText) bytes")
        }
        guard ModelSearch.allowedLimits.contains(limit) else {
            throw ValidationError("--limit must be from 1 to 100")
        }
        guard offset >= 0 else { throw ValidationError("--offset must not be negative") }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let configuration: ServeConfiguration
        do throws(ConfigurationFailure) {
            // Nothing is kept, so no data directory is needed.
            let overrides = CommandLineOverrides(config: config, dataDirectory: ".")
            configuration = try await .load(overrides, environment: environment)
        } catch {
            throw ExitStatus.failure(error)
        }
        let token = try HubToken.ofEnvironment(environment)
        let hub = try HubAccess(
            configuration.huggingFace,
            HTTPClient.forOutsideServices(configuration.outbound)
        )
        do throws(HubError) {
            let results = try await hub.search.models(
                matching: text,
                offset: offset,
                limit: limit,
                token: token
            )
            if json {
                print(String(decoding: ModelSearchAnswer(results, query: text).encoded(), as: UTF8.self))
            } else {
                print(ModelTable(results).text)
            }
        } catch {
            throw ExitStatus(error).failure(
                error.advice(endpoint: configuration.huggingFace.endpoint, hasToken: token != nil)
            )
        }
    }
}
