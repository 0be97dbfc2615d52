import ControlPlane
import Testing

private func sample(_ name: String, _ value: Double, _ labels: (String, String)...) -> MetricSample {
    MetricSample(name, labels.map { MetricSample.Label($0.0, $0.1) }, value)
}

private func total(_ name: String, _ values: Double..., labels: (String, String)...) -> Double? {
    let labels = labels.map { MetricSample.Label($0.0, $0.1) }
    return MetricTotals.of(values.map { [MetricSample(name, labels, $0)] }).first?.value
}

@Test func workIsAddedUpAndPartsOfAWholeAreAveraged() {
    #expect(total("vllm:num_requests_running", 2, 3, 1) == 6)
    #expect(total("vllm:generation_tokens_total", 100, 50) == 150)
    #expect(total("vllm:time_to_first_token_seconds_bucket", 7, 9, labels: ("le", "0.5")) == 16)
    #expect(total("llamacpp:predicted_tokens_seconds", 40, 60) == 100)
    #expect(total("vllm:avg_generation_throughput_toks_per_s", 40, 60) == 100)
    #expect(total("vllm:kv_cache_usage_perc", 0.5, 0.25, 0) == 0.25)
    #expect(total("llamacpp:kv_cache_usage_ratio", 1, 0.5) == 0.75)
    #expect(total("llamacpp:n_busy_slots_per_decode", 1, 3) == 2)
    #expect(total("sglang:cache_hit_rate", 0.2, 0.4).map { ($0 * 10).rounded() } == 3)
    #expect(total("vllm:cache_config_info", 1, 1) == 1)
    #expect(total("llamacpp:n_tokens_max", 90, 120) == 120)
    #expect(total("process_start_time_seconds", 200, 100) == 100)
    #expect(total("vllm:prompt_tokens_created", 200, 100) == 100)
    #expect(total("http_request_duration_seconds", 2, 5, labels: ("quantile", "0.9")) == 5)
}

@Test func samplesAreToldApartByTheirLabelsAndKeepTheirOrder() {
    let first = [sample("b", 1, ("model", "x")), sample("a", 1), sample("b", 4, ("model", "y"))]
    let second = [sample("a", 2), sample("c", 5), sample("b", 10, ("model", "x"))]
    let third = [sample("a", .nan), sample("c", .infinity)]
    #expect(
        MetricTotals.of([first, second, third]) == [
            sample("b", 11, ("model", "x")), sample("a", 3), sample("b", 4, ("model", "y")), sample("c", 5),
        ]
    )
    #expect(MetricTotals.of([first]) == first)
    #expect(MetricTotals.of([]) == [])
}

@Test func theHitRateOfAllReplicasIsThatOfTheirSums() {
    let labels = ("model_name", "qwen")
    let replicas = [(9.0, 10.0), (0.0, 90.0)].map { hits, queries in
        [
            sample("vllm:prefix_cache_hits_total", hits, labels),
            sample("vllm:prefix_cache_queries_total", queries, labels),
        ]
    }
    let told = MetricAliases.added(to: MetricTotals.of(replicas))
    #expect(told.first { $0.name == "vllm:gpu_prefix_cache_hit_rate" }?.value == 0.09)
}
