import JSON
public import KubernetesModel
import Synchronization

/// The collections that the API serves at one moment: the built-in ones and those that custom resource definitions make.
public struct ResourceCatalog: Sendable {
    /// Every collection in every version that is served, the preferred version of a group first.
    public let definitions: [ResourceDefinition]
    private let byResource: [GroupVersionResource: ResourceDefinition]
    private let byKind: [GroupVersionKind: ResourceDefinition]

    init(_ definitions: [ResourceDefinition]) {
        self.definitions = definitions
        byResource = Dictionary(
            definitions.map {
                (GroupVersionResource(group: $0.group, version: $0.version, resource: $0.plural), $0)
            },
            uniquingKeysWith: { first, _ in first }
        )
        byKind = Dictionary(definitions.map { ($0.objectType, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The collection at a path.
    public subscript(_ resource: GroupVersionResource) -> ResourceDefinition? { byResource[resource] }
    /// The collection of a type of objects.
    public subscript(_ kind: GroupVersionKind) -> ResourceDefinition? { byKind[kind] }
    /// The collection in its preferred version.
    public subscript(_ resource: GroupResource) -> ResourceDefinition? {
        definitions.first { $0.groupResource == resource }
    }

    static let builtIn = ResourceCatalog(BuiltInResources.definitions)

    /// The built-in collections and those of the given definitions that are established.
    init(customResourceDefinitions: [KubernetesObject]) {
        var definitions = BuiltInResources.definitions
        for definition in customResourceDefinitions
        where definition.condition("Established")?["status"]?.stringValue == "True" {
            definitions += Self.definitions(of: definition)
        }
        self.init(definitions)
    }

    /// What a custom resource definition asks for, whether it is established or not. Versions in Kubernetes' order of
    /// preference: stable before beta before alpha, higher numbers first.
    static func definitions(of crd: KubernetesObject) -> [ResourceDefinition] {
        let names = crd.status["acceptedNames"] ?? crd.spec["names"] ?? .null
        guard let group = crd.spec["group"]?.stringValue, let plural = names["plural"]?.stringValue,
            let kind = names["kind"]?.stringValue
        else { return [] }
        let texts = { (key: String) in (names[key]?.arrayValue ?? []).compactMap(\.stringValue) }
        let versions = (crd.spec["versions"]?.arrayValue ?? []).filter { $0["served"]?.boolValue == true }
        return versions.compactMap { version -> (VersionPriority, ResourceDefinition)? in
            guard let name = version["name"]?.stringValue else { return nil }
            let subresources = version["subresources"]?.objectValue?.keys ?? []
            return (
                VersionPriority(name),
                ResourceDefinition(
                    group: group,
                    version: name,
                    plural: plural,
                    singular: names["singular"]?.stringValue ?? kind.lowercased(),
                    kind: kind,
                    listKind: names["listKind"]?.stringValue ?? kind + "List",
                    shortNames: texts("shortNames"),
                    categories: texts("categories"),
                    isNamespaced: crd.spec["scope"]?.stringValue != "Cluster",
                    subresources: subresources,
                    isCustom: true
                )
            )
        }.sorted { $0.0 < $1.0 }.map(\.1)
    }
}

/// Orders versions as `kubectl` prefers them (apimachinery, version.CompareKubeAwareVersionStrings): `v2` before `v1` before
/// `v2beta1` before `v1alpha1`; names of another form come last, in alphabetical order.
struct VersionPriority: Comparable {
    private let isWellFormed: Bool
    private let stability: Int
    private let major: Int
    private let minor: Int
    private let name: String

    init(_ name: String) {
        self.name = name
        var rest = Substring(name)
        func number() -> Int? {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            return Int(digits)
        }
        guard rest.first == "v" else {
            (isWellFormed, stability, major, minor) = (false, 0, 0, 0)
            return
        }
        rest = rest.dropFirst()
        let major = number()
        var stability = 2
        var minor: Int? = 0
        if !rest.isEmpty {
            if rest.hasPrefix("beta") {
                stability = 1
                rest = rest.dropFirst(4)
            } else if rest.hasPrefix("alpha") {
                stability = 0
                rest = rest.dropFirst(5)
            }
            minor = stability == 2 ? nil : number()
        }
        isWellFormed = major != nil && minor != nil && rest.isEmpty
        self.stability = stability
        self.major = major ?? 0
        self.minor = minor ?? 0
    }

    /// Whether `left` is preferred.
    static func < (left: VersionPriority, right: VersionPriority) -> Bool {
        if left.isWellFormed != right.isWellFormed { return left.isWellFormed }
        guard left.isWellFormed else { return left.name < right.name }
        return (left.stability, left.major, left.minor) > (right.stability, right.major, right.minor)
    }
}
