import Runtimes

/// Whoever has the answer to a write and asks then is told of what was written: the answer waits for the watch. A watch that is late or
/// has failed does not hold it up for long.
extension DeploymentIndex {
    private static let patience = Duration.seconds(1)

    /// Waits a moment until the deployment is known as it was written, or another has taken its place.
    func showWritten(_ written: DeploymentRecord) async {
        let (uid, spec) = (written.reading.uid, written.reading.spec)
        await show(written.key) { known in
            guard let known else { return false }
            return known.reading.uid != uid || known.reading.spec == spec
        }
    }

    /// Waits a moment until the deployment is known to go or to have gone.
    func showDeleted(_ deleted: DeploymentRecord) async {
        let uid = deleted.reading.uid
        await show(deleted.key) { known in
            guard let known, known.reading.uid == uid else { return true }
            return known.reading.isBeingDeleted
        }
    }

    private func show(
        _ key: DeploymentKey,
        until condition: @escaping @Sendable (DeploymentRecord?) -> Bool
    ) async {
        _ = await within(Self.patience) { await self.wait(for: key, until: condition) }
    }
}
