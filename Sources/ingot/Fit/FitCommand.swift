import APIs
import ArgumentParser
import Capacity
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

/// `ingot fit`: tells whether a model fits, without a server.
struct FitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fit",
        abstract: "Tell whether a model fits on some GPUs, and what it needs.",
        discussion: """
            With --gpu it is about so many of one product, with --cluster about the GPUs of a cluster; with neither, about every \
            product whose memory was measured, to tell which one the model needs and how many.

            Nothing is deployed. The model's files are read from the Hub that the configuration names, or the variable HF_ENDPOINT. \
            For what only you may see, put your access token in the variable HF_TOKEN.

            Ends with status 0 when the model fits as asked, 1 when it does not, 2 when a fact is missing, 64 for wrong arguments, \
            65 when its files cannot be understood, \
            66 when there is no such model, 69 when the Hub or the cluster gives no answer, 77 when it does not let you, and 78 \
            when no cluster is configured.
            """
    )

    @OptionGroup var arguments: FitArguments

    @Flag(
        help:
            "Print the JSON object that POST /api/fit answers with; of every product without --gpu and --cluster."
    )
    var json = false

    @Option(help: ArgumentHelp("The configuration file (JSON).", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp("The kubeconfig file (default: $KUBECONFIG or ~/.kube/config).", valueName: "file")
    )
    var kubeconfig: String?

    @Option(help: ArgumentHelp("The kubeconfig's context (default: its current one).", valueName: "name"))
    var kubeContext: String?

    @Option(
        help: ArgumentHelp(
            "Where a running server of this machine keeps its embedded cluster (default: as ingot serve).",
            valueName: "directory"
        )
    )
    var dataDir: String?

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let configuration = try await loaded(environment)
        let token = try HubToken.ofEnvironment(environment)
        let http = try HTTPClient.forOutsideServices(configuration.outbound)
        let sources = try ModelSources(configuration, http)
        var (arguments, local) = (arguments, sources.local)
        if let path = arguments.path {
            guard let found = LocalModels.beside(path) else {
                throw ExitStatus.noInput.failure("there is no file \(path)")
            }
            (local, arguments.model) = found
        } else if local == nil, arguments.model.hasPrefix(LocalModel.idPrefix) {
            throw ExitStatus.noInput.failure(
                "\(arguments.model) is in the models' folder, and nothing names that folder: give the file's path, or the folder in INGOT_MODELS_DIRECTORY"
            )
        }
        let inventory = arguments.cluster ? try await FitCluster.inventory(configuration, http) : nil
        let service = FitService(models: sources.hub?.metadata, local: local) {
            inventory ?? GPUInventory()
        }
        let outcome: FitOutcome
        do throws(FitService.Failure) {
            outcome = try await arguments.answer(service, token)
        } catch {
            switch error {
            case .invalid(let failure): throw ExitStatus.usage.failure(FitArguments.message(failure))
            case .hub(let failure):
                let advice = failure.advice(
                    arguments.model,
                    endpoint: configuration.huggingFace.endpoint,
                    hasToken: token != nil
                )
                throw ExitStatus(failure).failure(advice)
            case .model(let reason):
                throw ExitStatus.data.failure("what is known of \(arguments.model) is no model: \(reason)")
            case .noFile:
                let name = self.arguments.model
                throw ExitStatus.noInput.failure(
                    self.arguments.path == nil
                        ? error.description : "\(name) is no whole model: parts of it are missing"
                )
            case .folder: throw ExitStatus.configuration.failure(error.description)
            case .cluster: throw ExitStatus.unavailable.failure(error.description)
            }
        }
        print(json ? String(decoding: outcome.json.encoded(), as: UTF8.self) : outcome.text)
        switch outcome.verdict {
        case .fits: break
        case .fitsWithChanges, .doesNotFit, .unsupported: throw ExitCode(1)
        case .unknown: throw ExitCode(2)
        }
    }

    private func loaded(_ environment: [String: String]) async throws -> ServeConfiguration {
        // Nothing is kept; only the embedded cluster of a running server is looked for in the data directory.
        let hasHome = ["HOME", "XDG_DATA_HOME"].contains { environment[$0]?.isEmpty == false }
        let overrides = CommandLineOverrides(
            config: config,
            dataDirectory: dataDir ?? (arguments.cluster && hasHome ? nil : "."),
            kubeconfig: kubeconfig,
            context: kubeContext
        )
        do throws(ConfigurationFailure) {
            return try await .load(overrides, environment: environment)
        } catch {
            throw ExitStatus.failure(error)
        }
    }
}

/// What a command prints and how it ends.
struct FitOutcome {
    let verdict: FitReport.Verdict
    let json: JSONValue
    let text: String
}

extension FitArguments {
    /// Asks about the GPUs that are named or the cluster's, else about every product.
    func answer(_ service: FitService, _ token: HubToken?) async throws(FitService.Failure) -> FitOutcome {
        let document: FitRequestDocument
        do throws(FitRequestFailure) {
            document = try question.document()
        } catch {
            throw .invalid(error)
        }
        guard cluster || gpu != nil else {
            let survey = FitSurvey(try await service.survey(document, token: token), document)
            return FitOutcome(verdict: survey.verdict, json: survey.json, text: survey.text)
        }
        let answer = try await service.answer(document, token: token)
        return FitOutcome(
            verdict: answer.report.verdict,
            json: FitAnswer(answer, explains: document.explains).json,
            text: FitText(answer, document.request).text
        )
    }
}
