/// The names under which the web front end looks for metrics that engines tell under other names now. Each is added beside what
/// the engine tells, unless the engine tells that name itself.
public enum MetricAliases {
    /// The name that the front end knows, by the name that an engine tells.
    private static let names = [
        // llama.cpp (tools/server/README.md, "GET /metrics").
        "llamacpp:requests_processing": "llamacpp_requests_processing",
        "llamacpp:requests_deferred": "llamacpp_requests_pending",
        "llamacpp:kv_cache_usage_ratio": "llamacpp_kv_cache_usage_ratio",
        "llamacpp:tokens_predicted_total": "llamacpp_tokens_predicted_total",
        "llamacpp:prompt_tokens_total": "llamacpp_prompt_tokens_processed_total",
        // vLLM's engine V1 (docs/design/metrics.md).
        "vllm:kv_cache_usage_perc": "vllm:gpu_cache_usage_perc",
        "vllm:inter_token_latency_seconds_bucket": "vllm:time_per_output_token_seconds_bucket",
        "vllm:inter_token_latency_seconds_count": "vllm:time_per_output_token_seconds_count",
        "vllm:inter_token_latency_seconds_sum": "vllm:time_per_output_token_seconds_sum",
    ]

    /// A rate that vLLM has replaced by two counters, whose names began with `gpu_` before.
    private static let hitRate = "vllm:gpu_prefix_cache_hit_rate"
    private static let hits = ["vllm:prefix_cache_hits_total", "vllm:gpu_prefix_cache_hits_total"]
    private static let queries = ["vllm:prefix_cache_queries_total", "vllm:gpu_prefix_cache_queries_total"]

    /// The samples, with those of other names after them.
    public static func added(to samples: [MetricSample]) -> [MetricSample] {
        let told = Set(samples.map(\.name))
        let renamed = samples.compactMap { sample -> MetricSample? in
            guard let name = names[sample.name], !told.contains(name) else { return nil }
            return MetricSample(name, sample.labels, sample.value)
        }
        return samples + renamed + (told.contains(hitRate) ? [] : hitRates(samples))
    }

    /// The part of the tokens asked for that the prefix cache had, since the engine began, for each set of labels.
    private static func hitRates(_ samples: [MetricSample]) -> [MetricSample] {
        for (hits, queries) in zip(hits, queries) {
            var asked: [[MetricSample.Label]: Double] = [:]
            for sample in samples where sample.name == queries { asked[sample.labels] = sample.value }
            let rates = samples.compactMap { sample -> MetricSample? in
                guard sample.name == hits, let asked = asked[sample.labels], asked > 0 else { return nil }
                return MetricSample(hitRate, sample.labels, sample.value / asked)
            }
            if !rates.isEmpty { return rates }
        }
        return []
    }
}
