import HTTPServer
import JSON
import KubernetesModel
import KubernetesSchema

/// Answers create, update, patch and delete.
struct WriteHandler: Sendable {
    let api: ClusterAPI

    func create(_ request: ResourceRequest, _ answers: ObjectAnswers) async throws(APIStatus) -> Response {
        let definition = request.definition
        var (object, duplicates) = try RequestBody.objectAndDuplicates(request.request)
        try checkType(object, request.served)
        if request.isConverted { object.json = EventConversion.stored(object.json) }
        try placeInNamespace(&object, request)
        let options = try request.writeOptions(api.now())
        let isDryRun = try request.options.isDryRun()
        let warnings = try receive(&object, duplicates, definition, options)
        let created = object
        let stored = try await run(isDryRun) { (transaction) throws(APIStatus) in
            try transaction.create(definition, created, options)
        }
        return withWarnings(warnings, answers.one(stored, status: 201))
    }

    func update(
        _ request: ResourceRequest,
        _ part: ObjectPart,
        _ answers: ObjectAnswers
    ) async throws(APIStatus) -> Response {
        let definition = request.definition
        var (object, duplicates) = try RequestBody.objectAndDuplicates(request.request)
        try checkType(object, request.served)
        if request.isConverted { object.json = EventConversion.stored(object.json) }
        try placeInNamespace(&object, request)
        let options = try request.writeOptions(api.now())
        let warnings = try receive(&object, duplicates, definition, options)
        if object.name.isEmpty { object.name = request.key.name }
        guard object.name == request.key.name else {
            throw APIStatus.badRequest(
                "the name of the object (\(object.name)) does not match the name on the URL (\(request.key.name))"
            )
        }
        let (replacement, key) = (object, request.key)
        let stored = try await run(try request.options.isDryRun()) { (transaction) throws(APIStatus) in
            guard let present = transaction.state.object(definition.groupResource, key) else {
                throw APIStatus.notFound(definition.groupResource, key.name)
            }
            return try transaction.replace(definition, present, with: replacement, part, options)
        }
        return withWarnings(warnings, answers.one(stored))
    }

    func patch(
        _ request: ResourceRequest,
        _ part: ObjectPart,
        _ answers: ObjectAnswers
    ) async throws(APIStatus) -> Response {
        let patch = try ObjectPatch(request)
        let options = try request.writeOptions(api.now())
        let (definition, key) = (request.definition, request.key)
        let namespace = request.path.namespace ?? ""
        let outcome = try await run(try request.options.isDryRun()) { (transaction) throws(APIStatus) in
            try patch.apply(in: &transaction, definition, key, namespace: namespace, part, options)
        }
        return withWarnings(outcome.warnings, answers.one(outcome.object, status: outcome.isNew ? 201 : 200))
    }

    func delete(_ request: ResourceRequest, _ answers: ObjectAnswers) async throws(APIStatus) -> Response {
        let (options, isDryRun) = try RequestBody.deleteOptions(request.request)
        let (definition, key, now) = (request.definition, request.key, api.now())
        let outcome = try await run(isDryRun) { (transaction) throws(APIStatus) in
            guard let present = transaction.state.object(definition.groupResource, key) else {
                throw APIStatus.notFound(definition.groupResource, key.name)
            }
            return try transaction.delete(definition, present, options, now: now)
        }
        if !outcome.isGone || definition.groupResource == .pods { return answers.one(outcome.object) }
        var details: JSONValue = [
            "name": .string(key.name), "kind": .string(definition.plural), "uid": .string(outcome.object.uid),
        ]
        if !definition.group.isEmpty { details["group"] = .string(definition.group) }
        let status: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "details": details,
        ]
        return Response(json: status)
    }

    func deleteCollection(_ request: ResourceRequest, _ answers: ObjectAnswers) async throws(APIStatus)
        -> Response
    {
        let (options, isDryRun) = try RequestBody.deleteOptions(request.request)
        let selection = try Selection(request)
        let (definition, now) = (request.definition, api.now())
        let deleted = try await run(isDryRun) { (transaction) throws(APIStatus) in
            var deleted: [KubernetesObject] = []
            for object in selection.objects(of: definition.groupResource, in: transaction.state) {
                deleted.append(try transaction.delete(definition, object, options, now: now).object)
            }
            return deleted
        }
        return answers.list(deleted, metadata: ["resourceVersion": .string(String(api.state.revision))])
    }

    /// Takes out of an object what its type does not know, as the request wants it; returns what to warn of.
    private func receive(
        _ object: inout KubernetesObject,
        _ duplicates: [String],
        _ definition: ResourceDefinition,
        _ options: WriteOptions
    ) throws(APIStatus) -> [String] {
        guard let schema = ObjectSchemas.schema(of: definition, api.state) else { return [] }
        let received = try schema.receive(
            object.json,
            duplicates: duplicates,
            validation: options.fieldValidation
        )
        object.json = received.object
        return received.warnings
    }

    /// Runs a write, for good or only to see how it would end.
    func run<Value: Sendable>(
        _ isDryRun: Bool,
        _ body: @escaping ObjectStore.Body<Value>
    ) async throws(APIStatus) -> Value {
        guard isDryRun else { return try await api.store.write(body) }
        var transaction = Transaction(api.state, isRehearsal: true)
        return try body(&transaction)
    }

    private func checkType(_ object: KubernetesObject, _ definition: ResourceDefinition) throws(APIStatus) {
        if !object.apiVersion.isEmpty, object.apiVersion != definition.groupVersion.apiVersion {
            throw APIStatus.badRequest(
                "the API version in the data (\(object.apiVersion)) does not match the expected API version "
                    + "(\(definition.groupVersion.apiVersion))"
            )
        }
    }

    private func placeInNamespace(_ object: inout KubernetesObject, _ request: ResourceRequest)
        throws(APIStatus)
    {
        guard request.definition.isNamespaced, let namespace = request.path.namespace else { return }
        if object.namespace.isEmpty { object.namespace = namespace }
        guard object.namespace == namespace else {
            throw APIStatus.badRequest(
                "the namespace of the provided object does not match the namespace sent on the request"
            )
        }
    }

    /// The text as a quoted string of RFC 9110, section 5.6.4, without what may not stand in a field.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars where scalar.value >= 0x20 && scalar.value != 0x7F {
            if scalar == "\"" || scalar == "\\" { quoted.unicodeScalars.append("\\") }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }

    /// RFC 9111 §5.5 as Kubernetes uses it: 299, the agent and the quoted text.
    private func withWarnings(_ warnings: [String], _ response: Response) -> Response {
        var response = response
        for warning in warnings {
            guard let name = HTTPFieldNames.warning else { continue }
            response.add(name, "299 - \(Self.quoted(warning))")
        }
        return response
    }
}
