/// Those who wait until a deployment is known in a certain way.
struct DeploymentWaits {
    typealias Condition = @Sendable (DeploymentRecord?) -> Bool

    private struct Wait {
        let number: UInt64
        let condition: Condition
        let continuation: CheckedContinuation<Void, Never>
    }

    private var waits: [DeploymentKey: [Wait]] = [:]

    /// Whether nobody waits.
    var isEmpty: Bool { waits.isEmpty }

    mutating func add(
        _ number: UInt64,
        _ key: DeploymentKey,
        _ condition: @escaping Condition,
        _ continuation: CheckedContinuation<Void, Never>
    ) {
        waits[key, default: []].append(
            Wait(number: number, condition: condition, continuation: continuation)
        )
    }

    /// Ends a wait whose condition may not hold.
    mutating func end(_ number: UInt64, _ key: DeploymentKey) {
        end(key) { $0.number == number }
    }

    /// Ends the waits for a deployment whose conditions hold for what is known of it now.
    mutating func end(_ key: DeploymentKey, known record: DeploymentRecord?) {
        end(key) { $0.condition(record) }
    }

    private mutating func end(_ key: DeploymentKey, where isOver: (Wait) -> Bool) {
        guard let present = waits[key] else { return }
        let remaining = present.filter { wait in
            guard isOver(wait) else { return true }
            wait.continuation.resume()
            return false
        }
        waits[key] = remaining.isEmpty ? nil : remaining
    }
}
