import JSON
import Testing

@testable import Runtimes

@Test(arguments: RecordedFailure.all)
func aRecordedFailureHasOneCause(failure: RecordedFailure) throws {
    let found = Diagnosis.all(try failure.facts())
    let first = try #require(found.first)
    #expect(
        first.code.rawValue == failure.code,
        "\(failure.name): \(found.map(\.code.rawValue)) \(first.evidence)"
    )
    #expect(!first.summary.isEmpty && !first.evidence.isEmpty)
    #expect(first.code == .running || !first.nextSteps.isEmpty)
    #expect(Set(found.map(\.code)).count == found.count, "each cause is told once")
    if let help = failure.json["canAutoscalerHelp"]?.boolValue { #expect(first.canAutoscalerHelp == help) }
}

@Test func everyCauseHasARecord() {
    #expect(RecordedFailure.all.count >= 60)
    let recorded = Set(RecordedFailure.all.map(\.code))
    #expect(DiagnosisCode.allCases.filter { !recorded.contains($0.rawValue) } == [])
}

@Test func everyCauseHasItsPlaceInTheOrder() {
    #expect(Set(DiagnosisCode.bySpecificity) == Set(DiagnosisCode.allCases))
    #expect(DiagnosisCode.bySpecificity.count == DiagnosisCode.allCases.count)
}
