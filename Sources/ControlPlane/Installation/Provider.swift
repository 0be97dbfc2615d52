public import JSON
import Kubernetes
public import KubernetesModel

/// Something with an operator of its own that Ingot can install in a cluster: a runtime, or NVIDIA's GPU operator.
public struct Provider: Sendable, Hashable, Identifiable {
    /// A repository of Helm charts.
    public struct Repository: Sendable, Hashable {
        /// What the charts' names begin with.
        public let name: String
        /// Where it is.
        public let url: String
    }

    /// Where a chart has the provider's definitions.
    public enum ChartDefinitions: String, Sendable, Hashable {
        /// In its folder `crds`: Helm makes them with the first installation, and neither upgrades nor removes them.
        case beside
        /// Among its other objects: they go when the release goes, and all their objects with them.
        case among
        /// They are all that it has.
        case only
    }

    /// A release of a Helm chart.
    public struct Chart: Sendable, Hashable {
        /// The release's name.
        public let release: String
        /// The chart: `repository/name`, the URL of an archive, or one of an OCI registry.
        public let chart: String
        /// The chart's version.
        public let version: String
        /// The namespace of the release, which is made where it is missing.
        public let namespace: String
        /// Values besides the chart's own; an object.
        public let values: JSONMembers
        /// Where newer versions of an archive are listed; nil for charts whose name tells.
        public let repository: String?
        /// Whether the definitions that lie in the chart are left out.
        public let skipsDefinitions: Bool
        /// Whether the charts behind it need what it makes to be ready.
        public let waits: Bool
        /// Where it has definitions whose upgrade and removal need care; nil where Helm or its hooks do what is right.
        public let definitions: ChartDefinitions?

        /// Whether removing its release removes definitions, and with them deployments.
        public var removesDefinitions: Bool { definitions == .among || definitions == .only }

        /// Whether the chart is the archive at a URL, whose version the URL has.
        public var isArchive: Bool { chart.hasPrefix("https://") || chart.hasPrefix("http://") }
    }

    /// A custom resource definition that must be there before the charts are installed.
    public struct Definition: Sendable, Hashable {
        /// The definition's name, such as `nodeclaims.karpenter.sh`.
        public let name: String
        /// Where its manifest is.
        public let url: String
    }

    /// What somebody else must have installed.
    public struct Prerequisite: Sendable, Hashable {
        /// The custom resource definition by which it is known to be there.
        public let definition: String
        /// Its name, for people.
        public let name: String
        /// A command that installs it.
        public let command: String
    }

    /// Something that a person does before or after the installation.
    public struct Step: Sendable, Hashable {
        /// What to do.
        public let title: String
        /// How to do it; nil where there is no one command for it.
        public let command: String?
        /// Why, and what to know.
        public let description: String
    }

    /// A label by which the operator's pods are known.
    public struct OperatorLabel: Sendable, Hashable {
        /// The label's name.
        public let key: String
        /// Its value.
        public let value: String
    }

    /// Its id in the API, such as `dynamo`.
    public let id: String
    /// Its name, for people.
    public let name: String
    /// What its messages call it.
    public let shortName: String
    /// What it does, in a line.
    public let summary: String
    /// Where its operator is installed; empty for one that has none.
    public let namespace: String
    /// The custom resource that it serves, in the version that Ingot writes.
    public let resource: GroupVersionResource
    /// The kind of that custom resource.
    public let kind: String
    /// The labels by one of which its operator's pods are known, in whatever namespace they run.
    public let operatorLabels: [OperatorLabel]
    /// Where its charts are, beside those with URLs of their own.
    public let repositories: [Repository]
    /// The definitions that are made before the charts are installed.
    public let definitions: [Definition]
    /// The charts, in the order in which they are installed.
    public let charts: [Chart]
    /// The definitions that complete removal deletes, and with them all their objects.
    public let removedDefinitions: [String]
    /// What must be there before.
    public let prerequisites: [Prerequisite]
    /// What people do besides.
    public let steps: [Step]

    /// The name of the definition of its custom resource.
    public var definition: String { resource.groupResource.description }
    /// The version that is installed.
    public var version: String { charts.last { $0.namespace == namespace }?.version ?? "" }

    /// Whether removing its operator removes its definitions too, and with them all deployments.
    public var losesDefinitions: Bool { charts.contains { $0.definitions == .among } }

    /// Whether it has to be installed before it can be used.
    public var needsInstallation: Bool { !charts.isEmpty }

    /// Whether both have the same id.
    public static func == (left: Provider, right: Provider) -> Bool { left.id == right.id }

    /// Feeds the id.
    public func hash(into hasher: inout Hasher) { hasher.combine(id) }

    /// Whether a pod is its operator's, by its labels.
    func isOperator(_ pod: PodProjection) -> Bool {
        operatorLabels.contains { pod.metadata.labels[$0.key] == $0.value }
    }
}
