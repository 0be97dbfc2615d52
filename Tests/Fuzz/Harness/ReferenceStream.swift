@testable import HTTPServer

/// Compares what the server read on a connection with what the reference reads in the same bytes.
enum ReferenceStream {
    static func compare(
        _ stream: HTTPStream,
        _ input: [UInt8],
        names: [String],
        ports: [Int]
    ) throws(FuzzFinding) {
        let limits = ReferenceHead.Limits(
            head: stream.limits.head.headSize,
            target: stream.limits.head.targetSize,
            fields: stream.limits.head.fieldCount
        )
        var steps = stream.steps[...]
        var position = 0
        var heads = stream.heads[...]
        while position < input.count, let end = ReferenceHead.end(input[position...]) {
            let head = ReferenceHead(input[position..<end], limits: limits, names: names, ports: ports)
            let context = { "of the head \(input[position..<end].printable)" }
            switch steps.popFirst() {
            case .refusal(let status, let message):
                try FuzzFinding.require(
                    head.faults.contains(status),
                    "refused with \(status) (\(message)), but the reference finds \(head.faults.sorted()) \(context())"
                )
                return
            case .request(let request):
                try FuzzFinding.require(
                    head.faults.isEmpty,
                    "accepted, but the reference finds \(head.faults.sorted()) \(context())"
                )
                try FuzzFinding.requireEqual(heads.popFirst(), position..<end, "the place \(context())")
                try compare(request, head, context())
            case nil:
                throw FuzzFinding(
                    "nothing came \(context()), where the reference finds \(head.faults.sorted())"
                )
            case let step?:
                throw FuzzFinding("\(step) came instead \(context())")
            }
            guard let next = try compareBody(head, input[end...], stream.limits.body, &steps) else { return }
            guard head.keepsAlive else {
                try FuzzFinding.requireEqual(
                    steps.popFirst(),
                    .close,
                    "the end of the connection after a last request"
                )
                return
            }
            position = next
        }
        // What is left is at most part of a head, so nothing but a refusal can have come of it.
        if case .request? = steps.first { throw FuzzFinding("a request came of part of a head") }
    }

    private static func compare(
        _ request: HTTPRequestSummary,
        _ head: ReferenceHead,
        _ context: @autoclosure () -> String
    ) throws(FuzzFinding) {
        try FuzzFinding.requireEqual(request.method, head.method.printable, "the method \(context())")
        try FuzzFinding.requireEqual(request.target, head.target.printable, "the target \(context())")
        let fields = head.fields.map { [$0.name.printable, $0.value.printable] }
        try FuzzFinding.requireEqual(request.fields, fields, "the fields \(context())")
        try FuzzFinding.requireEqual(request.keepsAlive, head.keepsAlive, "the persistence \(context())")
        let framing: BodyFraming = head.length.map { $0 == 0 ? .none : .length($0) } ?? .chunked
        try FuzzFinding.requireEqual(request.framing, framing, "the framing \(context())")
    }

    /// The offset behind the body, or nil when the connection goes no further.
    private static func compareBody(
        _ head: ReferenceHead,
        _ rest: ArraySlice<UInt8>,
        _ limit: Int,
        _ steps: inout ArraySlice<HTTPStream.Step>
    ) throws(FuzzFinding) -> Int? {
        if head.length == 0 { return rest.startIndex }
        let outcome: ReferenceChunks.Outcome
        if let length = head.length {
            outcome =
                length > limit
                ? .refused
                : rest.count < length
                    ? .incomplete : .complete(Array(rest.prefix(length)), rest.startIndex + length)
        } else {
            outcome = ReferenceChunks.read(rest, limit: limit)
        }
        switch (steps.popFirst(), outcome) {
        case (.body(let body), .complete(let content, let end)):
            try FuzzFinding.requireEqual(body, content, "the body in \(rest.printable)")
            return end
        case (.refusal, .refused), (nil, .incomplete),
            // The reference looks at whole lines only, so the server may know sooner that one is bad.
            (.refusal, .incomplete):
            return nil
        case (let step, _):
            throw FuzzFinding(
                "\(step.map { "\($0)" } ?? "nothing") came of the body \(rest.printable), where the reference has \(outcome)"
            )
        }
    }
}
