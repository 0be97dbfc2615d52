/// The labels and annotations of Ingot's own on nodes and pods.
enum NodeLabel {
    /// `true` on nodes that are made up.
    static let simulated = "ingot.dev/simulated"
    /// `true` on the node whose pods are processes of this machine.
    static let thisMachine = "ingot.dev/this-machine"
    /// The annotation that asks for a failure, on a pod or on a simulated node.
    static let simulate = "ingot.dev/simulate"
}
