import HTTPServer

extension Response {
    /// A text, and once more after the signal.
    static func repeating(_ text: String, on signal: Signal) -> Response {
        let bytes = Array(text.utf8)
        return Response(
            contentType: .text,
            body: .stream(
                ResponseStream { writer in
                    try await writer.write(bytes)
                    await signal.wait()
                    try await writer.write(bytes)
                    return []
                }
            )
        )
    }
}
