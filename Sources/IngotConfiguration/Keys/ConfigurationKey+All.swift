extension ConfigurationKey {
    static let host = ConfigurationKey(
        "host",
        .address,
        default: .text("127.0.0.1"),
        flag: "--host",
        "The address to listen on; a loopback one unless `auth.mode` says how callers prove who they are"
    )
    static let port = ConfigurationKey(
        "port",
        .integer(0...65535),
        default: .integer(3001),
        customaryVariable: "PORT",
        flag: "--port",
        "The TCP port to listen on; 0 takes any free one. `PORT` sets it too where `INGOT_PORT` does not"
    )
    static let dataDirectory = ConfigurationKey(
        "dataDirectory",
        .path,
        default: .text(""),
        environmentVariable: "INGOT_DATA_DIR",
        flag: "--data-dir",
        "Where data is kept; when empty, `$XDG_DATA_HOME/ingot` or else `~/.local/share/ingot`"
    )

    static let logLevel = ConfigurationKey(
        "log.level",
        .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]),
        default: .text("info"),
        flag: "--log-level",
        isLive: true,
        "The least severe level that is logged"
    )
    static let logFormat = ConfigurationKey(
        "log.format",
        .choice(ServeConfiguration.Log.Format.allCases.map(\.rawValue)),
        default: .text("text"),
        flag: "--log-format",
        "How log records are written: for people or as one JSON object a line"
    )

    static let eventLoops = ConfigurationKey(
        "server.eventLoops",
        .integer(0...256),
        default: .integer(0),
        "Threads that serve connections; 0 for one per core"
    )
    static let gracePeriod = ConfigurationKey(
        "server.gracePeriod",
        .duration(milliseconds: 0...3_600_000),
        default: .duration(milliseconds: 10_000),
        "How long a stop waits for requests in progress"
    )
    static let allowedHosts = ConfigurationKey(
        "server.allowedHosts",
        .hostNames,
        default: .list([]),
        "Names besides addresses and `localhost` under which clients may call the server; `*` for all"
    )

    static let corsAllowedOrigins = ConfigurationKey(
        "server.cors.allowedOrigins",
        .origins,
        default: .list([]),
        "Origins whose pages may read answers; `*` for all. When empty, those on loopback addresses"
    )
    static let corsAllowCredentials = ConfigurationKey(
        "server.cors.allowCredentials",
        .boolean,
        default: .boolean(false),
        "Whether such pages may send cookies and other credentials; not together with `*`"
    )
    static let corsMaxAge = ConfigurationKey(
        "server.cors.maxAge",
        .duration(milliseconds: 0...86_400_000),
        default: .duration(milliseconds: 600_000),
        "How long a browser may remember what a preflight request said"
    )

    static let huggingFaceEndpoint = ConfigurationKey(
        "huggingFace.endpoint",
        .baseURL,
        default: .text("https://huggingface.co"),
        customaryVariable: "HF_ENDPOINT",
        "The base URL of the Hugging Face Hub, or of a mirror of it, where models are searched and their metadata is read. "
            + "`HF_ENDPOINT` sets it too where `INGOT_HUGGING_FACE_ENDPOINT` does not"
    )
    static let huggingFaceClientID = ConfigurationKey(
        "huggingFace.oauth.clientId",
        .text,
        default: .text("e05817a1-7053-4b9e-b292-29cd219fccf8"),
        customaryVariable: "HF_CLIENT_ID",
        "The client id of the OAuth application as which people sign in to the Hub. `HF_CLIENT_ID` sets it too where "
            + "`INGOT_HUGGING_FACE_OAUTH_CLIENT_ID` does not"
    )
    static let huggingFaceRedirectOrigins = ConfigurationKey(
        "huggingFace.oauth.redirectOrigins",
        .origins,
        default: .list([]),
        "Origins besides those on loopback addresses to which the Hub may send people back after they have signed in"
    )

    static let outboundProxy = ConfigurationKey(
        "outbound.proxy",
        .text,
        default: .text(""),
        "The proxy of the requests that Ingot sends, such as `http://proxy.example:3128`; when empty, those that `HTTPS_PROXY`, "
            + "`HTTP_PROXY` and `NO_PROXY` name. The `proxy-url` of a kubeconfig goes before, and this machine is asked directly"
    )
    static let outboundProxyExceptions = ConfigurationKey(
        "outbound.proxyExceptions",
        .text,
        default: .text(""),
        "What is asked directly in spite of `outbound.proxy`: names, which stand for their subdomains too, addresses and blocks of "
            + "addresses, with commas between them"
    )
    static let huggingFaceTimeout = ConfigurationKey(
        "huggingFace.timeout",
        .duration(milliseconds: 100...600_000),
        default: .duration(milliseconds: 20_000),
        "How long the Hub may take for an answer, all attempts together"
    )
    static let modelsDirectory = ConfigurationKey(
        "models.directory",
        .path,
        default: .text(""),
        flag: "--models-dir",
        "A folder of this machine whose GGUF files, those in folders below it too, are listed as models; none when empty"
    )

    static let compressionMinimumSize = ConfigurationKey(
        "server.compression.minimumSize",
        .size(0...(1 << 30)),
        default: .size(1024),
        "Bodies of at least this size are compressed for clients that ask for gzip"
    )
    static let compressionLevel = ConfigurationKey(
        "server.compression.level",
        .integer(0...9),
        default: .integer(6),
        "zlib's level, from 1 (fast) to 9 (small); 0 turns compression off"
    )

    /// Every key there is, in the order of the example and the reference.
    public static let all: [ConfigurationKey] =
        [
            host, port, dataDirectory, logLevel, logFormat,
        ] + access + cluster + helm + [
            huggingFaceEndpoint, huggingFaceTimeout, huggingFaceClientID, huggingFaceRedirectOrigins,
            modelsDirectory, outboundProxy, outboundProxyExceptions,
            eventLoops, gracePeriod, allowedHosts, corsAllowedOrigins,
            corsAllowCredentials, corsMaxAge,
        ] + limits + [compressionMinimumSize, compressionLevel]

    /// The key with that path.
    static func key(_ path: String) -> ConfigurationKey? { byPath[path] }

    private static let byPath = Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0) })

    /// The paths of the objects that hold keys, each once.
    static let sections: Set<String> = all.reduce(into: []) { sections, key in
        for length in 1..<max(key.components.count, 1) where key.components.count > 1 {
            sections.insert(key.components.prefix(length).joined(separator: "."))
        }
    }
}
