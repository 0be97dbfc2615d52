public import Capacity
public import Runtimes

/// What would be made of a wish for a deployment.
public struct DeploymentPlan: Sendable {
    /// The complete specification.
    public var spec: DeploymentSpec
    /// Why that runtime and that engine were chosen, for people; empty where the wish names both.
    public var choice: String
    /// The objects, the one that stands for the deployment first.
    public var manifests: [Manifest]
    /// Whether the model fits the cluster's GPUs; nil where that is not known, or no GPU is asked for.
    public var fit: FitReport?
    /// What was found out of the model for that; nil where that is not known.
    var profile: ModelProfile?
    /// Where the workers can go now; nil where no GPU is asked for.
    public var placement: Placement?
    /// What should be known before it is made, for people.
    public var warnings: [String]
    /// Why it cannot be served on what is there, for people; empty where nothing is known to be in the way.
    public var obstacles: [String]
}
