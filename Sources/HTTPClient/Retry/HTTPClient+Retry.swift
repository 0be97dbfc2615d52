import HTTPTypes
import JSON

extension HTTPClient {
    /// Sends a request, again if need be, and returns when the head of the answer has arrived. Deadlines hold for each attempt.
    ///
    /// - Throws: `HTTPClientError` of the last attempt; `cancelled` when the task is cancelled, also between two attempts.
    public func send(
        _ request: HTTPClientRequest,
        retrying policy: RetryPolicy
    ) async throws(HTTPClientError) -> HTTPClientResponse {
        try await attempt(
            request,
            policy,
            head: { ($0.status, $0.headers) },
            discard: { await $0.body.discard() }
        ) {
            () async throws(HTTPClientError) in try await self.send(request)
        }
    }

    /// Sends a request, again if need be, and returns when the answer is complete. Deadlines hold for each attempt.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - policy: when it is sent again.
    ///   - limit: the most bytes of the answer's body, after decompression; the request's own limit goes before.
    /// - Throws: `HTTPClientError` of the last attempt; `cancelled` when the task is cancelled, also between two attempts.
    public func fetch(
        _ request: HTTPClientRequest,
        retrying policy: RetryPolicy,
        upTo limit: Int = 16 * 1024 * 1024
    ) async throws(HTTPClientError) -> HTTPClientCollectedResponse {
        try await attempt(request, policy, head: { ($0.status, $0.headers) }, discard: { _ in }) {
            () async throws(HTTPClientError) in try await self.fetch(request, upTo: limit)
        }
    }

    private func attempt<Answer: Sendable>(
        _ request: HTTPClientRequest,
        _ policy: RetryPolicy,
        head: (Answer) -> (status: HTTPResponse.Status, headers: HTTPFields),
        discard: (Answer) async -> Void,
        _ operation: () async throws(HTTPClientError) -> Answer
    ) async throws(HTTPClientError) -> Answer {
        guard policy.allows(request) else { return try await operation() }
        var delays = policy.delays(using: AnyGenerator(configuration.makeGenerator()))
        while true {
            let outcome: Result<Answer, HTTPClientError>
            do throws(HTTPClientError) {
                outcome = .success(try await operation())
            } catch {
                outcome = .failure(error)
            }
            switch outcome {
            case .failure(let error):
                guard policy.retries(error), let delay = delays.next() else { throw error }
                try await pause(delay, request)
            case .success(let answer):
                let (status, headers) = head(answer)
                guard policy.statuses.contains(status.code), let jitter = delays.next() else { return answer }
                let wanted = RetryAfter.delay(headers, now: Timestamp.now().secondsSinceEpoch) ?? .zero
                guard wanted <= policy.maximumRetryAfter else { return answer }
                await discard(answer)
                // The jitter keeps those who were told the same time from coming at once.
                try await pause(wanted + jitter, request)
            }
        }
    }

    private func pause(_ delay: Duration, _ request: HTTPClientRequest) async throws(HTTPClientError) {
        do {
            try await configuration.clock.sleep(for: delay)
        } catch {
            let host = (try? RequestURL(request.url))?.authority ?? ""
            throw HTTPClientError(.cancelled, host: host, reason: "the request was cancelled")
        }
    }
}

/// A generator whose type is known at run time only.
private struct AnyGenerator: RandomNumberGenerator {
    private var base: any RandomNumberGenerator

    init(_ base: any RandomNumberGenerator) {
        self.base = base
    }

    mutating func next() -> UInt64 { base.next() }
}
