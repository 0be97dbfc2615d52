import ControlPlane
import HTTPServer
import HTTPTypes
import JSON
import Runtimes

/// `GET /api/deployments/{name}/diagnosis` and `…/pending-reasons`: why a deployment does not run.
enum DiagnosisRoutes {
    static func routes(_ service: DiagnosisService) -> [Route] {
        let lookup = DeploymentLookup(cluster: service.cluster)
        return [diagnosis(service, lookup), pendingReasons(service, lookup)]
    }

    private static func diagnosis(_ service: DiagnosisService, _ lookup: DeploymentLookup) -> Route {
        Route(
            .get,
            "/api/deployments/{name}/diagnosis",
            access: .viewer,
            documentation: .init(
                operationID: "diagnoseDeployment",
                summary: "Tell why a deployment does not run",
                description: """
                    Looks at the deployment's object, its pods and their events, the nodes and their GPUs, the namespace's quotas, the \
                    secret with the Hub's token, the operator, and the last lines of the logs of containers that do not serve. What is \
                    found is in `findings`; the first of them is the answer. What cannot be read within two seconds is left out.
                    """,
                tag: "Deployments",
                parameters: DeploymentLookup.parameters,
                answers: [.init(200, "The diagnosis.", json: DiagnosisBody.self)]
                    + DeploymentLookup.failures
            ),
            handler: .asynchronous { request in
                var response = Response()
                let record = try lookup.find(request, &response)
                let findings = await service.diagnose(record)
                guard let answer = findings.first else {
                    throw DeploymentLookup.notFound(record.reading.name, nil)
                }
                response.setJSON(DiagnosisBody(record: record, answer: answer, findings: findings))
                return response
            }
        )
    }

    private static func pendingReasons(_ service: DiagnosisService, _ lookup: DeploymentLookup) -> Route {
        Route(
            .get,
            "/api/deployments/{name}/pending-reasons",
            access: .viewer,
            documentation: .init(
                operationID: "listPendingReasons",
                summary: "List the warnings about pods that wait",
                description: "Those of pods in the phase `Pending`, each once, the newest first.",
                tag: "Deployments",
                parameters: DeploymentLookup.parameters,
                answers: [.init(200, "The reasons.", json: PendingReasonList.self)]
                    + DeploymentLookup.failures
            ),
            handler: .asynchronous { request in
                var response = Response()
                let record = try lookup.find(request, &response)
                let reasons = service.pendingReasons(record).map(PendingReasonBody.init)
                response.setJSON(PendingReasonList(reasons: reasons))
                return response
            }
        )
    }
}
