/// When a transfer's deadlines pass.
extension ActiveTransfer {
    /// The deadline that passes next, as things are, and when.
    func nextDeadline() -> (time: UInt64, deadline: HTTPClientError.Deadline)? {
        let deadlines = start.request.deadlines
        var next: (time: UInt64, deadline: HTTPClientError.Deadline)?
        func consider(_ duration: Duration?, since time: UInt64, _ deadline: HTTPClientError.Deadline) {
            guard let duration else { return }
            let time = time &+ duration.boundedNanoseconds
            if let earlier = next, earlier.time <= time { return }
            next = (time, deadline)
        }
        switch phase {
        case .connecting: consider(deadlines.connect, since: startTime, .connect)
        case .sent: consider(deadlines.firstByte, since: lastActivity, .firstByte)
        case .receiving: if !isPaused { consider(deadlines.idle, since: lastActivity, .idle) }
        }
        consider(deadlines.total, since: startTime, .total)
        return next
    }

    /// The error of a deadline that has passed.
    func timeoutError(_ deadline: HTTPClientError.Deadline) -> HTTPClientError {
        let deadlines = start.request.deadlines
        let (reason, duration) =
            switch deadline {
            case .connect: ("no connection", deadlines.connect)
            case .firstByte: ("no answer", deadlines.firstByte)
            case .idle: ("silence in the middle of the answer", deadlines.idle)
            case .total: ("the answer was not complete", deadlines.total)
            }
        let length = duration.map { " within \($0)" } ?? ""
        return transfer.error(.timeout(deadline), reason + length)
    }
}
