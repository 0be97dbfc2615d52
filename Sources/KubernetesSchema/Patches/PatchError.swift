public import KubernetesModel

/// A patch that cannot be applied.
public enum PatchError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The patch is none: its form is wrong.
    case malformed(String)
    /// The patch is well formed but does not fit the object.
    case notApplicable(String)
    /// The patch has more operations than are taken.
    case tooManyOperations(Int, limit: Int)

    /// What is wrong, for people.
    public var description: String {
        switch self {
        case .malformed(let why), .notApplicable(let why): why
        case .tooManyOperations(let count, let limit):
            "The allowed maximum operations in a JSON patch is \(limit), got \(count)"
        }
    }

    /// What the API server answers: 400 for a malformed patch, 422 for one that does not fit, 413 for one that is too long.
    public var status: APIStatus {
        switch self {
        case .malformed(let why): .badRequest(why)
        case .notApplicable(let why):
            APIStatus(
                code: 422,
                reason: .invalid,
                message: "the server rejected our request due to an error in our request: \(why)"
            )
        case .tooManyOperations:
            APIStatus(
                code: 413,
                reason: .init(rawValue: "RequestEntityTooLarge"),
                message: description
            )
        }
    }
}
