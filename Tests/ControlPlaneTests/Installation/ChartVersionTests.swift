import Testing

@testable import ControlPlane

@Suite struct ChartVersionTests {
    @Test func versionsAreOrderedAsSemanticVersioningSays() throws {
        let ascending = [
            "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0", "v1.0.1", "1.2.0", "1.10.0", "2.0.0",
        ]
        let versions = try ascending.map { try #require(ChartVersion($0)) }
        for (index, version) in versions.enumerated() {
            for later in versions.dropFirst(index + 1) { #expect(version < later && !(later < version)) }
            #expect(!(version < version))
        }
        #expect(ChartVersion("1.0.0+build") == ChartVersion("v1.0.0"))
    }

    @Test(arguments: ["", "latest", "1.0", "1.0.x", "1.0.0.0"])
    func whatIsNoVersionIsNotRead(text: String) {
        #expect(ChartVersion(text) == nil)
    }

    @Test func onlyANewerVersionIsTold() throws {
        let kuberay = try #require(ProviderCatalog.standard.provider("kuberay"))
        #expect(kuberay.newer("99.0.0") == "99.0.0")
        #expect(
            kuberay.newer(kuberay.version) == nil && kuberay.newer("0.1.0") == nil
                && kuberay.newer("x") == nil
        )
    }
}
