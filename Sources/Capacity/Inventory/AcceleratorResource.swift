/// A resource by which device plugins offer accelerators.
public struct AcceleratorResource: Sendable, Hashable {
    /// What one unit of the resource is.
    public enum Unit: Sendable, Hashable {
        /// A whole device, or what the device plugin has been told to call one.
        case device
        /// A share of a device that the device plugin has given a name of its own (`renameByDefault`).
        case share
        /// A MIG slice.
        case slice(MIGProfile)
    }

    /// The name, such as `nvidia.com/gpu`.
    public let name: String
    /// Who makes the devices.
    public let vendor: GPUVendor
    /// What one unit is.
    public let unit: Unit

    /// The accelerators behind a resource; nil when the resource is something else.
    public init?(_ name: String) {
        self.name = name
        switch name {
        case "nvidia.com/gpu": (vendor, unit) = (.nvidia, .device)
        case "nvidia.com/gpu.shared": (vendor, unit) = (.nvidia, .share)
        case "amd.com/gpu": (vendor, unit) = (.amd, .device)
        case "gpu.intel.com/i915", "gpu.intel.com/xe", "habana.ai/gaudi": (vendor, unit) = (.intel, .device)
        case "google.com/tpu": (vendor, unit) = (.google, .device)
        case "huawei.com/Ascend910": (vendor, unit) = (.huawei, .device)
        default:
            let prefix = "nvidia.com/mig-"
            guard name.hasPrefix(prefix) else { return nil }
            var profile = name.dropFirst(prefix.count)
            // With renameByDefault the shares of a slice are a resource of their own.
            if profile.hasSuffix(".shared") { profile.removeLast(".shared".count) }
            guard let profile = MIGProfile(parsing: profile) else { return nil }
            (vendor, unit) = (.nvidia, .slice(profile))
        }
    }
}
