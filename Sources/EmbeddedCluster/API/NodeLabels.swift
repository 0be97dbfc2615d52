/// Labels and annotations of this cluster's own.
enum NodeLabels {
    /// `true` on nodes that are not there but in the API.
    static let simulated = "ingot.dev/simulated"
    /// `true` on the node that is the machine on which ingot runs.
    static let thisMachine = "ingot.dev/this-machine"
}
