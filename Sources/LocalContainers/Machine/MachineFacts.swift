internal import Glibc

/// What does not change about this machine while it runs: a Kubernetes node's `status.nodeInfo`.
public struct MachineFacts: Sendable, Hashable {
    /// The ID of the installed system (`machine-id(5)`); empty where there is none.
    public let machineID: String
    /// The hardware's ID, or the machine's where only root may read that.
    public let systemUUID: String
    /// The ID of this boot.
    public let bootID: String
    /// The kernel's release, such as `6.1.0-18-amd64`.
    public let kernelVersion: String
    /// The name of the distribution, such as `Debian GNU/Linux 12 (bookworm)`.
    public let osImage: String
    /// `linux`.
    public let operatingSystem: String
    /// The processor's architecture as Go names it: `amd64`, `arm64`.
    public let architecture: String
    /// The host's name.
    public let hostname: String

    /// Reads the facts.
    ///
    /// - Parameter root: Where the file system begins.
    public init(root: String = "") {
        var system = utsname()
        uname(&system)
        let machine = Self.text(system.machine)
        kernelVersion = Self.text(system.release)
        hostname = Self.text(system.nodename)
        operatingSystem = "linux"
        architecture =
            switch machine {
            case "x86_64": "amd64"
            case "aarch64": "arm64"
            default: machine
            }
        bootID = SystemFile.line("\(root)/proc/sys/kernel/random/boot_id") ?? ""
        machineID =
            SystemFile.line("\(root)/etc/machine-id") ?? SystemFile.line("\(root)/var/lib/dbus/machine-id")
            ?? ""
        systemUUID = SystemFile.line("\(root)/sys/class/dmi/id/product_uuid") ?? machineID
        let release =
            SystemFile.text("\(root)/etc/os-release") ?? SystemFile.text("\(root)/usr/lib/os-release") ?? ""
        osImage = Self.prettyName(release) ?? "Linux"
    }

    /// The value of `PRETTY_NAME` (os-release(5)).
    static func prettyName(_ release: String) -> String? {
        for line in release.split(separator: "\n") where line.hasPrefix("PRETTY_NAME=") {
            var value = line.dropFirst("PRETTY_NAME=".count)
            if let quote = value.first, quote == "\"" || quote == "'", value.count >= 2, value.last == quote {
                value = value.dropFirst().dropLast()
            }
            return value.isEmpty ? nil : String(value)
        }
        return nil
    }

    private static func text<Characters>(_ characters: Characters) -> String {
        withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
