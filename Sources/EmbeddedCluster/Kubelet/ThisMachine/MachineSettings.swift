public import LocalContainers

/// This machine as a node of the embedded cluster.
public struct MachineSettings: Sendable {
    /// Which command stands for which image.
    public var images: ImageCommands
    /// The node's name; nil for the host's.
    public var nodeName: String?
    /// The executable that calls the containers' shim when its first argument is `container-shim`.
    public var shim: String
    /// The folders in which commands are looked for, as in `PATH`.
    public var path: String

    /// A machine that runs those images.
    ///
    /// - Parameter shim: See `LocalContainer.start`.
    public init(
        images: ImageCommands = .standard,
        nodeName: String? = nil,
        shim: String = "/proc/self/exe",
        path: String
    ) {
        self.images = images
        self.nodeName = nodeName
        self.shim = shim
        self.path = path
    }
}
