import HTTPServer
import JSON
import KubernetesModel

/// Answers get and list.
struct ReadHandler: Sendable {
    let api: ClusterAPI
    let pages: PagedLists

    func get(_ request: ResourceRequest, _ answers: ObjectAnswers) throws(APIStatus) -> Response {
        guard let object = api.get(request.definition.groupResource, request.key) else {
            throw APIStatus.notFound(request.definition.groupResource, request.key.name)
        }
        return answers.one(object)
    }

    func list(_ request: ResourceRequest, _ answers: ObjectAnswers) throws(APIStatus) -> Response {
        let options = request.options
        let selection = try Selection(request)
        let limit = max(0, try options.integer("limit") ?? 0)
        var state = api.state
        var after: ObjectKey?
        if let token = request.request.query["continue"], !token.isEmpty {
            (state, after) = try pages.resume(token)
        } else {
            try checkResourceVersion(options, state)
        }
        let all = selection.objects(of: request.definition.groupResource, in: state)
        var rest = all[...]
        if let after { rest = rest.drop { !(after < ObjectKey($0)) } }
        let page = limit > 0 ? rest.prefix(Int(clamping: limit)) : rest
        var metadata: JSONValue = ["resourceVersion": .string(String(state.revision))]
        if page.count < rest.count, let last = page.last {
            metadata["continue"] = .string(pages.token(for: state, after: ObjectKey(last)))
            metadata["remainingItemCount"] = .integer(Int64(rest.count - page.count))
        }
        return answers.list(Array(page), metadata: metadata)
    }

    /// A list at an exact version is only there while that is the present one; one not older than a version waits for nothing,
    /// since what is in memory is always the latest.
    private func checkResourceVersion(_ options: RequestOptions, _ state: ClusterState) throws(APIStatus) {
        guard let text = options.query["resourceVersion"], !text.isEmpty, text != "0" else { return }
        guard let version = UInt64(text) else {
            throw APIStatus.badRequest("resourceVersion: Invalid value: \"\(text)\": must be a number")
        }
        if version > state.revision {
            throw APIStatus.resourceVersionTooLarge(version, current: state.revision)
        }
        if options.query["resourceVersionMatch"] == "Exact", version != state.revision {
            throw APIStatus.resourceVersionTooOld(version, oldest: state.revision)
        }
    }
}

/// Which objects of a collection a request is about.
struct Selection: Sendable {
    let namespace: String?
    let labels: LabelSelector
    let fields: FieldSelector
    /// The name, when a list or watch is asked for one object's path.
    let name: String?

    init(_ request: ResourceRequest) throws(APIStatus) {
        namespace = request.path.namespace
        labels = try request.options.labelSelector()
        let fields = try request.options.fieldSelector()
        self.fields = request.isConverted ? fields.renamed(EventConversion.storedField) : fields
        name = request.path.name
        for requirement in self.fields.requirements
        where !SelectableFields.allows(requirement.path, request.definition) {
            throw APIStatus.badRequest("field label not supported: \(requirement.path)")
        }
    }

    func contains(_ object: KubernetesObject) -> Bool {
        (namespace == nil || object.namespace == namespace) && (name == nil || object.name == name)
            && object.matches(labels) && fields.matches(object.json)
    }

    func objects(of resource: GroupResource, in state: ClusterState) -> [KubernetesObject] {
        state.objects(resource, in: namespace).filter(contains)
    }
}

extension FieldSelector {
    /// The same conditions on fields of other names.
    fileprivate func renamed(_ name: (String) -> String) -> FieldSelector {
        FieldSelector(
            requirements.map { Requirement(path: name($0.path), value: $0.value, isEqual: $0.isEqual) }
        )
    }
}

/// The fields by which objects can be selected, as upstream has them for each kind.
enum SelectableFields {
    private static let byResource: [GroupResource: Set<String>] = [
        .pods: [
            "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase", "status.podIP", "status.nominatedNodeName",
        ],
        .nodes: ["spec.unschedulable"],
        .namespaces: ["status.phase"],
        .secrets: ["type"],
        .services: ["spec.clusterIP", "spec.type"],
        .jobs: ["status.successful"],
        .replicaSets: ["status.replicas"],
        .events: [
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
            "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath",
            "reason",
            "reportingComponent", "source", "type",
        ],
    ]

    static func allows(_ path: String, _ definition: ResourceDefinition) -> Bool {
        path == "metadata.name" || path == "metadata.namespace"
            || byResource[definition.groupResource]?.contains(path) == true
    }
}
