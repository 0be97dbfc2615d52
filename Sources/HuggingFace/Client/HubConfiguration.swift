/// How a Hub is asked.
public struct HubConfiguration: Sendable {
    /// Where it is.
    public var endpoint = HubEndpoint.standard
    /// From a question until its answer is complete, all attempts and pauses included. A question of several requests, as the list
    /// of a large repository's files, has this time for each.
    public var deadline: Duration = .seconds(20)
    /// How long one attempt may take.
    public var attempt: Duration = .seconds(10)
    /// How long a connection may take to come about.
    public var connect: Duration = .seconds(5)
    /// The most times that a request is sent.
    public var attempts = 3
    /// The longest wait that the Hub may ask for before the next attempt; when it wants more, its refusal is the answer.
    public var longestPause: Duration = .seconds(3)

    /// The public Hub.
    public init() {}

    /// The defaults for the Hub at that address.
    public init(endpoint: HubEndpoint) {
        self.endpoint = endpoint
    }
}
