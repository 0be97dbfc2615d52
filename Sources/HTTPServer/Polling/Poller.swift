/// What a poller watches a file descriptor for.
struct PollInterest: OptionSet, Sendable {
    let rawValue: UInt8

    static let read = PollInterest(rawValue: 1)
    static let write = PollInterest(rawValue: 2)
}

/// What a poller saw.
struct PollEvent: Sendable {
    /// The token given with the descriptor.
    var token: UInt64
    var isReadable: Bool
    var isWritable: Bool
    /// The connection is gone in both directions, or broken.
    var isBroken: Bool
}

/// Waits for readiness of many file descriptors. Level-triggered: what is not taken is reported again.
///
/// One event loop owns a poller and calls it from one thread.
protocol Poller: AnyObject {
    func add(_ descriptor: Int32, token: UInt64, interest: PollInterest) throws(SocketError)
    func update(_ descriptor: Int32, token: UInt64, interest: PollInterest) throws(SocketError)
    /// Must precede the closing of the descriptor.
    func remove(_ descriptor: Int32)
    /// Blocks until something is ready or `milliseconds` have passed (-1: for ever), and replaces `events`.
    func wait(milliseconds: Int32, into events: inout [PollEvent]) throws(SocketError)
}
