extension ConfigurationKey {
    static let helmPath = ConfigurationKey(
        "helm.path",
        .path,
        default: .text(""),
        customaryVariable: "HELM_PATH",
        "The `helm` program, which installs runtimes; when empty, `helm` along `PATH`. `HELM_PATH` sets it too where "
            + "`INGOT_HELM_PATH` does not"
    )
    static let helmTimeout = ConfigurationKey(
        "helm.timeout",
        .duration(milliseconds: 1000...7_200_000),
        default: .duration(milliseconds: 900_000),
        "How long one command of `helm` may take before it is ended"
    )

    /// The keys of `helm`.
    static let helm: [ConfigurationKey] = [helmPath, helmTimeout]
}
