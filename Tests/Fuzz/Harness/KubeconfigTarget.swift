import Kubernetes

/// The reader of kubeconfig files: it says which file is wrong, on one line, and whatever it does not refuse can be used.
enum KubeconfigTarget {
    static func examine(_ input: [UInt8]) throws(FuzzFinding) {
        do throws(KubeconfigError) {
            let kubeconfig = try Kubeconfig(bytes: input, path: "/etc/kubeconfig")
            _ = try kubeconfig.configuration()
        } catch {
            let text = error.description
            // A file without entries is no entry's.
            try FuzzFinding.require(
                text.contains("/etc/kubeconfig") || text.hasSuffix("there are none"),
                "\(text.utf8.printable) is said of \(input.printable)"
            )
        }
    }
}
