import ControlPlane
import HTTPServer

/// Tells of deployments by server-sent events (WHATWG HTML §9.2).
struct DeploymentEventStream: DeploymentEventSink {
    let writer: ResponseBodyWriter
    let texts: DeploymentEventTexts

    /// As much as is written at once of a snapshot, so that a slow client with thousands of deployments costs little memory.
    private static let chunk = 32 * 1024

    func send(_ records: [DeploymentRecord], _ id: DeploymentEventID) async throws {
        var bytes = Array("event: snapshot\nid: \(id)\ndata: {\"deployments\":[".utf8)
        for (index, record) in records.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += texts.body(of: record)
            if bytes.count >= Self.chunk {
                try await writer.write(bytes)
                bytes.removeAll(keepingCapacity: true)
            }
        }
        try await writer.write(bytes + Array("]}\n\n".utf8))
    }

    func send(_ event: DeploymentEventTexts.Event) async throws {
        try await writer.write(event.stream)
    }

    /// An event without data, which no client hears of but whose id it keeps.
    func send(_ id: DeploymentEventID) async throws {
        try await writer.write(Array("id: \(id)\n\n".utf8))
    }
}

/// Tells of deployments by a WebSocket's messages.
struct DeploymentEventSocket: DeploymentEventSink {
    let socket: WebSocket
    let texts: DeploymentEventTexts

    func send(_ records: [DeploymentRecord], _ id: DeploymentEventID) async throws {
        var bytes = Array("{\"type\":\"snapshot\",\"id\":\"\(id)\",\"data\":{\"deployments\":[".utf8)
        for (index, record) in records.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += texts.body(of: record)
        }
        try await socket.send(String(decoding: bytes + Array("]}}".utf8), as: UTF8.self))
    }

    func send(_ event: DeploymentEventTexts.Event) async throws {
        try await socket.send(event.message)
    }

    func send(_ id: DeploymentEventID) async throws {
        try await socket.send("{\"type\":\"bookmark\",\"id\":\"\(id)\"}")
    }
}
