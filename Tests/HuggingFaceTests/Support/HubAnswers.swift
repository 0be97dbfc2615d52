import HTTPServer
import HTTPTypes
import JSON

/// What the Hub answers to one request.
struct HubAnswers {
    var state: StandInHub.State
    var seen: StandInHub.Seen
    /// The Hub's own address.
    var hub: String
    /// The address of the server of large files.
    var store: String

    private var token: String? { seen.token.map { String($0.dropFirst("Bearer ".count)) } }

    var response: Response {
        let parts = seen.path.split(separator: "/").map(String.init)
        if parts == ["api", "models"] { return list }
        if parts == ["api", "whoami-v2"] { return user }
        if parts.starts(with: ["api", "models"]),
            let marker = parts.firstIndex(where: { ["revision", "tree"].contains($0) })
        {
            let id = parts[2..<marker].joined(separator: "/")
            let revision = parts[marker + 1].replacing("%2F", with: "/")
            return refusal(id, revision: revision) ?? (parts[marker] == "tree" ? tree(id) : model(id))
        }
        if let marker = parts.firstIndex(of: "resolve"), parts.count > marker + 2 {
            let id = parts[..<marker].joined(separator: "/")
            let path = parts[(marker + 2)...].joined(separator: "/").replacing("%20", with: " ")
            return refusal(id, revision: parts[marker + 1]) ?? file(id, path)
        }
        return .refusal(404, "Sorry, we can't find the page you are looking for.")
    }

    // MARK: Models

    private var list: Response {
        let words = (seen.parameter("search") ?? "").lowercased()
        let tag = seen.parameter("pipeline_tag")
        let models = state.models.filter { model in
            let id = (model["id"] ?? model["modelId"])?.stringValue ?? ""
            return id.lowercased().contains(words)
                && (tag == nil || model["pipeline_tag"]?.stringValue == tag)
                && isVisible(model)
        }
        let start = seen.parameter("cursor").flatMap { Int($0) } ?? 0
        let size = min(seen.parameter("limit").flatMap { Int($0) } ?? 1000, state.longestPage)
        return page(
            models.dropFirst(start).prefix(size).map(expanded),
            next: start + size < models.count ? start + size : nil
        )
    }

    /// A page of a list with the link to the next one.
    private func page(_ entries: [JSONValue], next: Int?) -> Response {
        var response = Response(json: JSONValue.array(entries))
        if let next {
            var pairs = seen.query.filter { $0.name != "cursor" }
            pairs.append(("cursor", "\(next)"))
            let query = pairs.map { "\(encoded($0.name))=\(encoded($0.value))" }.joined(separator: "&")
            response.add(.link, "<\(hub)\(seen.path)?\(query)>; rel=\"next\"")
        }
        return response
    }

    private func encoded(_ text: String) -> String {
        text.replacing("[", with: "%5B").replacing("]", with: "%5D").replacing(" ", with: "%20")
    }

    private func model(_ id: String) -> Response {
        guard let model = state.models.first(where: { $0["id"]?.stringValue == id }) else {
            return .refusal(404, code: "RepoNotFound", "Repository not found")
        }
        let json = expanded(model)
        var response = Response(json: json)
        response.entityTag = "W/\"\(json.encoded().count)-\(model["sha"]?.stringValue ?? "")\""
        return response
    }

    /// With `expand[]` what is named, and nothing else but the name.
    private func expanded(_ model: JSONValue) -> JSONValue {
        let names = seen.parameters("expand[]")
        guard !names.isEmpty, let members = model.objectValue else { return model }
        var result: JSONValue = [:]
        for member in members
        where ["_id", "id", "modelId"].contains(member.key) || names.contains(member.key) {
            result[member.key] = member.value
        }
        return result
    }

    // MARK: Files

    private func tree(_ id: String) -> Response {
        let files = (state.files[id] ?? [:]).sorted { $0.key < $1.key }
        var entries: [JSONValue] = Set(files.compactMap { $0.key.split(separator: "/").dropLast().first })
            .sorted().map {
                ["type": "directory", "oid": "d", "size": 0, "path": .string(String($0))]
            }
        entries += files.map { path, bytes in
            var entry: JSONValue = [
                "type": "file", "oid": "b", "size": .integer(Int64(bytes.count)), "path": .string(path),
            ]
            if Self.isLarge(path) {
                entry["lfs"] = ["oid": "c0ffee", "size": .integer(Int64(bytes.count)), "pointerSize": 134]
            }
            return entry
        }
        let start = seen.parameter("cursor").flatMap { Int($0) } ?? 0
        let next = start + state.longestPage
        return page(
            Array(entries.dropFirst(start).prefix(state.longestPage)),
            next: next < entries.count ? next : nil
        )
    }

    private func file(_ id: String, _ path: String) -> Response {
        if let refusal = gateRefusal(id) { return refusal }
        guard let bytes = state.files[id]?[path] else {
            return .refusal(404, code: "EntryNotFound", "Entry not found")
        }
        guard Self.isLarge(path) else { return .file(bytes, range: seen.fields["range"]) }
        var response = Response(status: .found)
        response.add(.location, "\(store)/\(id)/\(path)")
        return response
    }

    private static func isLarge(_ path: String) -> Bool {
        path.hasSuffix(".safetensors") || path.hasSuffix(".gguf")
    }

    // MARK: Users

    private var user: Response {
        guard let token, let user = state.users[token] else {
            return .refusal(401, "Invalid username or password.")
        }
        return Response(json: user)
    }

    private func isVisible(_ model: JSONValue) -> Bool {
        model["private"]?.boolValue != true || mayRead(model["id"]?.stringValue ?? "")
    }

    private func mayRead(_ id: String) -> Bool {
        token.map { state.readers[id]?.contains($0) == true } ?? false
    }

    private func refusal(_ id: String, revision: String) -> Response? {
        if let token, state.users[token] == nil {
            return .refusal(401, "Invalid credentials in Authorization header")
        }
        guard let model = state.models.first(where: { $0["id"]?.stringValue == id }), isVisible(model) else {
            return token == nil
                ? .refusal(401, code: "RepoNotFound", "Invalid username or password.")
                : .refusal(404, code: "RepoNotFound", "Repository not found")
        }
        guard ["main", "refs/pr/1", model["sha"]?.stringValue].contains(revision) else {
            return .refusal(404, code: "RevisionNotFound", "Invalid rev id: \(revision)")
        }
        return nil
    }

    private func gateRefusal(_ id: String) -> Response? {
        let model = state.models.first { $0["id"]?.stringValue == id }
        guard let gate = model?["gated"], gate != .bool(false), !mayRead(id) else { return nil }
        return token == nil
            ? .refusal(
                401,
                code: "GatedRepo",
                "Access to model \(id) is restricted. You must have access to it."
            )
            : .refusal(
                403,
                code: "GatedRepo",
                "Access to model \(id) is restricted and you are not in the authorized list."
            )
    }
}
