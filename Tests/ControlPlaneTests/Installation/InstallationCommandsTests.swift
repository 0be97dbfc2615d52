import JSON
import Testing

@testable import ControlPlane

@Suite struct InstallationCommandsTests {
    /// A provider with everything that a provider can have.
    private let provider = ProviderCatalog(json: [
        "providers": [
            [
                "id": "all", "name": "All", "shortName": "All", "description": "all",
                "defaultNamespace": "all",
                "resource": ["apiGroup": "g", "apiVersion": "v1", "plural": "things", "kind": "Thing"],
                "operatorLabels": [["key": "app", "value": "all"]],
                "repositories": [["name": "repo", "url": "https://charts.example/all"]],
                "definitions": [
                    ["name": "a.g", "url": "https://crds.example/a.yaml"],
                    ["name": "b.g", "url": "https://crds.example/b.yaml"],
                ],
                "charts": [
                    [
                        "release": "one", "chart": "repo/one", "version": "1.0", "namespace": "all",
                        "skipCRDs": true,
                        "values": ["a": ["b.c": "it's"], "x.y": [1, 2]],
                    ],
                    [
                        "release": "two", "chart": "https://charts.example/two-2.0.tgz", "version": "2.0",
                        "namespace": "all",
                        "wait": true, "repository": "https://charts.example",
                    ],
                ],
                "removedDefinitions": ["things.g"],
                "prerequisites": [["definition": "p.g", "name": "p", "command": "helm install p"]],
                "steps": [],
            ]
        ]
    ]).providers.first

    @Test func whatIsShownIsWhatIsRun() throws {
        let provider = try #require(provider)
        let shown = InstallationCommands.byHand(provider) { $0 == "b.g" }
        #expect(
            shown == [
                "helm install p", "helm repo add repo https://charts.example/all", "helm repo update",
                "kubectl apply --server-side -f https://crds.example/a.yaml",
                "helm install one repo/one --namespace all --create-namespace --version 1.0 "
                    + #"--set-json 'a={"b.c":"it'\''s"}' --set-json 'x\.y=[1,2]' --skip-crds"#,
                "helm install two https://charts.example/two-2.0.tgz --namespace all --create-namespace --wait",
            ]
        )
        #expect(
            InstallationCommands.install(provider.charts[0]) == [
                "upgrade", "one", "repo/one", "--install", "--namespace", "all", "--create-namespace",
                "--version", "1.0",
                "--set-json", #"a={"b.c":"it's"}"#, "--set-json", #"x\.y=[1,2]"#, "--skip-crds",
            ]
        )
        #expect(!InstallationCommands.byHand(provider) { _ in true }.contains { $0.contains("kubectl") })
    }

    @Test func anUpgradeWaitsOnce() throws {
        let charts = try #require(provider).charts
        for chart in charts {
            let arguments = InstallationCommands.upgrade(chart, waitingMinutes: 14)
            #expect(arguments.filter { $0 == "--wait" }.count == 1)
            #expect(arguments.suffix(2) == ["--timeout", "14m"])
        }
    }

    @Test func theNewestVersionOfAnArchiveIsAskedOfItsRepository() throws {
        let charts = try #require(provider).charts
        #expect(InstallationCommands.newest(charts[0]) == ["show", "chart", "repo/one"])
        #expect(
            InstallationCommands.newest(charts[1]) == [
                "show", "chart", "two", "--repo", "https://charts.example",
            ]
        )
    }

    @Test(arguments: [
        ("deployed", HelmReleaseState.deployed), ("superseded", .deployed), ("failed", .failed),
        ("pending-install", .pending("pending-install")), ("pending-upgrade", .pending("pending-upgrade")),
        ("pending-rollback", .pending("pending-rollback")), ("uninstalling", .removed("uninstalling")),
        ("uninstalled", .removed("uninstalled")), ("unknown", .other("unknown")),
    ])
    func releaseStatesAreKnown(word: String, state: HelmReleaseState) {
        #expect(HelmReleaseState(word) == state)
    }
}
