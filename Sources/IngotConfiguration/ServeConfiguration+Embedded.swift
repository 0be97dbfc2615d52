public import Capacity

extension ServeConfiguration.Cluster {
    /// How the embedded cluster is set up.
    public struct Embedded: Sendable, Equatable {
        /// How fast simulated pods start.
        public enum Pace: String, Sendable, CaseIterable {
            /// In some seconds.
            case brisk
            /// As long as with real images and models.
            case realistic
            /// At once.
            case immediate
        }

        /// The port of its API; 0 for the one of the last time, or any free one.
        public var port: Int
        /// The simulated nodes. No two have the same name.
        public var nodes: [SimulatedNode]
        /// How fast simulated pods start.
        public var pace: Pace
        /// The commands that stand for images on this machine, beside the standard ones; those listed later take the place of
        /// earlier ones with the same pattern.
        public var images: [Image]
    }

    /// Simulated nodes of one kind.
    public struct SimulatedNode: Sendable, Equatable {
        /// The GPUs of a node.
        public struct GPU: Sendable, Equatable {
            /// What they are.
            public var product: GPUDescription
            /// How many each node has, 1 or more.
            public var count: Int
        }

        /// A taint.
        public struct Taint: Sendable, Equatable {
            /// The effects that there are (core/v1 TaintEffect).
            public enum Effect: String, Sendable, CaseIterable {
                /// Pods that do not tolerate it are not placed there.
                case noSchedule = "NoSchedule"
                /// They are placed elsewhere where that is possible.
                case preferNoSchedule = "PreferNoSchedule"
                /// They are not placed there, and leave.
                case noExecute = "NoExecute"
            }

            /// The key, such as `nvidia.com/gpu`.
            public var key: String
            /// The value, often empty.
            public var value: String
            /// What it does.
            public var effect: Effect
        }

        /// The name of the node; of several ones all but its end: `name-1`, `name-2`, …
        public var name: String
        /// How many such nodes there are, 1 or more.
        public var count: Int
        /// Their GPUs; nil for none.
        public var gpu: GPU?
        /// CPU cores of each.
        public var cpus: Int
        /// Memory of each, GiB.
        public var memoryGiB: Int
        /// Disk space of each, GiB.
        public var storageGiB: Int
        /// Labels beyond those that every node has.
        public var labels: [String: String]
        /// Taints.
        public var taints: [Taint]

        /// The names of the nodes.
        public var nodeNames: [String] { count == 1 ? [name] : (1...count).map { "\(name)-\($0)" } }
    }

    /// What runs on this machine in place of the images that a pattern names.
    public struct Image: Sendable, Equatable {
        /// A command.
        public struct Command: Sendable, Equatable {
            /// The executable, and arguments that stay when a pod gives its own; not empty.
            public var entrypoint: [String]
            /// The arguments where a pod gives none.
            public var arguments: [String]
            /// Arguments after the pod's own.
            public var appended: [String]
            /// Variables.
            public var environment: [String: String]
            /// The port where a pod names none.
            public var port: Int?
        }

        /// An image's name, in which tag or digest may have wildcards `*`.
        public var pattern: String
        /// The command; nil when such images are not to run.
        public var command: Command?
    }
}
