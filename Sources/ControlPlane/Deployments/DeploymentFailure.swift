public import JSON
public import Kubernetes
public import Runtimes

/// Why a wish about a deployment was not granted.
public enum DeploymentFailure: Error, Sendable {
    /// What was wished for is wrong, field by field.
    case invalid([JSONFieldProblem])
    /// The runtime is not there; what to do about it, for people.
    case notInstalled(RuntimeID, String)
    /// There is a deployment of that name, or another one with that key; for people.
    case conflict(String)
    /// There is no such deployment, or none any more.
    case notFound(String)
    /// It cannot be served on what is there; why, for people.
    case doesNotFit([String])
    /// The API server refused or did not answer; what was being done.
    case kubernetes(KubernetesError, doing: String)
    /// The cluster cannot be reached.
    case unavailable(ClusterUnavailable)
}
