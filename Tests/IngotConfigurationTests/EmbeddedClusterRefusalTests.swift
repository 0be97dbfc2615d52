import IngotConfiguration
import Testing

@Suite("What a configuration of the embedded cluster is refused for")
struct EmbeddedClusterRefusalTests {
    @Test(
        "A node is refused by the key that is wrong",
        arguments: [
            (
                #"{}"#,
                "[0].name: found nothing, expected a name of at most 50 lower case letters, digits, dots and dashes"
            ),
            (
                #"{"name": "A"}"#,
                #"[0].name: found "A", expected a name of at most 50 lower case letters, digits, dots and dashes"#
            ),
            (
                "1",
                "[0]: found 1, expected an object with the keys name, count, gpu, cpus, memory, storage, labels, taints"
            ),
            (
                #"{"name": "a", "gpus": 1}"#,
                "[0].gpus: found an unknown key, expected one of the keys name, count, gpu, cpus, memory, storage, labels, taints"
            ),
            (#"{"name": "a", "count": 0}"#, "[0].count: found 0, expected a whole number from 1 to 20000"),
            (#"{"name": "a", "cpus": "8"}"#, #"[0].cpus: found "8", expected a whole number from 1 to 4096"#),
            (
                #"{"name": "a", "memory": "1.5GiB"}"#,
                #"[0].memory: found "1.5GiB", expected a size from 1GiB to 65536GiB, such as "64KiB", "4MiB" or a plain "#
                    + "number of bytes, in whole GiB"
            ),
            (
                #"{"name": "a", "labels": {"x": 1}}"#,
                "[0].labels.x: found 1, expected labels: names and values as Kubernetes allows them, none of ingot.dev, "
                    + "no kubernetes.io/hostname"
            ),
            (#"{"name": "a", "taints": {}}"#, "[0].taints: found an object, expected a list of taints"),
            (
                #"{"name": "a", "taints": [{"key": "k"}, {"key": "k", "effect": "Never"}]}"#,
                #"[0].taints[1].effect: found "Never", expected one of "NoSchedule", "PreferNoSchedule", "NoExecute""#
            ),
            (
                #"{"name": "a", "gpu": "L4"}"#,
                #"[0].gpu: found "L4", expected an object with the keys product, count, memory, computeCapability, mig"#
            ),
            (
                #"{"name": "a", "gpu": {"product": "NVIDIA-L4", "count": 0}}"#,
                "[0].gpu.count: found 0, expected a whole number from 1 to 1024"
            ),
            (
                #"{"name": "a", "gpu": {"product": "NVIDIA-L4", "computeCapability": 8.9}}"#,
                #"[0].gpu.computeCapability: found 8.9, expected a compute capability such as "9.0""#
            ),
            (
                #"{"name": "a", "gpu": {"product": "NVIDIA-L5", "computeCapability": "9.0"}}"#,
                #"[0].gpu.memory: found nothing, expected a size, since "NVIDIA-L5" is no known product; the nearest is "NVIDIA-L4""#
            ),
        ]
    )
    func nodes(_ node: String, _ line: String) {
        #expect(
            problems(#"{"cluster": {"embedded": {"nodes": [\#(node)]}}}"#) == [
                "cluster.embedded.nodes" + line
            ]
        )
    }

    @Test(
        "Labels that mark nodes, and those that Kubernetes would refuse, are refused",
        arguments: ["ingot.dev/simulated", "kubernetes.io/hostname", "-a", "a/b/c", ""]
    )
    func labels(_ key: String) {
        let lines = problems(
            #"{"cluster": {"embedded": {"nodes": [{"name": "a", "labels": {"\#(key)": "x"}}]}}}"#
        )
        #expect(lines.count == 1 && lines.first?.hasPrefix("cluster.embedded.nodes[0].labels") == true)
    }

    @Test("Two nodes of one name are refused, also when a number makes the name; and too many nodes")
    func names() {
        func lines(_ nodes: String) -> [String] {
            problems(#"{"cluster": {"embedded": {"nodes": \#(nodes)}}}"#)
        }
        let expected = "expected a name that no other node has"
        #expect(
            lines(#"[{"name": "a"}, {"name": "b"}, {"name": "a"}]"#) == [
                #"cluster.embedded.nodes[2].name: found "a", \#(expected)"#
            ]
        )
        #expect(
            lines(#"[{"name": "a-2"}, {"name": "a", "count": 2}]"#) == [
                #"cluster.embedded.nodes[1].name: found "a", \#(expected)"#
            ]
        )
        #expect(lines(#"[{"name": "a", "count": 2}, {"name": "a"}]"#) == [])
        #expect(
            lines(#"[{"name": "a", "count": 15000}, {"name": "b", "count": 5001}]"#) == [
                "cluster.embedded.nodes[1].count: found 20001 nodes in all, expected 20000 at most"
            ]
        )
        #expect(lines("[]") == [])
    }

    @Test(
        "A command for images is refused by the key that is wrong",
        arguments: [
            (
                #"{"a": 1}"#,
                ".a: found 1, expected the name of an executable, an object with the keys entrypoint, arguments, appended, "
                    + "environment, port, or null"
            ),
            (
                #"{"a": {}}"#,
                ".a.entrypoint: found nothing, expected a list of texts, of which the first names an executable"
            ),
            (
                #"{"a": {"entrypoint": [""]}}"#,
                ".a.entrypoint: found an array, expected a list of texts, of which the first names an executable"
            ),
            (
                #"{"a": {"entrypoint": ["x"], "arguments": ["y", 1]}}"#,
                ".a.arguments: found an array, expected a list of texts"
            ),
            (
                #"{"a": {"entrypoint": ["x"], "port": 65536}}"#,
                ".a.port: found 65536, expected a whole number from 1 to 65535"
            ),
            (
                #"{"a:1*": {"entrypoint": ["x"], "environment": {"A": 1}}}"#,
                #"["a:1*"].environment.A: found 1, expected variables: texts by their names"#
            ),
            (
                #"{"a": {"entrypoint": ["x"], "args": []}}"#,
                ".a.args: found an unknown key, expected one of the keys entrypoint, arguments, appended, environment, port"
            ),
            (
                #"{"*": "x"}"#,
                #"["*"]: found no name of an image, expected one such as "ghcr.io/ggml-org/llama.cpp:server*""#
            ),
            (
                #"{"example.com/*:1": "x"}"#,
                #"["example.com/*:1"]: found no name of an image, expected one such as "ghcr.io/ggml-org/llama.cpp:server*""#
            ),
        ]
    )
    func images(_ images: String, _ line: String) {
        #expect(
            problems(#"{"cluster": {"embedded": {"images": \#(images)}}}"#) == [
                "cluster.embedded.images" + line
            ]
        )
    }

    @Test("Everything that is wrong is said at once, in the environment too")
    func allAtOnce() async throws {
        let lines = try await refusals(environment: [
            "INGOT_CLUSTER_EMBEDDED_NODES":
                #"[{"name": "A", "count": 0}, {"name": "b", "gpu": {"product": "?"}}]"#,
            "INGOT_CLUSTER_EMBEDDED_IMAGES": "python",
        ])
        #expect(
            lines.map { String($0.prefix { $0 != "," }) } == [
                "environment variable INGOT_CLUSTER_EMBEDDED_IMAGES: cluster.embedded.images: found \"python\"",
                "environment variable INGOT_CLUSTER_EMBEDDED_NODES: cluster.embedded.nodes[0].name: found \"A\"",
                "environment variable INGOT_CLUSTER_EMBEDDED_NODES: cluster.embedded.nodes[0].count: found 0",
                "environment variable INGOT_CLUSTER_EMBEDDED_NODES: cluster.embedded.nodes[1].gpu.product: found \"?\"",
            ]
        )
    }
}
