import Glibc
import JSON
import KubernetesModel
import Testing
import YAML

@testable import Runtimes

/// What every version of the renderer makes of the specifications on record. With `UPDATE_GOLDEN=1` in the environment the files of
/// the newest version are written.
@Suite struct GoldenTests {
    private static let versions = Array(1...Runtimes.rendererVersion)
    private static let isUpdate = getenv("UPDATE_GOLDEN").map { String(cString: $0) == "1" } ?? false

    private func folder(_ version: Int) -> SourceFolder { SourceFolder("Golden/\(version)") }

    @Test(arguments: GoldenSpecification.all)
    func everyVersionOfTheRendererMakesWhatItHasAlwaysMade(specification: GoldenSpecification) throws {
        let runtime = try #require(Runtimes.runtime(specification.runtime))
        for version in Self.versions {
            let manifests = try runtime.render(specification.spec(), version: version)
            let text = manifests.map { $0.object.yaml }.joined(separator: "---\n")
            if Self.isUpdate, version == Runtimes.rendererVersion {
                try folder(version).write(text, to: specification.fileName)
            }
            let recorded = try #require(
                folder(version).bytes(of: specification.fileName),
                "it is on record after a run with UPDATE_GOLDEN=1"
            )
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            let old = String(decoding: recorded, as: UTF8.self)
                .split(separator: "\n", omittingEmptySubsequences: false)
            for (line, (new, old)) in zip(lines, old).enumerated() where new != old {
                Issue.record("version \(version), line \(line + 1): \(new), on record: \(old)")
                break
            }
            #expect(lines.count == old.count, "version \(version)")
        }
    }

    @Test(.disabled(if: isUpdate, "files are being written"))
    func everyFileOnRecordHasItsSpecification() throws {
        let files = GoldenSpecification.all.map(\.fileName)
        #expect(Set(files).count == files.count)
        for version in Self.versions {
            #expect(try folder(version).names(endingIn: ".yaml") == files.sorted(), "version \(version)")
        }
    }

    @Test(arguments: GoldenSpecification.all)
    func aManifestBringsTheSpecificationThatItWasRenderedFrom(specification: GoldenSpecification) throws {
        let runtime = try #require(Runtimes.runtime(specification.runtime))
        let spec = try specification.spec()
        let primary = try #require(try runtime.render(spec).first)
        #expect(primary.resource == runtime.primary.resource)
        let found = try #require(OwnMarks.specification(of: KubernetesObject(primary.object)))
        #expect(found.spec == spec && found.version == Runtimes.rendererVersion)
        let read = runtime.read(KubernetesObject(primary.object))
        let reading = try #require(read)
        #expect(reading.isManaged && reading.engine == spec.engine)
        // A model that an image brings has no id but the image's.
        #expect(reading.modelID == spec.model.id || (spec.model.id.isEmpty && !reading.modelID.isEmpty))
        #expect(
            Runtimes.all.filter { $0.primary == runtime.primary }.compactMap {
                $0.read(KubernetesObject(primary.object))
            }.count == 1
        )
    }

    @Test(arguments: GoldenSpecification.all)
    func allManifestsAreInTheNamespaceAndBearTheLabels(specification: GoldenSpecification) throws {
        let runtime = try #require(Runtimes.runtime(specification.runtime))
        for manifest in try runtime.render(specification.spec()) {
            let object = KubernetesObject(manifest.object)
            #expect(object.namespace == "models")
            #expect(object.label(OwnMarks.managedBy) == OwnMarks.manager)
            #expect(object.label(OwnMarks.deployment) == specification.name)
            #expect(object.label(OwnMarks.runtime) == specification.runtime.rawValue)
        }
    }
}
