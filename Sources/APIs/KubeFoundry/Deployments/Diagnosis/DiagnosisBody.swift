import ControlPlane
import JSON
import Runtimes

/// Why a deployment does not run, as the API tells it.
struct DiagnosisBody: JSONObject {
    let record: DeploymentRecord
    let answer: Diagnosis
    let findings: [Diagnosis]

    static let schemaName = "DeploymentDiagnosis"
    static let fields: [JSONField<DiagnosisBody>] = [
        .init("name", "The deployment", example: "qwen-deployment") { $0.record.reading.name },
        .init("namespace", "Its namespace", example: "kubefoundry") { $0.record.reading.namespace },
        .init("provider", "Its runtime", example: "dynamo") { $0.record.reading.runtime.rawValue }
            .schema(.enumeration(RuntimeID.allCases.map(\.rawValue))),
        .init("phase", "How it stands", example: "Failed") { $0.record.standing.phase.rawValue }
            .schema(.enumeration(DeploymentPhase.allCases.map(\.rawValue))),
        .init("code", "The cause, in a word for programs", example: "INSUFFICIENT_GPU") {
            $0.answer.code.rawValue
        }
        .schema(.enumeration(DiagnosisCode.allCases.map(\.rawValue))),
        .init("summary", "The cause in a sentence") { $0.answer.summary },
        .init("evidence", "What shows it, the plainest first") {
            $0.answer.evidence.map(DiagnosisEvidenceBody.init)
        },
        .init("nextSteps", "What helps, the likeliest first") { $0.answer.nextSteps },
        .nullable(
            "resourceType",
            "What there is too little of; null where it is nothing of these",
            example: "gpu"
        ) {
            $0.answer.resource?.rawValue
        }
        .schema(.nullable(.enumeration(ConstrainedResource.allCases.map(\.rawValue)))),
        .init("canAutoscalerHelp", "Whether more nodes would help") { $0.answer.canAutoscalerHelp },
        .init("findings", "All that was found, the answer first") {
            $0.findings.map(DiagnosisFindingBody.init)
        },
    ]
}

/// One of the causes that were found.
struct DiagnosisFindingBody: JSONObject {
    let diagnosis: Diagnosis

    static let schemaName = "DiagnosisFinding"
    static let fields: [JSONField<DiagnosisFindingBody>] = [
        .init("code", "The cause, in a word for programs", example: "INSUFFICIENT_GPU") {
            $0.diagnosis.code.rawValue
        }
        .schema(.enumeration(DiagnosisCode.allCases.map(\.rawValue))),
        .init("summary", "The cause in a sentence") { $0.diagnosis.summary },
        .init("evidence", "What shows it, the plainest first") {
            $0.diagnosis.evidence.map(DiagnosisEvidenceBody.init)
        },
        .init("nextSteps", "What helps, the likeliest first") { $0.diagnosis.nextSteps },
        .nullable(
            "resourceType",
            "What there is too little of; null where it is nothing of these",
            example: "gpu"
        ) {
            $0.diagnosis.resource?.rawValue
        }
        .schema(.nullable(.enumeration(ConstrainedResource.allCases.map(\.rawValue)))),
        .init("canAutoscalerHelp", "Whether more nodes would help") { $0.diagnosis.canAutoscalerHelp },
    ]
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
