import ControlPlane
import HTTPServer
import HTTPTypes
import JSON
import Kubernetes

/// Refuses to tell what is not known, and says how old it is that is.
extension HTTPError {
    /// 503 while the cluster has not been read.
    static func clusterUnavailable(_ message: String) -> HTTPError {
        HTTPError(.serviceUnavailable, code: "CLUSTER_UNAVAILABLE", message: message)
    }
}

extension Response {
    /// Says in the field `Age` (RFC 9111 §5.1) for how long nothing has been heard of the cluster.
    ///
    /// - Parameters:
    ///   - states: the caches that the answer is made from.
    ///   - what: what the answer is about, in the plural.
    /// - Throws: 503 unless all of them have been read: what is not known would look like nothing there.
    mutating func add(ageOf states: [CacheState], _ what: String, in cluster: ClusterAccess) throws(HTTPError)
    {
        guard !states.isEmpty, states.allSatisfy(\.isSynced) else {
            let isForbidden = states.contains(where: \.isUnavailable)
            let problem =
                cluster.problem(at: .now())
                ?? (isForbidden ? "they may not be read" : "they have not been read yet")
            throw .clusterUnavailable("the \(what) are not known: \(problem)")
        }
        if let age = states.compactMap({ $0.age(at: .now()) }).max(), age >= 1 {
            add(.age, String(Int64(age)))
        }
    }
}
