public import JSON
import Kubernetes
import KubernetesModel
import Runtimes

extension DeploymentService {
    /// Ends a deployment: deletes its object, and with it what the object owns. One that is being deleted already is left to it.
    public func delete(_ record: DeploymentRecord) async throws(DeploymentFailure) {
        try requireOwn(record, "delete")
        let client = try connected()
        guard !record.reading.isBeingDeleted, let type = Runtimes.runtime(record.reading.runtime)?.primary
        else { return }
        do throws(KubernetesError) {
            _ = try await client.delete(
                type.resource,
                record.reading.name,
                namespace: record.reading.namespace,
                options: DeleteOptions(propagation: .background, uid: record.reading.uid)
            )
        } catch {
            // Somebody else was faster, or another one of that name was made meanwhile: this one is gone.
            guard !error.isNotFound, !error.isConflict else { return }
            throw .kubernetes(error, doing: "delete the \(type.kind)")
        }
    }

    /// Changes a deployment in place.
    ///
    /// - Parameter changes: the fields that are to be otherwise (a JSON merge patch, RFC 7396): null takes one away.
    /// - Returns: the deployment as the API server has it then.
    public func change(
        _ record: DeploymentRecord,
        _ changes: JSONValue
    ) async throws(DeploymentFailure) -> DeploymentRecord {
        let spec = try requireOwn(record, "change")
        guard changes.objectValue != nil else {
            throw .invalid([JSONFieldProblem("the body", "must be an object with the fields to change")])
        }
        let wished = spec.json.merged(with: changes)
        let request: DeploymentRequest
        do throws(InvalidDeployment) {
            request = try DeploymentRequest(json: wished)
        } catch {
            throw .invalid(error.problems)
        }
        var changed = request.spec(
            on: request.runtime ?? spec.runtime,
            engine: request.engine ?? spec.engine,
            namespace: spec.namespace
        )
        // Fields that a specification's JSON leaves to their defaults must not change with the engine's.
        if wished[at: "resources", "gpu"] == nil { changed.workers.gpus = spec.workers.gpus }
        let fixed = Self.identityProblems(spec, changed)
        guard fixed.isEmpty else { throw .invalid(fixed) }
        return try await apply(changed, instead: spec, record)
    }

    /// Ends the pods of a deployment and starts them anew, as its runtime does when their template changes.
    ///
    /// - Parameter now: becomes part of the template.
    public func restart(
        _ record: DeploymentRecord,
        at now: Timestamp
    ) async throws(DeploymentFailure) -> DeploymentRecord {
        let spec = try requireOwn(record, "restart")
        var changed = spec
        changed.podAnnotations["ingot.dev/restarted-at"] = "\(now)"
        return try await apply(changed, instead: spec, record)
    }

    // MARK: Parts

    @discardableResult
    private func requireOwn(
        _ record: DeploymentRecord,
        _ verb: String
    ) throws(DeploymentFailure) -> DeploymentSpec {
        let reading = record.reading
        guard reading.isManaged, let spec = reading.spec else {
            throw .conflict(
                "Ingot has not made \(reading.name) and does not \(verb) it; use the tool that made it"
            )
        }
        return spec
    }

    /// What makes a deployment the one that it is.
    private static func identityProblems(
        _ old: DeploymentSpec,
        _ new: DeploymentSpec
    ) -> [JSONFieldProblem] {
        let parts: [(String, Bool)] = [
            ("name", old.name == new.name), ("namespace", old.namespace == new.namespace),
            ("provider", old.runtime == new.runtime), ("modelId", old.model.id == new.model.id),
            ("ggufFile", old.model.file == new.model.file), ("engine", old.engine == new.engine),
            ("mode", old.mode == new.mode),
        ]
        return parts.filter { !$0.1 }.map { field, _ in
            JSONFieldProblem(
                field,
                "cannot be changed in place: it makes the deployment the one that it is; delete it and make another"
            )
        }
    }

    /// Gives the objects of a deployment the form that another specification has. They are rendered as they were the first time.
    private func apply(
        _ spec: DeploymentSpec,
        instead old: DeploymentSpec,
        _ record: DeploymentRecord
    ) async throws(DeploymentFailure) -> DeploymentRecord {
        let client = try connected()
        guard let type = Runtimes.runtime(spec.runtime)?.primary else {
            throw .notFound("\(spec.name) has an unknown runtime")
        }
        var live = try await read(type, spec, client)
        guard live.uid == record.reading.uid, let version = OwnMarks.specification(of: live)?.version else {
            throw .notFound("the deployment \(spec.name) was replaced meanwhile; look at it anew")
        }
        let (before, after) = (
            try planner.render(old, version: version), try planner.render(spec, version: version)
        )
        for (index, manifest) in after.enumerated() where index == 0 || !before.contains(manifest) {
            try await write(manifest, instead: index == 0 ? live : nil, live, client)
        }
        live = try await read(type, spec, client)
        return try self.record(of: live, spec.runtime)
    }

    private func read(
        _ type: ManifestType,
        _ spec: DeploymentSpec,
        _ client: KubernetesClient
    ) async throws(DeploymentFailure) -> KubernetesObject {
        do throws(KubernetesError) {
            return KubernetesObject(
                try await client.get(type.resource, spec.name, namespace: spec.namespace)
            )
        } catch {
            if error.isNotFound { throw .notFound("there is no \(type.kind) \(spec.name) any more") }
            throw .kubernetes(error, doing: "read the \(type.kind)")
        }
    }

    /// Replaces what an object wishes for and leaves the rest as it is; the resource version sees to it that nothing is overwritten
    /// that somebody has written meanwhile.
    private func write(
        _ manifest: Manifest,
        instead live: KubernetesObject?,
        _ owner: KubernetesObject,
        _ client: KubernetesClient
    ) async throws(DeploymentFailure) {
        let wished = KubernetesObject(manifest.object)
        do throws(KubernetesError) {
            var object = live
            if object == nil {
                do throws(KubernetesError) {
                    object = KubernetesObject(
                        try await client.get(manifest.resource, wished.name, namespace: owner.namespace)
                    )
                } catch {
                    guard error.isNotFound else { throw error }
                }
            }
            let options = WriteOptions(fieldManager: Self.manager, fieldValidation: .strict)
            guard var object else {
                var new = wished
                new.ownerReferences = [OwnerReference(controller: owner)]
                _ = try await client.create(
                    manifest.resource,
                    new.json,
                    namespace: owner.namespace,
                    options: options
                )
                return
            }
            for member in wished.json.objectValue ?? JSONMembers()
            where !["apiVersion", "kind", "metadata", "status"].contains(member.key) {
                object.json[member.key] = Self.keepingAddresses(member.value, of: object, member.key)
            }
            for (key, value) in wished.labels { object.setLabel(key, value) }
            for (key, value) in wished.annotations { object.setAnnotation(key, value) }
            _ = try await client.update(
                manifest.resource,
                object.json,
                namespace: owner.namespace,
                options: options
            )
        } catch {
            if error.isConflict {
                throw .conflict(
                    "\(wished.kind) \(wished.name) was changed by somebody else just now; try again"
                )
            }
            throw .kubernetes(error, doing: "change the \(wished.kind)")
        }
    }

    /// A service keeps the addresses that it was given.
    private static func keepingAddresses(
        _ wished: JSONValue,
        of object: KubernetesObject,
        _ member: String
    ) -> JSONValue {
        guard object.kind == "Service", member == "spec" else { return wished }
        var spec = wished
        for key in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
            spec[key] = object.spec[key]
        }
        return spec
    }
}
