import HTTPServer
import HTTPTypes
import JSON
import KubernetesModel

/// A request for a resource, once its path is understood.
struct ResourceRequest: Sendable {
    let request: Request
    let path: ResourcePath
    /// The collection that the path names.
    let served: ResourceDefinition
    /// The collection under which its objects are stored, which is another one for events of events.k8s.io.
    let definition: ResourceDefinition
    /// Who asks.
    let caller: Caller

    init(request: Request, path: ResourcePath, served: ResourceDefinition, caller: Caller) {
        self.request = request
        self.path = path
        self.served = served
        self.caller = caller
        definition = EventConversion.stored(served)
    }

    /// Whether objects are stored in another form than they are served in.
    var isConverted: Bool { served.group != definition.group }

    /// The options in the query.
    var options: RequestOptions { RequestOptions(query: request.query) }

    /// The key of the object that the path names.
    var key: ObjectKey { ObjectKey(namespace: path.namespace ?? "", name: path.name ?? "") }

    /// Whose change a write is.
    func writeOptions(_ now: Timestamp) throws(APIStatus) -> WriteOptions {
        WriteOptions(
            manager: try options.manager(userAgent: request[.userAgent]),
            now: now,
            fieldValidation: try options.fieldValidation()
        )
    }
}

/// Who makes a request, as a token told.
struct Caller: Sendable, Hashable {
    /// The name, such as `system:serviceaccount:default:web`.
    var name: String
    /// The groups.
    var groups: [String]
    /// The UID; empty when there is none.
    var uid = ""

    /// The holder of the cluster's own token.
    static let administrator = Caller(
        name: "ingot:admin",
        groups: ["system:masters", "system:authenticated"]
    )
}
