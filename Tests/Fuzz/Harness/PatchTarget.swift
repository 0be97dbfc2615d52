import JSON
import KubernetesModel
import KubernetesSchema

/// The patches. An input is an array of a document and a patch.
enum PatchTarget {
    private static let kinds = [
        GroupVersionKind(version: "v1", kind: "Pod"),
        GroupVersionKind(group: "apps", version: "v1", kind: "Deployment"),
        GroupVersionKind(version: "v1", kind: "Service"),
    ]
    private static let schemas = kinds.compactMap { SchemaCatalog.builtin[$0]?.root }

    static func examine(_ input: [UInt8]) throws(FuzzFinding) {
        guard let pair = (try? JSONValue(parsing: input))?.arrayValue, pair.count == 2 else { return }
        let (document, patch) = (pair[0], pair[1])
        let merged = document.merged(with: patch)
        try FuzzFinding.requireEqual(
            merged,
            merged.merged(with: patch),
            "the merge patch of \(input.printable) at first and at second"
        )
        try check(input) { () throws(PatchError) in try Patch.json(patch, to: document) }
        for schema in schemas {
            try check(input) { () throws(PatchError) in
                try Patch.strategic(patch, to: document, schema: schema)
            }
        }
    }

    private static func check(
        _ input: [UInt8],
        _ apply: () throws(PatchError) -> JSONValue
    ) throws(FuzzFinding) {
        let result: JSONValue
        do throws(PatchError) {
            result = try apply()
        } catch {
            try FuzzFinding.require(!error.description.isEmpty, "a refusal without a word")
            return
        }
        let again = try? JSONValue(parsing: result.encoded(), maximumDepth: 4096)
        try FuzzFinding.requireEqual(result, again, "what \(input.printable) makes, after it was written")
    }
}
