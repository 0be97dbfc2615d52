import HTTPTypes

@testable import HTTPServer

/// What a request's own bytes put into the head of its answer: nothing that ends a line early may be among it.
enum AnswerFieldsCheck {
    private static let anyOrigin: CORSSettings = {
        var cors = CORSSettings()
        cors.allowedOrigins = ["*"]
        // With credentials, an origin is named in the answer rather than covered by `*`.
        cors.allowsCredentials = true
        return cors
    }()

    static func examine(_ head: RequestHead) throws(FuzzFinding) {
        if let identity = RequestID.received(in: head) {
            let text = identity.text(head)
            try FuzzFinding.require(
                (1...RequestID.longest).contains(text.utf8.count)
                    && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F },
                "the request id \(text.utf8.printable) is taken over"
            )
        }
        for cors in [anyOrigin, CORSSettings()] {
            if let origin = head.range(of: .origin) {
                var fields: [UInt8] = []
                CrossOrigin.appendFields(head, origin, cors: cors, to: &fields)
                try checkLines(fields)
                _ = CrossOrigin.mayChangeState(head, origin, cors: cors)
            }
            var response = Response()
            Preflight.answer(head, allow: "GET", cors: cors, into: &response)
            for field in response.fields { try checkValue(Array(field.value.utf8), of: field.name.rawName) }
        }
        if let acceptance = try? WebSocketHandshake.evaluate(head, subprotocols: ["events", "v2.events"]) {
            try FuzzFinding.requireEqual(
                acceptance.accept.utf8.count,
                28,
                "the length of Sec-WebSocket-Accept"
            )
        }
        _ = Compression.isWanted(head)
    }

    /// Whole lines, each a name, a colon and a value.
    private static func checkLines(_ fields: [UInt8]) throws(FuzzFinding) {
        var rest = fields[...]
        while !rest.isEmpty {
            guard let end = ReferenceHead.lineEnd(rest), let colon = rest.firstIndex(of: 0x3A), colon < end
            else {
                throw FuzzFinding("\(fields.printable) does not consist of whole lines")
            }
            try checkValue(Array(rest[..<end]), of: "an answer")
            rest = rest[(end + 2)...]
        }
    }

    private static func checkValue(_ value: [UInt8], of name: String) throws(FuzzFinding) {
        try FuzzFinding.require(
            value.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 9 },
            "\(name) has the value \(value.printable)"
        )
    }
}
