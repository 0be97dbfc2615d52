import JSON

/// What the servers of models, and other well-known servers, print when they start: of the sort that each prints, in Ingot's words.
struct EngineLog {
    private enum Engine {
        case vllm, sglang, tensorRT, llamaCpp, ray, generic
    }

    private let engine: Engine
    private let model: String
    private let port: String
    private let name: String

    /// Programs that run until they are stopped.
    private static let servers = [
        "nginx", "httpd", "caddy", "redis", "postgres", "mysql", "mongo", "etcd", "nats", "pause", "haproxy",
        "envoy", "traefik", "memcached", "rabbitmq", "prometheus", "grafana", "registry", "http-echo",
    ]

    /// Nil when the image is none of those.
    init?(image: String, words: [String], _ request: ContainerStart) {
        let image = image.lowercased()
        let text = words.joined(separator: " ")
        name = String(image.split(separator: "/").last ?? "")
        if image.contains("sglang") || text.contains("sglang") {
            engine = .sglang
        } else if image.contains("tensorrt") || image.contains("trtllm") || text.contains("trtllm") {
            engine = .tensorRT
        } else if image.contains("vllm") || image.contains("kaito") || text.contains("vllm") {
            engine = .vllm
        } else if image.contains("llama.cpp") || text.contains("llama-server") {
            engine = .llamaCpp
        } else if image.contains("rayproject") || image.hasSuffix("/ray") || words.first == "ray" {
            engine = .ray
        } else if Self.servers.contains(where: name.hasPrefix) {
            engine = .generic
        } else {
            return nil
        }
        model =
            Self.option(["--model", "--model-path", "--model-name", "-m", "--hf-repo"], in: words)
            ?? request.environment["MODEL_ID"] ?? request.environment["MODEL"] ?? "the model"
        let containerPort = request.container["ports"]?[0]?["containerPort"]?.integerValue
        port = Self.option(["--port"], in: words) ?? String(containerPort ?? 8000)
    }

    /// The value of the first of those options, also in a script: `--model NAME` or `--model=NAME`.
    private static func option(_ names: [String], in words: [String]) -> String? {
        let words = words.flatMap { $0.split(whereSeparator: \.isWhitespace).map(String.init) }
        for (index, word) in words.enumerated() {
            for name in names {
                if word == name, words.indices.contains(index + 1) { return words[index + 1] }
                if word.hasPrefix(name + "=") { return String(word.dropFirst(name.count + 1)) }
            }
        }
        if let serve = words.firstIndex(of: "serve"), words.indices.contains(serve + 1) {
            return words[serve + 1]
        }
        return nil
    }

    /// Starts for as long as it takes to be ready, then reports now and then.
    func program(ready: Duration) -> SimulatedProgram {
        let start = start
        let pause = ready / max(1, start.count)
        var steps: [SimulatedProgram.Step] = []
        for line in start { steps += [.print(line), .wait(pause)] }
        steps.append(.print("\(prefix)listening on http://0.0.0.0:\(port)"))
        return SimulatedProgram(steps: steps, cycle: idle.map { [.wait(.seconds(30)), .print($0)] } ?? [])
    }

    private var prefix: String {
        switch engine {
        case .vllm: "INFO [vllm] (simulated) "
        case .sglang: "[sglang] (simulated) "
        case .tensorRT: "[TRT-LLM] [I] (simulated) "
        case .llamaCpp: "llama-server (simulated): "
        case .ray: "ray (simulated): "
        case .generic: "\(name) (simulated): "
        }
    }

    private var start: [String] {
        let lines: [String] =
            switch engine {
            case .vllm:
                [
                    "engine starts for \(model)", "weights are being loaded",
                    "weights loaded; profiling memory for the KV cache", "CUDA graphs captured; routes ready",
                ]
            case .sglang:
                [
                    "server starts for \(model)", "weights loaded", "KV cache allocated",
                    "decode graphs captured; the server is ready",
                ]
            case .tensorRT:
                [
                    "executor starts for \(model)", "engine deserialized", "KV cache blocks allocated",
                    "executor ready",
                ]
            case .llamaCpp: ["loading \(model)", "model loaded", "slots initialised"]
            case .ray: ["node process starts", "connected to the cluster's control store", "node is up"]
            case .generic: ["starting"]
            }
        return lines.map { prefix + $0 }
    }

    /// What is printed from time to time; nil for nothing.
    private var idle: String? {
        switch engine {
        case .vllm: prefix + "requests running: 0, waiting: 0; KV cache usage: 0.0%"
        case .sglang: prefix + "requests running: 0, queued: 0; token usage: 0.00"
        case .tensorRT, .llamaCpp, .ray, .generic: nil
        }
    }
}
