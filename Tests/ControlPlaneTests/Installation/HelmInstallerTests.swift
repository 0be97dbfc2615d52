import HTTPClient
import HTTPServer
import HTTPTypes
import JSON
import Kubernetes
import Logging
import Store
import Synchronization
import Testing

@testable import ControlPlane

#if canImport(Glibc)
    import Glibc
#endif

/// The stand-in for Helm in Tests/Fixtures, with a folder for what it is asked.
private final class HelmStandIn {
    let folder: String

    init() throws {
        var template = Array("/tmp/ingot-helm-XXXXXX".utf8CString)
        let made = mkdtemp(&template)
        folder = String(cString: try #require(made))
    }

    deinit {
        for name in ["calls.jsonl", "state.json", "lock", "modes.json"] { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    var helm: Helm {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(
            separator: "/"
        )
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        return Helm(
            .init(
                path: "\(root)/Fixtures/helm/helm",
                environment: ["HELM_STAND_IN": folder, "PATH": path],
                timeLimit: .seconds(60)
            )
        )
    }

    /// The arguments of the calls that change something.
    var calls: [[String]] {
        guard let file = fopen("\(folder)/calls.jsonl", "r") else { return [] }
        defer { fclose(file) }
        var calls: [[String]] = []
        var line = [CChar](repeating: 0, count: 65_536)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            let arguments = (try? JSONValue(parsing: text))?["arguments"]?.arrayValue ?? []
            calls.append(arguments.compactMap(\.stringValue))
        }
        return calls.filter { $0.first != "history" && $0.first != "show" }
    }
}

/// Serves manifests, and plays an API server that takes what is applied.
private final class Site: Sendable {
    private struct State {
        var applied: [(name: String, query: String, kind: String?)] = []
        var server: Server?
    }

    private let state = Mutex(State())

    var applied: [(name: String, query: String, kind: String?)] { state.withLock(\.applied) }

    func start() async throws -> String {
        let manifest = Route(
            .get,
            "/{file}",
            access: .anyone,
            documentation: .init(operationID: "manifest", summary: "A manifest", tag: "Test", answers: []),
            handler: .immediate { request, response in
                let file = request.parameters["file"] ?? ""
                guard file != "missing.yaml" else {
                    throw HTTPError(.notFound, code: "NOT_FOUND", message: "no such manifest")
                }
                let kind = file == "deployment.yaml" ? "Deployment" : "CustomResourceDefinition"
                response.contentType = .text
                response.body = .bytes(
                    Array(
                        "apiVersion: apiextensions.k8s.io/v1\nkind: \(kind)\nmetadata:\n  name: \(file.prefix(1)).g\n"
                            .utf8
                    )
                )
            }
        )
        let apply = Route(
            .patch,
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}",
            access: .anyone,
            documentation: .init(operationID: "apply", summary: "Apply", tag: "Test", answers: []),
            handler: .asynchronous { [self] request in
                let body = try? JSONValue(parsing: request.body)
                let query = request.query.pairs.map { "\($0.name)=\($0.value)" }.sorted().joined(
                    separator: "&"
                )
                state.withLock {
                    $0.applied.append((request.parameters["name"] ?? "", query, body?["kind"]?.stringValue))
                }
                return Response(json: body ?? .null)
            }
        )
        let surface = Surface(
            name: "Site",
            routes: [manifest, apply],
            errorSchema: .any,
            renderError: { failure, _, response in response.setJSON(JSONValue.string(failure.message)) }
        )
        let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let server = try await Server.start(
            address,
            router: try Router([surface]),
            settings: ServerSettings(),
            logger: Logger(label: "site") { _ in SwiftLogNoOpLogHandler() }
        )
        state.withLock { $0.server = server }
        return "http://\(server.address)"
    }

    func stop() async {
        await state.withLock(\.server)?.stop()
    }
}

@Suite(.timeLimit(.minutes(10))) struct HelmInstallerTests {
    private func provider(_ url: String, _ definitions: [JSONValue]) throws -> Provider {
        let catalog = ProviderCatalog(json: [
            "providers": [
                [
                    "id": "all", "name": "All", "shortName": "All", "description": "all",
                    "defaultNamespace": "all",
                    "resource": ["apiGroup": "g", "apiVersion": "v1", "plural": "things", "kind": "Thing"],
                    "operatorLabels": [["key": "app", "value": "all"]], "repositories": [],
                    "definitions": .array(definitions),
                    "charts": [
                        [
                            "release": "one", "chart": .string("\(url)/one-1.0.0.tgz"), "version": "1.0.0",
                            "namespace": "all", "skipCRDs": true, "values": ["a": ["b": true]],
                        ]
                    ],
                    "removedDefinitions": ["things.g"], "prerequisites": [], "steps": [],
                ]
            ]
        ])
        return try #require(catalog.providers.first)
    }

    /// What an installation comes to.
    private func install(
        _ definitions: [String],
        defined: Set<String> = [],
        _ check: (TaskRecord, Site, HelmStandIn) throws -> Void
    ) async throws {
        let site = Site()
        let url = try await site.start()
        let standIn = try HelmStandIn()
        let http = try HTTPClient()
        let client = KubernetesClient(
            configuration: ClusterConfiguration(server: url, origin: "a test"),
            http: http
        )
        let installer = HelmInstaller(
            helm: standIn.helm,
            definitions: DefinitionInstaller(client: client, http: http)
        ) { defined.contains($0) }
        let provider = try provider(
            url,
            definitions.map { ["name": .string("\($0.prefix(1)).g"), "url": .string("\(url)/\($0)")] }
        )
        let tasks = TaskService(store: try .inMemory())
        let task = try await tasks.start("install", on: "all", title: "Install") { output in
            guard
                case .done(let steps) = try await installer.install(
                    provider,
                    force: false,
                    isInUse: false,
                    output
                )
            else {
                throw CancellationError()
            }
            return .init(message: "", result: ["steps": .array(steps.map { .string($0.name) })])
        }
        let ended = try #require(await tasks.wait(for: task.id, atMost: .seconds(240)))
        try check(ended, site, standIn)
        await site.stop()
    }

    @Test func definitionsThatAreMissingAreAppliedBeforeTheCharts() async throws {
        try await install(["a.yaml", "b.yaml"], defined: ["b.g"]) { task, site, standIn in
            #expect(task.state == .succeeded, "\(task.message)")
            #expect(task.result["steps"] == ["apply-crd-a.yaml", "install-one"])
            #expect(site.applied.map(\.name) == ["a.g"])
            #expect(site.applied.first?.query.contains("fieldManager=ingot") == true)
            #expect(site.applied.first?.kind == "CustomResourceDefinition")
            let call = try #require(standIn.calls.first)
            #expect(call.prefix(2) == ["upgrade", "one"] && standIn.calls.count == 1)
            #expect(
                call.dropFirst(3) == [
                    "--install", "--namespace", "all", "--create-namespace", "--set-json", #"a={"b":true}"#,
                    "--skip-crds",
                ]
            )
        }
    }

    @Test(arguments: ["missing.yaml", "deployment.yaml"])
    func aManifestThatIsNoDefinitionEndsTheInstallation(file: String) async throws {
        try await install([file]) { task, site, standIn in
            #expect(task.state == .failed && task.failure?.code == "INSTALLATION_FAILED")
            #expect(task.failure?.details["step"] == .string("apply-crd-\(file)"))
            #expect(site.applied.isEmpty && standIn.calls.isEmpty)
        }
    }
}
