public import HuggingFace
import JSON
import Kubernetes
import KubernetesModel
public import Runtimes

/// Makes, changes and ends deployments.
public struct DeploymentService: Sendable {
    /// The cluster that they run in.
    public let cluster: ClusterAccess
    /// Plans them.
    public let planner: DeploymentPlanner

    /// Who writes, as `managedFields` notes it.
    static let manager = "ingot"

    /// A service for a cluster.
    public init(cluster: ClusterAccess, models: ModelSources, fit: FitService) {
        self.cluster = cluster
        planner = DeploymentPlanner(cluster: cluster, models: models, fit: fit)
    }

    /// What was made.
    public struct Created: Sendable {
        /// The plan that was carried out.
        public let plan: DeploymentPlan
        /// The deployment as the API server has it, so far without pods.
        public let record: DeploymentRecord
        /// Whether an earlier request with the same key had made it.
        public let isRepeated: Bool
    }

    // MARK: Creating

    /// Makes a deployment.
    ///
    /// - Parameters:
    ///   - mark: knows the request again if it is sent again; nil for one that is to be refused then.
    ///   - isStrict: whether to refuse what is known not to fit.
    public func create(
        _ request: DeploymentRequest,
        mark: IdempotencyMark?,
        token: HubToken?,
        isStrict: Bool
    ) async throws(DeploymentFailure) -> Created {
        let client = try connected()
        var plan = try await planner.plan(request, token: token, isPatient: isStrict)
        if isStrict, !plan.obstacles.isEmpty { throw .doesNotFit(plan.obstacles) }
        let spec = plan.spec
        if let other = cluster.deployments.snapshot.named(spec.name, namespace: spec.namespace).first {
            let taken = DeploymentFailure.conflict(
                "there is a deployment \(spec.name) in the namespace \(spec.namespace) already"
            )
            return try await repeated(plan, mark, client, other.reading.runtime, else: taken)
        }
        try await prepareNamespace(spec.namespace, client)
        try await checkSecret(&plan, client)
        guard let first = plan.manifests.first else {
            throw .invalid([JSONFieldProblem("provider", "makes no objects")])
        }
        var primary = KubernetesObject(first.object)
        mark?.mark(&primary)
        let made: JSONValue
        do throws(DeploymentFailure) {
            // Everything is tried before anything is made.
            for manifest in plan.manifests {
                _ = try await make(manifest.object, manifest.resource, spec, client, isDryRun: true)
            }
            made = try await make(primary.json, first.resource, spec, client)
        } catch {
            // The same request may be on its way a second time, and the first have come here sooner.
            guard case .conflict = error else { throw error }
            return try await repeated(plan, mark, client, spec.runtime, else: error)
        }
        primary = KubernetesObject(made)
        do throws(DeploymentFailure) {
            for manifest in plan.manifests.dropFirst() {
                var object = KubernetesObject(manifest.object)
                object.ownerReferences = [OwnerReference(controller: primary)]
                _ = try await make(object.json, manifest.resource, spec, client)
            }
        } catch {
            await undo(primary, first.resource, client)
            throw error
        }
        if let profile = plan.profile { planner.models.profiles.keep(profile, for: primary.uid) }
        let record = try record(of: primary, spec.runtime)
        await cluster.deployments.showWritten(record)
        return Created(plan: plan, record: record, isRepeated: false)
    }

    private func make(
        _ object: JSONValue,
        _ resource: GroupVersionResource,
        _ spec: DeploymentSpec,
        _ client: KubernetesClient,
        isDryRun: Bool = false
    ) async throws(DeploymentFailure) -> JSONValue {
        let kind = KubernetesObject(object).kind
        do throws(KubernetesError) {
            return try await client.create(
                resource,
                object,
                namespace: spec.namespace,
                options: WriteOptions(
                    fieldManager: Self.manager,
                    isDryRun: isDryRun,
                    fieldValidation: .strict
                )
            )
        } catch {
            if error.isAlreadyExists {
                let name = KubernetesObject(object).name
                throw .conflict("there is a \(kind) \(name) in the namespace \(spec.namespace) already")
            }
            throw .kubernetes(error, doing: "create the \(kind)")
        }
    }

    /// Takes back what was made of a deployment that could not be completed; what it owns goes with it.
    private func undo(
        _ primary: KubernetesObject,
        _ resource: GroupVersionResource,
        _ client: KubernetesClient
    )
        async
    {
        let options = DeleteOptions(propagation: .background, uid: primary.uid)
        // Not to be cut short with the request: the task of its own goes on when the client has gone.
        await Task {
            _ = try? await client.delete(
                resource,
                primary.name,
                namespace: primary.namespace,
                options: options
            )
        }
        .value
    }

    /// The answer to a request whose deployment is there: that of the first time if it is the same request, else a refusal.
    private func repeated(
        _ plan: DeploymentPlan,
        _ mark: IdempotencyMark?,
        _ client: KubernetesClient,
        _ runtime: RuntimeID,
        else refusal: DeploymentFailure
    ) async throws(DeploymentFailure) -> Created {
        guard let mark, let type = Runtimes.runtime(runtime)?.primary else { throw refusal }
        let found: KubernetesObject
        do throws(KubernetesError) {
            found = KubernetesObject(
                try await client.get(type.resource, plan.spec.name, namespace: plan.spec.namespace)
            )
        } catch {
            if error.isNotFound { throw refusal }
            throw .kubernetes(error, doing: "read the \(type.kind)")
        }
        guard let earlier = IdempotencyMark(of: found), earlier.key == mark.key else { throw refusal }
        guard earlier.content == mark.content else {
            throw .conflict("the Idempotency-Key was used for another deployment; choose another key")
        }
        let record = try record(of: found, runtime)
        await cluster.deployments.showWritten(record)
        return Created(plan: plan, record: record, isRepeated: true)
    }

    /// The deployment that an object stands for, so far without pods.
    func record(
        of object: KubernetesObject,
        _ runtime: RuntimeID
    ) throws(DeploymentFailure) -> DeploymentRecord {
        guard let reading = Runtimes.runtime(runtime)?.read(object) else {
            throw .notFound("\(object.kind) \(object.name) serves no model")
        }
        return DeploymentRecord(reading, [], revision: 0)
    }

    // MARK: Surroundings

    /// A client, once the API server is known to answer.
    func connected() throws(DeploymentFailure) -> KubernetesClient {
        do throws(ClusterUnavailable) {
            try cluster.requireConnection(at: .now())
        } catch {
            throw .unavailable(error)
        }
        guard let client = cluster.client else {
            throw .unavailable(ClusterUnavailable(reason: "no cluster is configured"))
        }
        return client
    }

    /// Makes the namespace that deployments go to by default. Any other one has to be there: a name that was mistyped is none.
    private func prepareNamespace(
        _ name: String,
        _ client: KubernetesClient
    ) async throws(DeploymentFailure) {
        guard let caches = cluster.caches, caches.namespaces.state.isSynced,
            caches.namespaces[ResourceKey(name: name)] == nil
        else { return }
        let resource = GroupVersionResource(version: "v1", resource: "namespaces")
        guard name == cluster.defaultNamespace else {
            // The cache may be a moment behind.
            do throws(KubernetesError) {
                _ = try await client.get(resource, name)
                return
            } catch {
                guard error.isNotFound else { throw .kubernetes(error, doing: "read the namespace") }
                throw .invalid([
                    JSONFieldProblem("namespace", "\(name) does not exist; create it, or leave the field out")
                ])
            }
        }
        do throws(KubernetesError) {
            _ = try await client.create(
                resource,
                [
                    "apiVersion": "v1", "kind": "Namespace",
                    "metadata": [
                        "name": .string(name), "labels": [OwnMarks.managedBy: .string(OwnMarks.manager)],
                    ],
                ],
                options: WriteOptions(fieldManager: Self.manager)
            )
        } catch {
            guard !error.isAlreadyExists else { return }
            throw .kubernetes(error, doing: "create the namespace \(name)")
        }
    }

    /// Leaves out a token that is not there: a model that is open to all needs none, and its pods would wait for the secret.
    private func checkSecret(
        _ plan: inout DeploymentPlan,
        _ client: KubernetesClient
    ) async throws(DeploymentFailure) {
        guard let name = plan.spec.tokenSecret else { return }
        let namespace = plan.spec.namespace
        do throws(KubernetesError) {
            _ = try await client.get(
                GroupVersionResource(version: "v1", resource: "secrets"),
                name,
                namespace: namespace
            )
        } catch {
            guard error.isNotFound else { return }
            if name == HubTokenSecret.name, await cluster.hubToken?.provide(namespace) == true { return }
            plan.spec.tokenSecret = nil
            plan.manifests = try planner.render(plan.spec)
            plan.warnings.append(
                "there is no secret \(name) in the namespace \(namespace): the model is loaded without a token, which gated models do not allow"
            )
        }
    }
}
