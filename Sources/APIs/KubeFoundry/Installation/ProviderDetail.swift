import ControlPlane
import JSON
import KubernetesModel

/// The answer of `GET /api/settings/providers/{id}`.
struct ProviderDetail: JSONObject {
    let provider: Provider

    static let schemaName = "ProviderDetail"
    static let fields: [JSONField<ProviderDetail>] = [
        .init("id", "The id", example: "kuberay") { $0.provider.id },
        .init("name", "The name", example: "Ray Serve via KubeRay") { $0.provider.name },
        .init("description", "What it does, in a line") { $0.provider.summary },
        .init("defaultNamespace", "Where its operator is installed", example: "kuberay-system") {
            $0.provider.namespace
        },
        .init("crdConfig", "The custom resource by which it serves models") {
            ProviderResourceBody(provider: $0.provider)
        },
        .init("installationSteps", "What people do besides") {
            $0.provider.steps.map(InstallationStepBody.init)
        },
        .init("helmRepos", "Where its charts are, beside those with URLs of their own") {
            $0.provider.repositories.map(HelmRepositoryBody.init)
        },
        .init("helmCharts", "Its charts, in the order in which they are installed") { detail in
            detail.provider.charts.map { HelmChartBody(chart: $0, definitions: detail.provider.definitions) }
        },
    ]
}

/// The custom resource by which a provider serves models.
struct ProviderResourceBody: JSONObject {
    let provider: Provider

    static let schemaName = "ProviderResource"
    static let fields: [JSONField<ProviderResourceBody>] = [
        .init("apiGroup", "The group", example: "ray.io") { $0.provider.resource.group },
        .init("apiVersion", "The version that Ingot writes", example: "v1") { $0.provider.resource.version },
        .init("plural", "The resource", example: "rayservices") { $0.provider.resource.resource },
        .init("kind", "The kind", example: "RayService") { $0.provider.kind },
    ]
}

/// A repository of Helm charts.
struct HelmRepositoryBody: JSONObject {
    let repository: Provider.Repository

    static let schemaName = "HelmRepository"
    static let fields: [JSONField<HelmRepositoryBody>] = [
        .init("name", "What the charts' names begin with", example: "kuberay") { $0.repository.name },
        .init("url", "Where it is") { $0.repository.url },
    ]
}

/// A release of a Helm chart.
struct HelmChartBody: JSONObject {
    let chart: Provider.Chart
    let definitions: [Provider.Definition]

    static let schemaName = "HelmChart"
    static let fields: [JSONField<HelmChartBody>] = [
        .init("name", "The release", example: "kuberay-operator") { $0.chart.release },
        .init("chart", "The chart", example: "kuberay/kuberay-operator") { $0.chart.chart },
        .init("version", "Its version", example: "1.7.0") { $0.chart.version },
        .init("namespace", "The release's namespace", example: "kuberay-system") { $0.chart.namespace },
        .init("createNamespace", "Whether the namespace is made where it is missing") { _ in true },
        .init("values", "Values besides the chart's own; left out when there are none") {
            body -> JSONValue? in
            body.chart.values.isEmpty ? nil : .object(body.chart.values)
        },
        .init("fetchUrl", "The archive that the chart is; left out for charts of repositories") {
            $0.chart.isArchive ? $0.chart.chart : nil
        },
        .init("skipCrds", "Whether the definitions in the chart are left out; left out when they are not") {
            body -> Bool? in
            body.chart.skipsDefinitions ? true : nil
        },
        .init("preCrdUrls", "Definitions that are applied before; left out when there are none") {
            body -> [String]? in
            body.definitions.isEmpty ? nil : body.definitions.map(\.url)
        },
    ]
}
