import JSON

/// Collects what is found of one deployment, and orders it.
struct Findings {
    private struct Finding {
        var diagnosis: Diagnosis
        /// Whether it was concluded rather than seen.
        var isInferred: Bool
    }

    private var findings: [Finding] = []

    /// How much evidence is kept for one cause.
    private static let mostEvidence = 8
    /// How much of a text is kept.
    private static let longestText = 1000

    var isEmpty: Bool { findings.isEmpty }

    /// Whether something was seen that says what is wrong.
    var areTelling: Bool { findings.contains { !$0.isInferred && !$0.diagnosis.code.isGeneral } }

    /// Whether something that is there now has failed.
    var tellFailure: Bool { findings.contains { !$0.isInferred && !$0.diagnosis.code.isProgress } }

    func contains(_ code: DiagnosisCode) -> Bool { findings.contains { $0.diagnosis.code == code } }

    /// Adds a cause, or evidence to one that is there.
    mutating func add(_ diagnosis: Diagnosis, isInferred: Bool = false) {
        var diagnosis = diagnosis
        for index in diagnosis.evidence.indices {
            let text = diagnosis.evidence[index].text
            if text.utf8.count > Self.longestText {
                diagnosis.evidence[index].text = String(text.prefix(Self.longestText)) + "…"
            }
        }
        guard let index = findings.firstIndex(where: { $0.diagnosis.code == diagnosis.code }) else {
            findings.append(Finding(diagnosis: diagnosis, isInferred: isInferred))
            return
        }
        findings[index].isInferred = findings[index].isInferred && isInferred
        for evidence in diagnosis.evidence where findings[index].diagnosis.evidence.count < Self.mostEvidence
        {
            let isThere = findings[index].diagnosis.evidence.contains {
                $0.source == evidence.source && $0.text == evidence.text
            }
            if !isThere { findings[index].diagnosis.evidence.append(evidence) }
        }
    }

    /// Adds a cause with one piece of evidence.
    mutating func add(
        _ code: DiagnosisCode,
        _ source: Diagnosis.Source,
        _ text: String,
        at time: Timestamp? = nil,
        summary: String? = nil,
        isInferred: Bool = false
    ) {
        add(Diagnosis(code, summary, evidence: [.init(source, text, at: time)]), isInferred: isInferred)
    }

    /// The causes: what was seen before what was concluded, and what explains before what is explained.
    var ordered: [Diagnosis] {
        findings.map { finding in
            let rank = DiagnosisCode.bySpecificity.firstIndex(of: finding.diagnosis.code) ?? 0
            let tier = finding.diagnosis.code.isGeneral ? 2 : finding.isInferred ? 1 : 0
            return (finding.diagnosis, tier, rank)
        }
        .sorted { ($0.1, $0.2) < ($1.1, $1.2) }
        .map(\.0)
    }
}
