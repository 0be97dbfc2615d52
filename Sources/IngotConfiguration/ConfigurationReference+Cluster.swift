extension ConfigurationReference {
    /// What stands in the values of `cluster.embedded.nodes` and `cluster.embedded.images`.
    static let clusterStructures = """
        ## `cluster.embedded.nodes`

        The simulated nodes, in place of the default ones: two with eight A100-80GB, one with four L4 and one without GPUs. An
        empty list leaves this machine as the only node. After a change and a restart the nodes are what the list says: new ones
        are added, others change, and those that it no longer has are removed; their pods go elsewhere as after a node's loss.

        ```json
        {"cluster": {"embedded": {"nodes": [
          {"name": "h100", "count": 4, "gpu": {"product": "NVIDIA-H100-80GB-HBM3", "count": 8}, "cpus": 192, "memory": "2048GiB",
           "labels": {"topology.kubernetes.io/zone": "b"}, "taints": [{"key": "nvidia.com/gpu", "effect": "NoSchedule"}]},
          {"name": "lab", "gpu": {"product": "Prototype", "memory": "96GiB", "computeCapability": "9.0"}}
        ]}}}
        ```

        | Key | Default | Meaning |
        |---|---|---|
        | `name` | (required) | The node's name; several nodes are called `name-1`, `name-2` and so on. |
        | `count` | `1` | How many such nodes there are. |
        | `gpu.product` | (required) | The GPUs, by the label `nvidia.com/gpu.product` that GPU feature discovery sets. |
        | `gpu.count` | `1` | How many of them each node has. |
        | `gpu.memory` | the product's | The memory of one, whole MiB. Required for a product that Ingot does not know. |
        | `gpu.computeCapability` | the product's | Such as `"9.0"`. Required for a product that Ingot does not know. |
        | `gpu.mig` | the product's | Whether it can be divided into instances. |
        | `cpus` | `16` | CPU cores. |
        | `memory` | `"64GiB"` | Memory, whole GiB. |
        | `storage` | `"500GiB"` | Disk space for images, logs and pods, whole GiB. |
        | `labels` | `{}` | Labels, which take precedence over those that Ingot sets. |
        | `taints` | `[]` | Objects with `key`, `value` (empty by default) and `effect` (`NoSchedule` by default, `PreferNoSchedule`, `NoExecute`). |

        ## `cluster.embedded.images`

        What runs on this machine in place of container images: a pod whose image has no command here is not placed on this
        machine, and one that insists gets `ErrImagePull` and `ImagePullBackOff`. The keys are images' names, in which the tag or
        digest may have wildcards `*`; of several that fit the most exact one counts.

        ```json
        {"cluster": {"embedded": {"images": {
          "ghcr.io/ggml-org/llama.cpp:server*": {"entrypoint": ["/opt/llama.cpp/llama-server"], "appended": ["--host", "{podIP}"], "port": 8080},
          "python:3*": "python3",
          "ghcr.io/ggerganov/llama.cpp:server*": null
        }}}}
        ```

        | Key | Default | Meaning |
        |---|---|---|
        | `entrypoint` | (required) | The executable, with its folder or found on the `PATH` of Ingot, and arguments; a pod's `command` replaces them. |
        | `arguments` | `[]` | Arguments, which a pod's `args` replace. |
        | `appended` | `[]` | Arguments after the pod's own, for programs that heed the last of several. |
        | `environment` | `{}` | Variables, over which a pod's `env` takes precedence. |
        | `port` | none | The port where the pod names none. |

        In all texts but the executable `{podIP}` stands for the pod's address and `{port}` for the first of the container's ports. A
        text in place of the object is an executable without arguments. `null` takes a command away. `llama-server` is there without
        being configured, for `ghcr.io/ggml-org/llama.cpp:server*` and `ghcr.io/ggerganov/llama.cpp:server*`.
        """
}
