import HTTPTypes

/// Header fields of the Kubernetes API.
enum HTTPFieldNames {
    static let warning = HTTPField.Name("Warning")
}
