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
            guard error.isNotFound || error.isConflict else {
                throw .kubernetes(error, doing: "delete the \(type.kind)")
            }
        }
        await cluster.deployments.showDeleted(record)
    }

    /// Changes a deployment in place.
    ///
    /// - Parameter changes: the fields that are to be otherwise (a JSON merge patch, RFC 7396): null takes one away.
    /// - Returns: the deployment as the API server has it then.
    public func change(
        _ record: DeploymentRecord,
        _ changes: JSONValue
    ) async throws(DeploymentFailure) -> DeploymentRecord {
        let own = try await ownObject(record, "change")
        let spec = own.spec
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
        for problems in [
            Self.identityProblems(spec, changed), Self.permanenceProblems(spec, changed, changes),
        ] where !problems.isEmpty {
            throw .invalid(problems)
        }
        return try await apply(changed, instead: own)
    }

    /// Ends the pods of a deployment and starts them anew, as its runtime does when their template changes.
    ///
    /// - Parameter now: becomes part of the template.
    public func restart(
        _ record: DeploymentRecord,
        at now: Timestamp
    ) async throws(DeploymentFailure) -> DeploymentRecord {
        let own = try await ownObject(record, "restart")
        if let permanence = Runtimes.runtime(own.spec.runtime)?.permanence {
            throw .conflict(
                "\(own.spec.name) cannot be restarted by a change: \(permanence); delete its pods, and others are made like them"
            )
        }
        var changed = own.spec
        changed.podAnnotations["ingot.dev/restarted-at"] = "\(now)"
        return try await apply(changed, instead: own)
    }

    // MARK: Parts

    /// The object that stands for a deployment of Ingot's, and what it was rendered from.
    private struct OwnObject {
        var live: KubernetesObject
        let spec: DeploymentSpec
        let version: Int
    }

    private func requireOwn(_ record: DeploymentRecord, _ verb: String) throws(DeploymentFailure) {
        let reading = record.reading
        guard reading.isManaged, reading.spec != nil else {
            throw .conflict(
                "Ingot has not made \(reading.name) and does not \(verb) it; use the tool that made it"
            )
        }
    }

    /// The object as the API server has it: what is known by watching may be a change behind.
    private func ownObject(
        _ record: DeploymentRecord,
        _ verb: String
    ) async throws(DeploymentFailure) -> OwnObject {
        try requireOwn(record, verb)
        let reading = record.reading
        guard let type = Runtimes.runtime(reading.runtime)?.primary else {
            throw .notFound("\(reading.name) has an unknown runtime")
        }
        let live = try await read(type, reading.name, reading.namespace, try connected())
        guard live.uid == reading.uid, let (spec, version) = OwnMarks.specification(of: live) else {
            throw .notFound("the deployment \(reading.name) was replaced meanwhile; look at it anew")
        }
        return OwnObject(live: live, spec: spec, version: version)
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

    /// What is to be otherwise though the runtime does not heed it.
    private static func permanenceProblems(
        _ old: DeploymentSpec,
        _ new: DeploymentSpec,
        _ changes: JSONValue
    ) -> [JSONFieldProblem] {
        guard old != new, let permanence = Runtimes.runtime(old.runtime)?.permanence else { return [] }
        return (changes.objectValue ?? JSONMembers()).map { change in
            JSONFieldProblem(
                change.key,
                "cannot be changed in place: \(permanence); delete the deployment and make another"
            )
        }
    }

    /// How often an object is written anew that its controllers have written meanwhile.
    private static let attempts = 8

    /// Gives the objects of a deployment the form that another specification has. They are rendered as they were the first time.
    private func apply(
        _ spec: DeploymentSpec,
        instead own: OwnObject
    ) async throws(DeploymentFailure) -> DeploymentRecord {
        let client = try connected()
        guard let type = Runtimes.runtime(spec.runtime)?.primary else {
            throw .notFound("\(spec.name) has an unknown runtime")
        }
        let before = try planner.render(own.spec, version: own.version)
        let after = try planner.render(spec, version: own.version)
        var live = own.live
        for (index, manifest) in after.enumerated() where index == 0 || !before.contains(manifest) {
            var attempt = 1
            while true {
                do throws(DeploymentFailure) {
                    try await write(manifest, instead: index == 0 ? live : nil, live, client)
                    break
                } catch {
                    guard case .conflict = error, attempt < Self.attempts else { throw error }
                    attempt += 1
                    guard index == 0 else { continue }
                    // A controller writes the status of what it works on; only who has changed the wish was faster.
                    live = try await read(type, spec.name, spec.namespace, client)
                    guard live.uid == own.live.uid, OwnMarks.specification(of: live)?.spec == own.spec else {
                        throw error
                    }
                }
            }
        }
        live = try await read(type, spec.name, spec.namespace, client)
        let record = try record(of: live, spec.runtime)
        await cluster.deployments.showWritten(record)
        return record
    }

    private func read(
        _ type: ManifestType,
        _ name: String,
        _ namespace: String,
        _ client: KubernetesClient
    ) async throws(DeploymentFailure) -> KubernetesObject {
        do throws(KubernetesError) {
            return KubernetesObject(try await client.get(type.resource, name, namespace: namespace))
        } catch {
            if error.isNotFound { throw .notFound("there is no \(type.kind) \(name) any more") }
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
