import Testing

@testable import ControlPlane

@Suite("Metrics as text")
struct PrometheusTextTests {
    private func samples(_ text: String) -> [MetricSample] { PrometheusText.samples(Array(text.utf8)) }

    private func sample(_ line: String) -> MetricSample? {
        let samples = samples(line)
        return samples.count == 1 ? samples[0] : nil
    }

    @Test("What llama.cpp tells is read, comments left out")
    func llamaCpp() {
        let text = """
            # HELP llamacpp:prompt_tokens_total Number of prompt tokens processed.
            # TYPE llamacpp:prompt_tokens_total counter
            llamacpp:prompt_tokens_total 36

            # TYPE llamacpp:requests_processing gauge
            llamacpp:requests_processing 0
            """
        #expect(
            samples(text) == [
                MetricSample("llamacpp:prompt_tokens_total", 36),
                MetricSample("llamacpp:requests_processing", 0),
            ]
        )
    }

    @Test("Labels may have blanks around them, a comma after the last, and none may be there at all")
    func labels() {
        let expected = MetricSample("a", [.init("x", "1"), .init("_y2", "two words")], 3)
        for line in [
            #"a{x="1",_y2="two words"} 3"#, #"a{x="1",_y2="two words",} 3"#,
            #"a { x = "1" , _y2 = "two words" } 3"#,
            #"  a{x="1",_y2="two words"}3"#, "a{x=\"1\",_y2=\"two words\"}\t3\r",
        ] {
            #expect(sample(line) == expected, "\(line)")
        }
        #expect(sample("a{} 1") == MetricSample("a", 1))
        #expect(sample(#"a{x=""} 1"#) == MetricSample("a", [.init("x", "")], 1))
    }

    @Test("Label values may have braces, commas, number signs and escaped characters")
    func labelValues() {
        let values = [
            (#"{}"#, "{}"), (#"a}b,c="d"#, nil), (##"} 1 # {"##, "} 1 # {"), (#"a\"b"#, "a\"b"),
            (#"a\\"#, "a\\"),
            (#"a\nb"#, "a\nb"), (#"a\\n"#, "a\\n"), (#"C:\dir"#, "C:\\dir"), ("größe", "größe"),
            ("a=b,c", "a=b,c"),
        ]
        for (written, value) in values {
            let found = sample("m{l=\"\(written)\"} 1")
            #expect(found == value.map { MetricSample("m", [.init("l", $0)], 1) }, "\(written)")
        }
    }

    @Test("Values are Go's numbers")
    func values() {
        let values: [(String, Double)] = [
            ("1", 1), ("-1.5", -1.5), ("+2", 2), ("1.7560473e+07", 17_560_473), ("1e-9", 1e-9), (".5", 0.5),
            ("+Inf", .infinity), ("-Inf", -.infinity), ("Inf", .infinity), ("1.8446744073709552e+19", 0x1p64),
        ]
        for (written, value) in values { #expect(sample("m \(written)")?.value == value, "\(written)") }
        for written in ["NaN", "nan"] { #expect(sample("m \(written)")?.value.isNaN == true) }
    }

    @Test("Time stamps and exemplars may follow the value")
    func ends() {
        let expected = MetricSample("b", [.init("le", "+Inf")], 17)
        for end in [
            "", " ", " 1395066363000", " -3982045", " 1520879607.789", ##" # {trace_id="KOO5S4vxi0o"} 0.67"##,
            ##" 123 # {trace_id="a} # {b"} 9.8 1520879607.789"##,
        ] {
            #expect(sample("b{le=\"+Inf\"} 17" + end) == expected, "\(end)")
        }
    }

    @Test("Names in quotation marks stand among the labels, as Prometheus 3 has them")
    func quotedNames() {
        #expect(sample(#"{"my.metric"} 1"#) == MetricSample("my.metric", 1))
        #expect(
            sample(#"{"my.metric", "a.b"="c", d="e"} 1"#)
                == MetricSample("my.metric", [.init("a.b", "c"), .init("d", "e")], 1)
        )
    }

    @Test("A line that is no sample is left out, and those around it are not")
    func brokenLines() {
        for line in [
            "m", "m ", "m x", "m 1 x", "m 1 2 3", "1m 1", "m-n 1", "m{ 1", "m{x} 1", "m{x=1} 1",
            #"m{x="1} 1"#,
            #"m{x="1"y="2"} 1"#, #"m{x="1",x="2"} 1"#, #"m{x:y="1"} 1"#, #"{x="1"} 1"#, #"m{"n"} 1"#, "{} 1",
            "m=1",
            #"m{,} 1"#, "<html>", "{\"status\": \"ok\"}", #"m{x="\"#,
        ] {
            #expect(samples("a 1\n\(line)\nb 2") == [MetricSample("a", 1), MetricSample("b", 2)], "\(line)")
        }
        #expect(samples("").isEmpty && PrometheusText.samples([0xFF, 0x0A, 0x7B, 0x22, 0xC3, 0x0A]).isEmpty)
    }

    // MARK: Names

    @Test("What engines call otherwise now is told under the front end's names too")
    func aliases() {
        let label = MetricSample.Label("model_name", "m")
        let told = [
            MetricSample("llamacpp:requests_deferred", 2),
            MetricSample("vllm:kv_cache_usage_perc", [label], 0.25),
            MetricSample("vllm:inter_token_latency_seconds_sum", [label], 3),
            MetricSample("vllm:prefix_cache_queries_total", [label], 200),
            MetricSample("vllm:prefix_cache_hits_total", [label], 50),
            MetricSample("ray_serve_num_http_requests_total", 7),
        ]
        #expect(
            MetricAliases.added(to: told) == told + [
                MetricSample("llamacpp_requests_pending", 2),
                MetricSample("vllm:gpu_cache_usage_perc", [label], 0.25),
                MetricSample("vllm:time_per_output_token_seconds_sum", [label], 3),
                MetricSample("vllm:gpu_prefix_cache_hit_rate", [label], 0.25),
            ]
        )
    }

    @Test("An engine that tells the old names itself is not corrected")
    func oldNames() {
        let told = [
            MetricSample("vllm:kv_cache_usage_perc", 0.5), MetricSample("vllm:gpu_cache_usage_perc", 0.4),
            MetricSample("vllm:gpu_prefix_cache_hit_rate", 0.1),
            MetricSample("vllm:gpu_prefix_cache_queries_total", 10),
            MetricSample("vllm:gpu_prefix_cache_hits_total", 5),
        ]
        #expect(MetricAliases.added(to: told) == told)
        #expect(MetricAliases.added(to: Array(told.suffix(2))).last?.name == "vllm:gpu_prefix_cache_hit_rate")
        // Nobody has asked yet: there is no rate.
        let idle = [
            MetricSample("vllm:prefix_cache_queries_total", 0),
            MetricSample("vllm:prefix_cache_hits_total", 0),
        ]
        #expect(MetricAliases.added(to: idle) == idle)
    }
}

extension MetricSample {
    /// A sample without labels.
    fileprivate init(_ name: String, _ value: Double) {
        self.init(name, [], value)
    }
}
