import JSON
import KubernetesModel
import Runtimes
import Testing

@testable import ControlPlane

@Suite struct ProviderCatalogTests {
    private let catalog = ProviderCatalog.standard

    private var everything: [Provider] { catalog.providers + [catalog.gpuOperator].compactMap { $0 } }

    @Test func everyRuntimeWithAnOperatorHasAProviderOfItsCustomResource() throws {
        #expect(catalog.providers.map(\.id) == ["dynamo", "kuberay", "kaito", "kserve"])
        for provider in catalog.providers {
            let runtime = try #require(Runtimes.all.first { $0.id.rawValue == provider.id })
            #expect(runtime.primary.groupResource == provider.resource.groupResource)
            #expect(RuntimeResources.all.contains(provider.resource))
        }
        #expect(catalog.gpuOperator != nil)
    }

    @Test func everyChartIsPinned() {
        for chart in everything.flatMap(\.charts) {
            #expect(!chart.version.isEmpty && chart.version != "latest", "\(chart.release)")
            #expect(!chart.isArchive || chart.chart.hasSuffix("-\(chart.version).tgz"), "\(chart.release)")
        }
        for definition in everything.flatMap(\.definitions) {
            #expect(definition.url.hasPrefix("https://") && !definition.url.contains("/main/"))
        }
    }

    @Test func everyChartOfARepositoryNamesOneThatIsAdded() {
        for provider in everything {
            for chart in provider.charts where !chart.isArchive && !chart.chart.hasPrefix("oci://") {
                #expect(
                    provider.repositories.contains { chart.chart.hasPrefix("\($0.name)/") },
                    "\(chart.chart)"
                )
            }
        }
    }

    @Test func everyProviderIsKnownByItsPodsAndRemovesItsOwnDefinition() {
        for provider in everything {
            #expect(
                !provider.operatorLabels.isEmpty && !provider.summary.isEmpty && !provider.version.isEmpty
            )
            #expect(provider.removedDefinitions.contains(provider.definition), "\(provider.id)")
            #expect(provider.charts.contains { $0.namespace == provider.defaultNamespace })
        }
    }

    @Test func anEntryWithoutSomethingIsNotRead() {
        #expect(ProviderCatalog(json: ["providers": [["id": "half"]]]).providers.isEmpty)
    }
}
