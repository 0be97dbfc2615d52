import ArgumentParser
import HTTPTypes
import JSON

/// `ingot chat`: talks with the model of a deployment.
struct ChatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat",
        abstract: "Chat with the model of a deployment of a running server.",
        discussion: """
            With words, they are the one message, and its answer is printed. Without, each line of standard input is a message, and \
            the conversation goes on until its end (Ctrl-D).

            Ends with status 64 for wrong arguments and where several deployments have the name, 66 when there is no such deployment, \
            69 when the server or the model gives no answer, and 73 when the deployment does not run.
            """
    )

    @OptionGroup var deployment: DeploymentArguments

    @Argument(help: "The message.")
    var words: [String] = []

    @Option(help: ArgumentHelp("What the model is told before the conversation.", valueName: "text"))
    var system: String?

    @Option(help: ArgumentHelp("The longest answer.", valueName: "tokens"))
    var maxTokens: Int?

    @Option(help: ArgumentHelp("How much is left to chance, 0 to 2.", valueName: "number"))
    var temperature: Double?

    @Flag(help: "Print the JSON object that POST /api/deployments/NAME/chat answers with; needs a message.")
    var json = false

    @OptionGroup var server: ServerOptions

    func validate() throws {
        if json, words.isEmpty { throw ValidationError("--json needs a message") }
        if let maxTokens, maxTokens < 1 { throw ValidationError("--max-tokens must be at least 1") }
        if let temperature, !(0...2).contains(temperature) {
            throw ValidationError("--temperature must be from 0 to 2")
        }
    }

    func run() async throws {
        let connection = try await server.connection()
        do throws(ServerFailure) {
            try await talk(connection)
        } catch {
            throw error.exit
        }
    }

    private func talk(_ connection: ServerConnection) async throws(ServerFailure) {
        var messages: [JSONValue] = []
        if let system { messages.append(Self.message("system", system)) }
        if !words.isEmpty {
            messages.append(Self.message("user", words.joined(separator: " ")))
            if json {
                let body = body(messages, streams: false)
                print(try await connection.ask(.post, path, query: deployment.query, body: body).text)
            } else {
                _ = try await answer(messages, connection)
            }
            return
        }
        while let line = readLine() {
            guard line.contains(where: { !$0.isWhitespace }) else { continue }
            messages.append(Self.message("user", line))
            messages.append(Self.message("assistant", try await answer(messages, connection)))
        }
    }

    private var path: [String] { deployment.path + ["chat"] }

    /// Prints the answer as it comes.
    private func answer(
        _ messages: [JSONValue],
        _ connection: ServerConnection
    ) async throws(ServerFailure) -> String {
        var stream = ChatStream()
        try await connection.follow(
            .post,
            path,
            query: deployment.query,
            body: body(messages, streams: true),
            as: "text/event-stream, */*;q=0.1"
        ) { chunk in
            ExitStatus.writeToStandardOutput(Array(stream.take(chunk).utf8))
        }
        ExitStatus.writeToStandardOutput([UInt8(ascii: "\n")])
        if let failure = stream.failure {
            throw .refused(status: 502, code: "UPSTREAM_ERROR", message: "the model failed: \(failure)")
        }
        return stream.text
    }

    private func body(_ messages: [JSONValue], streams: Bool) -> JSONValue {
        var body: JSONValue = ["messages": .array(messages), "stream": .bool(streams)]
        body["max_tokens"] = maxTokens.map { .integer(Int64($0)) }
        body["temperature"] = temperature.map(JSONValue.number)
        return body
    }

    private static func message(_ role: String, _ text: String) -> JSONValue {
        ["role": .string(role), "content": .string(text)]
    }
}

/// The events of a chat completion that comes piece by piece (OpenAI API, "Streaming"; HTML Standard §9.2.6 for their form).
struct ChatStream {
    /// What was said so far.
    private(set) var text = ""
    /// What went wrong on the way; nil for nothing.
    private(set) var failure: String?
    private var rest: [UInt8] = []

    /// Takes a part of the answer, which may begin and end anywhere, and gives the words in it.
    mutating func take(_ bytes: [UInt8]) -> String {
        rest += bytes
        var words = ""
        while let end = rest.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) {
            words += said(rest[..<end])
            rest.removeSubrange(...end)
        }
        text += words
        return words
    }

    private mutating func said(_ line: ArraySlice<UInt8>) -> String {
        guard line.starts(with: "data:".utf8) else { return "" }
        guard let event = try? JSONValue(parsing: line.dropFirst(5)) else { return "" }
        if let error = event["error"] { failure = error["message"]?.stringValue ?? error.description }
        let piece = event["choices"]?[0]?["delta"]?["content"]?.stringValue ?? ""
        // A terminal would obey control characters; the model may break lines and indent.
        return String(
            String.UnicodeScalarView(
                piece.unicodeScalars.filter { scalar in
                    scalar == "\n" || scalar == "\t" || String(scalar).printable == String(scalar)
                }
            )
        )
    }
}
