internal import HTTPTypes

/// Where the next page of a list is, by the field `Link` (RFC 8288).
enum NextPage {
    /// The query of the target of the link whose relation is `next`; nil when there is no next page.
    ///
    /// Only the query counts: the next page is asked for where the page before was. So a token goes to no host that an answer
    /// names, and mirrors work that hand the links on as they are.
    static func query(_ headers: HTTPFields) -> String? {
        guard let name = HTTPField.Name("Link") else { return nil }
        for field in headers[values: name] {
            var rest = field[...]
            while let start = rest.firstIndex(of: "<") {
                rest = rest[rest.index(after: start)...]
                guard let end = rest.firstIndex(of: ">") else { return nil }
                let target = rest[..<end]
                rest = rest[rest.index(after: end)...]
                // A target has no comma outside its brackets in what the Hub sends, nor a parameter a bracket.
                let parameters = rest.prefix { $0 != "<" }
                if isNext(parameters) { return query(of: target) }
            }
        }
        return nil
    }

    private static func isNext(_ parameters: Substring) -> Bool {
        parameters.split { $0 == ";" || $0 == "," }.contains { parameter in
            let parts = parameter.split(separator: "=", maxSplits: 1).map { part in
                part.filter { $0 != " " && $0 != "\"" }.lowercased()
            }
            return parts == ["rel", "next"]
        }
    }

    private static func query(of target: Substring) -> String? {
        guard let mark = target.firstIndex(of: "?") else { return nil }
        let query = target[target.index(after: mark)...].prefix { $0 != "#" }
        let isUsable =
            !query.isEmpty && query.utf8.count <= 16 * 1024
            && query.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        return isUsable ? String(query) : nil
    }
}
