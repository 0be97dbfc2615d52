import ControlPlane
import JSON
import Runtimes

/// Why a deployment does not run, as the API tells it.
struct DiagnosisBody: JSONObject {
    let record: DeploymentRecord
    let answer: Diagnosis
    let findings: [Diagnosis]

    static let schemaName = "DeploymentDiagnosis"
    static let fields: [JSONField<DiagnosisBody>] =
        [
            .init("name", "The deployment", example: "qwen-deployment") { $0.record.reading.name },
            .init("namespace", "Its namespace", example: "kubefoundry") { $0.record.reading.namespace },
            .init("provider", "Its runtime", example: "dynamo") { $0.record.reading.runtime.rawValue }
                .schema(.enumeration(RuntimeID.allCases.map(\.rawValue))),
            .init("phase", "How it stands", example: "Failed") { $0.record.standing.phase.rawValue }
                .schema(.enumeration(DeploymentPhase.allCases.map(\.rawValue))),
        ] + DiagnosisFindingBody.fields(\.answer) + [
            .init("findings", "All that was found, the answer first") {
                $0.findings.map(DiagnosisFindingBody.init)
            }
        ]
}

/// One of the causes that were found.
struct DiagnosisFindingBody: JSONObject {
    let diagnosis: Diagnosis

    static let schemaName = "DiagnosisFinding"
    static let fields: [JSONField<DiagnosisFindingBody>] = fields(\.diagnosis)

    /// The members of answers that have a cause among others.
    static func fields<Answer>(
        _ diagnosis: @escaping @Sendable (Answer) -> Diagnosis
    ) -> [JSONField<Answer>] {
        [
            .init("code", "The cause, in a word for programs", example: "INSUFFICIENT_GPU") {
                diagnosis($0).code.rawValue
            }
            .schema(.enumeration(DiagnosisCode.allCases.map(\.rawValue))),
            .init("summary", "The cause in a sentence") { diagnosis($0).summary },
            .init("evidence", "What shows it, the plainest first") {
                diagnosis($0).evidence.map(DiagnosisEvidenceBody.init)
            },
            .init("nextSteps", "What helps, the likeliest first") { diagnosis($0).nextSteps },
            .nullable(
                "resourceType",
                "What there is too little of; null where it is nothing of these",
                example: "gpu"
            ) {
                diagnosis($0).resource?.rawValue
            }
            .schema(.nullable(.enumeration(ConstrainedResource.allCases.map(\.rawValue)))),
            .init("canAutoscalerHelp", "Whether more nodes would help") { diagnosis($0).canAutoscalerHelp },
        ]
    }
}

/// Something that shows a cause.
struct DiagnosisEvidenceBody: JSONObject {
    let evidence: Diagnosis.Evidence

    static let schemaName = "DiagnosisEvidence"
    static let fields: [JSONField<DiagnosisEvidenceBody>] = [
        .init("source", "Where it was found", example: "event") { $0.evidence.source.rawValue }
            .schema(.enumeration(Diagnosis.Source.allCases.map(\.rawValue))),
        .init("text", "It, as it was found") { $0.evidence.text },
        .init("time", "When; absent when that is not told", example: "2024-01-15T10:30:00Z") {
            $0.evidence.time
        },
    ]
}
