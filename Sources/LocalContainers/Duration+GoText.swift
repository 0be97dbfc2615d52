extension Duration {
    /// As Go prints a duration cut to milliseconds: `350ms`, `1.5s`, `1m20s`, `5m0s`. Clients read these in the kubelet's messages.
    public var goText: String {
        let (seconds, attoseconds) = components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        if seconds == 0 { return milliseconds == 0 ? "0s" : "\(milliseconds)ms" }
        var fraction = ""
        if milliseconds > 0 {
            fraction = String(1000 + milliseconds).dropFirst().description
            while fraction.hasSuffix("0") { fraction.removeLast() }
            fraction = "." + fraction
        }
        let minutes = seconds / 60
        if minutes == 0 { return "\(seconds)\(fraction)s" }
        let rest = "\(seconds % 60)\(fraction)s"
        return minutes < 60 ? "\(minutes)m\(rest)" : "\(minutes / 60)h\(minutes % 60)m\(rest)"
    }
}
