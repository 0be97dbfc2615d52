import JSON
import Kubernetes
import KubernetesModel
import Runtimes

/// The original as it was read.
private struct OriginalSecret: Sendable, Hashable {
    let revision: Int64
    /// The token in base 64; nil when copies are to go.
    let token: String?
}

extension HubTokenSecrets {
    /// How often something is begun again because others have written meanwhile.
    private static let mostAttempts = 100
    /// How many namespaces are written to at once.
    private static let width = 16

    // MARK: The original

    /// Writes the original: with a token, or without one to say that copies are to go.
    ///
    /// Only the state that was read is replaced, and each has a higher revision than the one before, whichever process writes.
    func writeOriginal(_ token: String?) async throws(Failure) {
        for attempt in 0..<Self.mostAttempts {
            let found = try await readOriginal()
            if found == nil, token == nil, copies.snapshot.values.isEmpty { return }
            // Where the original was lost, the copies still know how far it had come.
            let known = copies.snapshot.values.values.filter(\.isManaged).map(\.revision).max() ?? 0
            let object = HubTokenSecret.object(
                HubTokenSecret.originalName,
                namespace: ownNamespace,
                token: token,
                revision: max(known, found.map(HubTokenSecret.revision) ?? 0) + 1,
                replacing: found?.resourceVersion
            )
            do throws(KubernetesError) {
                if found == nil {
                    _ = try await client.create(
                        HubTokenSecret.resource,
                        object,
                        makingNamespace: ownNamespace
                    )
                } else {
                    _ = try await client.update(
                        HubTokenSecret.resource,
                        object,
                        namespace: ownNamespace,
                        options: WriteOptions(fieldManager: OwnMarks.manager)
                    )
                }
                return
            } catch {
                let isRace = error.isConflict || error.isAlreadyExists || (found != nil && error.isNotFound)
                guard isRace else { throw .kubernetes(error.hiding(token), doing: "save the token") }
            }
            // Those who collide are to come apart.
            let pause = Duration.milliseconds(Int.random(in: 0...min(10 + attempt * 5, 200)))
            try? await Task.sleep(for: pause)
        }
        throw .contended
    }

    private func readOriginal() async throws(Failure) -> KubernetesObject? {
        do throws(KubernetesError) {
            return KubernetesObject(
                try await client.get(
                    HubTokenSecret.resource,
                    HubTokenSecret.originalName,
                    namespace: ownNamespace
                )
            )
        } catch {
            if error.isNotFound { return nil }
            throw .kubernetes(error, doing: "read the token that is saved")
        }
    }

    private func original() async throws(Failure) -> OriginalSecret? {
        try await readOriginal().map { object in
            OriginalSecret(revision: HubTokenSecret.revision(object), token: HubTokenSecret.token(object))
        }
    }

    // MARK: The copies

    /// Brings the copies to the state of the original, in all namespaces at once. When the original has changed meanwhile, it is done
    /// again: what was copied may have come after what was copied of the later one.
    func copyOriginal() async throws(Failure) -> [Outcome] {
        for _ in 0..<Self.mostAttempts {
            let original = try await original()
            let namespaces = namespaces
            guard let original else { return namespaces.map { Outcome(namespace: $0, problem: nil) } }
            let outcomes = await copy(original, to: namespaces)
            if try await self.original() == original { return outcomes }
        }
        throw .contended
    }

    /// Brings one copy to the state of the original; returns whether there is a token in it then.
    func copyOriginal(to namespace: String) async -> Bool {
        while !Task.isCancelled {
            guard let original = try? await original(), original.token != nil,
                await copy(original, to: namespace).problem == nil,
                let later = try? await self.original()
            else { return false }
            if later == original { return true }
        }
        return false
    }

    private func copy(_ original: OriginalSecret, to namespaces: [String]) async -> [Outcome] {
        await withTaskGroup(of: (Int, Outcome).self) { group in
            var outcomes: [Outcome?] = Array(repeating: nil, count: namespaces.count)
            for (index, namespace) in namespaces.enumerated() {
                if index >= Self.width, let (done, outcome) = await group.next() { outcomes[done] = outcome }
                group.addTask { (index, await self.copy(original, to: namespace)) }
            }
            for await (index, outcome) in group { outcomes[index] = outcome }
            return outcomes.compactMap { $0 }
        }
    }

    private func copy(_ original: OriginalSecret, to namespace: String) async -> Outcome {
        do throws(KubernetesError) {
            for _ in 0..<Self.mostAttempts {
                if let outcome = try await attemptCopy(original, to: namespace) { return outcome }
            }
            return Outcome(namespace: namespace, problem: "others write the secret all the time")
        } catch {
            return Outcome(namespace: namespace, problem: "\(error.hiding(original.token))")
        }
    }

    /// What became of the copy; nil when others have written meanwhile.
    private func attemptCopy(
        _ original: OriginalSecret,
        to namespace: String
    ) async throws(KubernetesError) -> Outcome? {
        let done = Outcome(namespace: namespace, problem: nil)
        let found = try await readCopy(namespace)
        guard let found else {
            guard original.token != nil else { return done }
            return try await isWritten { () throws(KubernetesError) in
                try await self.client.create(
                    HubTokenSecret.resource,
                    self.copy(of: original, namespace),
                    makingNamespace: namespace
                )
            } ? done : nil
        }
        guard HubTokenSecret.isManaged(found) else {
            return Outcome(
                namespace: namespace,
                problem: "the secret \(HubTokenSecret.name) there is not Ingot's and was left as it is",
                isForeign: true
            )
        }
        let revision = HubTokenSecret.revision(found)
        // A later one is there already.
        if revision > original.revision { return done }
        guard original.token != nil else { return try await isDeleted(found) ? done : nil }
        if revision == original.revision, HubTokenSecret.token(found) == original.token { return done }
        return try await isWritten { () throws(KubernetesError) in
            try await self.client.update(
                HubTokenSecret.resource,
                self.copy(of: original, namespace, replacing: found.resourceVersion),
                namespace: namespace,
                options: WriteOptions(fieldManager: OwnMarks.manager)
            )
        } ? done : nil
    }

    private func copy(
        of original: OriginalSecret,
        _ namespace: String,
        replacing resourceVersion: String? = nil
    ) -> JSONValue {
        HubTokenSecret.object(
            HubTokenSecret.name,
            namespace: namespace,
            token: original.token,
            revision: original.revision,
            replacing: resourceVersion
        )
    }

    private func readCopy(_ namespace: String) async throws(KubernetesError) -> KubernetesObject? {
        do throws(KubernetesError) {
            return KubernetesObject(
                try await client.get(HubTokenSecret.resource, HubTokenSecret.name, namespace: namespace)
            )
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }

    /// Whether a copy was written; it was not when others have written meanwhile.
    private func isWritten(
        _ write: () async throws(KubernetesError) -> JSONValue
    ) async throws(KubernetesError) -> Bool {
        do throws(KubernetesError) {
            copies.learn(try await write())
            return true
        } catch {
            guard error.isConflict || error.isAlreadyExists || error.isNotFound else { throw error }
            return false
        }
    }

    /// Whether a copy is gone; it was not deleted when others have written meanwhile.
    private func isDeleted(_ found: KubernetesObject) async throws(KubernetesError) -> Bool {
        do throws(KubernetesError) {
            try await client.delete(
                HubTokenSecret.resource,
                HubTokenSecret.name,
                namespace: found.namespace,
                options: DeleteOptions(uid: found.uid, resourceVersion: found.resourceVersion)
            )
        } catch {
            if error.isConflict { return false }
            guard error.isNotFound else { throw error }
        }
        let key = ResourceKey(namespace: found.namespace, name: HubTokenSecret.name)
        copies.forget(key, upTo: found.resourceVersion)
        return true
    }
}
