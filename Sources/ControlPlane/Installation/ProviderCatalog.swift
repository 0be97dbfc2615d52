internal import CProviderData
public import JSON
public import Runtimes

/// What can be installed in a cluster.
public struct ProviderCatalog: Sendable {
    /// The runtimes' providers; the first is the one that is used when nobody has chosen another.
    public let providers: [Provider]
    /// The runtimes that every cluster has, since Kubernetes alone suffices for them.
    public let builtIn: [Provider]
    /// NVIDIA's GPU operator, without which nodes have no GPUs to request.
    public let gpuOperator: Provider?

    /// What lies in the executable.
    public static let standard = ProviderCatalog(json: embedded())

    /// A catalogue of what a JSON object has; what cannot be read is left out.
    public init(json: JSONValue) {
        providers = json["providers"]?.arrayValue?.compactMap { Provider(json: $0) } ?? []
        builtIn = json["builtIn"]?.arrayValue?.compactMap { Provider(json: $0) } ?? []
        gpuOperator = json["gpuOperator"].flatMap { Provider(json: $0) }
    }

    /// The provider of that id; nil when there is none.
    public func provider(_ id: String) -> Provider? {
        providers.first { $0.id == id }
    }

    /// The catalogue as it is written in the executable. A test sees to it that all of it is read.
    private static func embedded() -> JSONValue {
        let bytes = ingot_provider_data()
        return (try? JSONValue(parsing: UnsafeBufferPointer(start: bytes.start, count: bytes.count))) ?? .null
    }
}

extension Provider {
    /// The runtimes' providers; the first is the default.
    public static var all: [Provider] { ProviderCatalog.standard.providers }
    /// The provider that stands for a runtime.
    public static func of(_ runtime: RuntimeID) -> Provider? {
        let catalog = ProviderCatalog.standard
        return (catalog.providers + catalog.builtIn).first { $0.id == runtime.rawValue }
    }

    /// The one that is used when nobody has chosen another.
    public static var standard: Provider? { all.first }
}
