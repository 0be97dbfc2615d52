import HTTPTypes
import Logging

/// From an answer to bytes.
extension HTTP1Connection {
    /// Encodes `response` into the loop's scratch and makes the connection ready for what follows.
    func deliver(
        _ response: inout Response,
        _ exchange: Exchange,
        isCompressed: Bool = false,
        on channel: Channel,
        loop: EventLoop
    ) {
        let head = exchange.head
        if response.entityTag != nil {
            let compression = isCompressed ? nil : loop.settings.compression
            Conditional.apply(to: &response, head: head, compression: compression)
        }
        if !isCompressed, loop.settings.compression.level > 0,
            Compression.isWorthwhile(response, settings: loop.settings.compression)
        {
            if Compression.isWanted(head), !Compression.isQuick(response) {
                compressElsewhere(response, exchange, on: channel, loop: loop)
                return
            }
            Compression.apply(to: &response, head: head, encoder: loop.gzip)
        }
        switch response.body {
        case .empty: deliver(response, bytes: [], exchange, on: channel, loop: loop)
        case .bytes(let bytes): deliver(response, bytes: bytes, exchange, on: channel, loop: loop)
        case .stream(let stream): startStream(stream, response, exchange, on: channel, loop: loop)
        case .webSocket(let upgrade): startWebSocket(upgrade, response, exchange, on: channel, loop: loop)
        }
    }

    private func deliver(
        _ response: borrowing Response,
        bytes: borrowing [UInt8],
        _ exchange: borrowing Exchange,
        on channel: Channel,
        loop: EventLoop
    ) {
        let keepsAlive = !exchange.mustClose && !loop.isStopping
        ResponseHead.encode(
            response,
            exchange,
            framing: .length(bytes.count),
            keepsAlive: keepsAlive,
            loop: loop
        )
        let isSent = exchange.head.method != .head && response.status.allowsBody
        if isSent { append(bytes, on: channel, loop: loop) }
        loop.measurements.finished(
            exchange,
            status: response.status.code,
            bytes: isSent ? bytes.count : 0,
            isCut: false,
            loop: loop
        )
        requestFinished(keepsAlive: keepsAlive, on: channel, loop: loop)
    }

    /// Small bodies join the head in one buffer; a large one is sent from where it lies.
    private func append(_ bytes: [UInt8], on channel: Channel, loop: EventLoop) {
        if bytes.count <= 16 * 1024 {
            loop.scratch.append(contentsOf: bytes)
        } else {
            channel.output.append(loop.scratch)
            loop.renewScratch()
            channel.output.append(bytes)
        }
    }

    // MARK: Streams

    private func startStream(
        _ body: ResponseStream,
        _ response: Response,
        _ exchange: Exchange,
        on channel: Channel,
        loop: EventLoop
    ) {
        var exchange = exchange
        let framing: ResponseHead.Framing =
            if let length = body.length {
                .length(length)
            } else if exchange.head.minorVersion == 1 {
                .chunked
            } else {
                .untilClose
            }
        if framing == .untilClose || loop.isStopping { exchange.mustClose = true }
        ResponseHead.encode(response, exchange, framing: framing, keepsAlive: !exchange.mustClose, loop: loop)
        guard exchange.head.method != .head, response.status.allowsBody else {
            loop.measurements.finished(
                exchange,
                status: response.status.code,
                bytes: 0,
                isCut: false,
                loop: loop
            )
            requestFinished(keepsAlive: !exchange.mustClose, on: channel, loop: loop)
            return
        }
        if !exchange.isInFlight {
            exchange.isInFlight = true
            loop.measurements.began(loop)
        }
        exchangeNumber &+= 1
        let reply = Reply(mailbox: loop.mailbox, token: channel.token, number: exchangeNumber)
        let writer = ResponseBodyWriter {
            reply.perform { connection, channel, loop in
                guard connection.exchangeNumber == reply.number else { return }
                connection.continueStream(on: channel, loop: loop)
            }
        }
        self.exchange = exchange
        stream = OutgoingStream(
            writer: writer,
            framing: framing,
            status: response.status.code,
            heartbeat: body.heartbeat
        )
        phase = .streaming
        scheduleHeartbeat(on: channel, loop: loop)
        let logger = loop.shared.logger
        let requestID = exchange.identity.text(exchange.head)
        task = Task {
            var end = StreamEnd.failed
            do {
                end = .complete(try await body.produce(writer))
            } catch is CancellationError {
            } catch is ResponseBodyWriter.Closed {
            } catch {
                logger.error(
                    "a streamed answer broke off",
                    metadata: ["error": "\(error)", "request_id": "\(requestID)"]
                )
            }
            reply.perform { [end] connection, channel, loop in
                guard connection.exchangeNumber == reply.number else { return }
                connection.stream?.end = end
                connection.continueStream(on: channel, loop: loop)
            }
        }
    }

    /// Sends what the producer has written, unless the client has yet to take what it was sent before.
    func continueStream(on channel: Channel, loop: EventLoop) {
        guard phase == .streaming, stream != nil, channel.output.count < ResponseBodyWriter.highWater else {
            return
        }
        if let chunks = stream?.writer.take(), !chunks.isEmpty {
            for chunk in chunks { stream?.encode(chunk, into: &loop.scratch) }
            scheduleHeartbeat(on: channel, loop: loop)
        }
        guard let stream, let end = stream.end else { return }
        endStream(stream, end, on: channel, loop: loop)
    }

    private func endStream(_ stream: OutgoingStream, _ end: StreamEnd, on channel: Channel, loop: EventLoop) {
        guard let exchange else { return }
        var isCut = false
        if case .complete(let trailers) = end, stream.isWhole {
            stream.encodeEnd(trailers, into: &loop.scratch)
        } else {
            isCut = true
        }
        self.exchange = nil
        self.stream = nil
        task = nil
        loop.measurements.finished(
            exchange,
            status: stream.status,
            bytes: stream.sent,
            isCut: isCut,
            loop: loop
        )
        guard !isCut else {
            // RFC 9112 §8: a client tells a body that was cut off by the missing end, so none may be sent.
            finish(on: channel, loop: loop)
            return
        }
        requestFinished(keepsAlive: !exchange.mustClose && !loop.isStopping, on: channel, loop: loop)
        resumeReading(on: channel, loop: loop)
    }

    func heartbeat(on channel: Channel, loop: EventLoop) {
        guard let bytes = stream?.heartbeat?.bytes else { return }
        if channel.output.isEmpty { stream?.encode(bytes, into: &loop.scratch) }
        scheduleHeartbeat(on: channel, loop: loop)
    }

    private func scheduleHeartbeat(on channel: Channel, loop: EventLoop) {
        guard let interval = stream?.heartbeat?.interval.nanoseconds else {
            channel.setDeadline(.max, loop: loop)
            return
        }
        channel.setDeadline(loop.clock.now &+ interval, loop: loop)
    }
}

/// How the producer of a body ended.
enum StreamEnd: Sendable {
    case complete([HTTPField])
    case failed
}

/// A body that is being sent piece by piece.
struct OutgoingStream {
    let writer: ResponseBodyWriter
    let framing: ResponseHead.Framing
    let status: Int
    let heartbeat: ResponseStream.Heartbeat?
    var end: StreamEnd?
    /// Bytes of content sent.
    private(set) var sent = 0

    init(
        writer: ResponseBodyWriter,
        framing: ResponseHead.Framing,
        status: Int,
        heartbeat: ResponseStream.Heartbeat?
    ) {
        self.writer = writer
        self.framing = framing
        self.status = status
        self.heartbeat = heartbeat
    }

    /// Whether as many bytes were sent as were announced.
    var isWhole: Bool {
        if case .length(let length) = framing { sent == length } else { true }
    }

    mutating func encode(_ chunk: [UInt8], into bytes: inout [UInt8]) {
        switch framing {
        case .length(let length):
            // More than was announced would be taken for the next answer.
            let count = min(chunk.count, length - sent)
            bytes.append(contentsOf: chunk[..<count])
            sent += count
        case .chunked:
            Decimal.appendHexadecimal(UInt64(chunk.count), to: &bytes)
            bytes.append(contentsOf: [0x0D, 0x0A])
            bytes.append(contentsOf: chunk)
            bytes.append(contentsOf: [0x0D, 0x0A])
            sent += chunk.count
        case .untilClose:
            bytes.append(contentsOf: chunk)
            sent += chunk.count
        }
    }

    /// The last chunk and the trailer section, RFC 9112 §7.1.2.
    func encodeEnd(_ trailers: [HTTPField], into bytes: inout [UInt8]) {
        guard framing == .chunked else { return }
        bytes.append(contentsOf: "0\r\n".utf8)
        for field in trailers { ResponseHead.append(field, to: &bytes) }
        bytes.append(contentsOf: [0x0D, 0x0A])
    }
}

extension HTTPResponse.Status {
    /// Whether an answer with this status has a body, RFC 9110 §6.4.1.
    var allowsBody: Bool {
        code >= 200 && code != 204 && code != 304
    }
}
