"""What the server tells of GPUs: how many there are, how many are free, and how they lie."""

import contextlib
import json

import pytest
import requests

from cluster import Kubectl, config_map, pod
from models import as_shown, has_types
from waiting import PATIENCE, until_answer

DOCUMENTED = {
    "totalGpus": int, "allocatedGpus": int, "availableGpus": int, "maxContiguousAvailable": int, "totalMemoryGb": int,
    "nodes": list,
}
DOCUMENTED_OF_A_NODE = {"nodeName": str, "totalGpus": int, "allocatedGpus": int, "availableGpus": int}
# What clients read besides, and what they read of the answer by pools.
EXTRA = {"maxNodeGpuCapacity": int, "gpuNodeCount": int}
OF_A_POOL = {
    "name": str, "gpuCount": int, "nodeCount": int, "availableGpus": int, "gpuModel": str, "instanceType": str, "region": str,
}
# The answer that the document shows.
SHOWN = {
    "totalGpus": 4, "allocatedGpus": 1, "availableGpus": 3, "maxContiguousAvailable": 2, "totalMemoryGb": 80,
    "nodes": [
        {"nodeName": "gpu-node-1", "totalGpus": 2, "allocatedGpus": 1, "availableGpus": 1},
        {"nodeName": "gpu-node-2", "totalGpus": 2, "allocatedGpus": 0, "availableGpus": 2},
    ],
}
GPU = "nvidia.com/gpu"


@contextlib.contextmanager
def following(embedded, data, *flags):
    """A server with an embedded cluster of its own, whose GPUs nobody else takes, and kubectl for it."""
    with embedded(data, *flags) as program:
        until_answer(program.url + "/readyz", lambda answer: answer.status_code == 200)
        kubectl = Kubectl(data / "embedded-cluster/kubeconfig", data, "default")
        kubectl.until(lambda: kubectl.run("get", "serviceaccount", "default").status == 0, "there is a service account")
        yield program, kubectl


@pytest.fixture(scope="module")
def server(tmp_path_factory, embedded):
    """The cluster that Ingot has by default."""
    with following(embedded, tmp_path_factory.mktemp("capacity")) as both:
        yield both


@pytest.fixture(scope="module")
def shown(tmp_path_factory, embedded):
    """The cluster of which the document shows the answer: one GPU of four is in use."""
    data = tmp_path_factory.mktemp("shown")
    file = data / "config.json"
    file.write_text(json.dumps({"cluster": {"embedded": {"nodes": [
        {"name": "gpu-node", "count": 2, "gpu": {"product": "NVIDIA-A100-SXM4-80GB", "count": 2}, "cpus": 16, "memory": "64GiB"},
        {"name": "cpu", "cpus": 16, "memory": "64GiB"},
    ]}}}))
    with following(embedded, data, "--config", file) as (program, kubectl):
        kubectl.apply(gpu_pod("one", 1, "gpu-node-1"))
        capacity(program, lambda answer: answer["allocatedGpus"] == 1)
        yield program, kubectl


def capacity(program, condition=lambda answer: True):
    url = program.url + "/api/installation/gpu-capacity"
    return until_answer(url, lambda answer: answer.status_code == 200 and condition(answer.json())).json()


def gpu_pod(name, count, node=None, **options):
    container = {"resources": {"limits": {GPU: count}, "requests": {GPU: count}}}
    spec = {"nodeSelector": {"kubernetes.io/hostname": node}} if node else {}
    return pod(name, container=container, **spec, **options)


def test_the_cluster_that_the_document_shows_is_told_as_it_shows_it(shown):
    program, _ = shown
    answer = capacity(program)
    has_types(answer, {**DOCUMENTED, **EXTRA})
    for node in answer["nodes"]:
        has_types(node, DOCUMENTED_OF_A_NODE)
    assert as_shown(answer, SHOWN) == SHOWN
    assert (answer["maxNodeGpuCapacity"], answer["gpuNodeCount"]) == (2, 2)


def test_the_answer_by_pools_has_the_same_numbers_and_pools_instead_of_nodes(shown):
    program, kubectl = shown
    labels = ["agentpool=gpu", "node.kubernetes.io/instance-type=Standard_NC48ads_A100_v4", "topology.kubernetes.io/region=westus"]
    for node in ("gpu-node-1", "gpu-node-2"):
        kubectl("label", "node", node, *labels, "--overwrite")
    expected = {
        "name": "gpu", "gpuCount": 4, "nodeCount": 2, "availableGpus": 3, "gpuModel": "NVIDIA-A100-SXM4-80GB",
        "instanceType": "Standard_NC48ads_A100_v4", "region": "westus",
    }
    url = program.url + "/api/installation/gpu-capacity/detailed"
    answer = until_answer(url, lambda answer: answer.json()["nodePools"] == [expected]).json()
    has_types(answer["nodePools"][0], OF_A_POOL)
    whole = capacity(program)
    del whole["nodes"], answer["nodePools"]
    assert answer == whole
    has_types(answer, {key: kind for key, kind in {**DOCUMENTED, **EXTRA}.items() if key != "nodes"})


def test_memory_is_that_of_the_label_in_gib_else_that_of_the_product_else_not_there(shown):
    program, kubectl = shown

    def label(*labels):
        kubectl("label", "node", "gpu-node-1", "gpu-node-2", *labels, "--overwrite")

    assert capacity(program)["totalMemoryGb"] == 80
    label("nvidia.com/gpu.memory=40960")
    capacity(program, lambda answer: answer.get("totalMemoryGb") == 40)
    label("nvidia.com/gpu.memory-")
    capacity(program, lambda answer: answer.get("totalMemoryGb") == 80)
    label("nvidia.com/gpu.product=NVIDIA-Unheard-Of")
    answer = capacity(program, lambda answer: "totalMemoryGb" not in answer)
    assert answer["totalGpus"] == 4
    label("nvidia.com/gpu.product=NVIDIA-A100-SXM4-80GB", "nvidia.com/gpu.memory=81920")
    capacity(program, lambda answer: answer.get("totalMemoryGb") == 80)


def test_each_documented_field_is_there(server):
    program, _ = server
    answer = capacity(program, lambda answer: answer["totalGpus"] == 20)
    has_types(answer, {**DOCUMENTED, **EXTRA})
    for node in answer["nodes"]:
        has_types(node, DOCUMENTED_OF_A_NODE)
    assert [node["nodeName"] for node in answer["nodes"]] == ["gpu-a100-1", "gpu-a100-2", "gpu-l4"]
    assert [node["totalGpus"] for node in answer["nodes"]] == [8, 8, 4]
    assert (answer["maxNodeGpuCapacity"], answer["gpuNodeCount"], answer["totalMemoryGb"]) == (8, 3, 80)
    assert (answer["allocatedGpus"], answer["availableGpus"], answer["maxContiguousAvailable"]) == (0, 20, 8)


def test_pods_take_gpus_while_they_have_a_node(server):
    program, kubectl = server
    kubectl.apply(gpu_pod("two", 2, "gpu-a100-1"), gpu_pod("eight", 8, "gpu-a100-2"), gpu_pod("many", 16))
    answer = capacity(program, lambda answer: answer["allocatedGpus"] == 10 and answer["pendingGpus"] == 16)
    assert (answer["availableGpus"], answer["maxContiguousAvailable"], answer["pendingPods"]) == (10, 6, 1)
    assert [node["availableGpus"] for node in answer["nodes"]] == [6, 0, 4]

    kubectl("cordon", "gpu-l4")
    answer = capacity(program, lambda answer: answer["unschedulableGpus"] == 4)
    assert answer["availableGpus"] == 6
    assert [node["schedulable"] for node in answer["nodes"]] == [True, True, False]
    kubectl("uncordon", "gpu-l4")

    kubectl("delete", "pod", "two", "eight", "many", "--grace-period=0", "--force")
    # Of pods and of nodes one hears by different ways.
    answer = capacity(program, lambda answer: answer["allocatedGpus"] == 0 and answer["unschedulableGpus"] == 0)
    assert answer["availableGpus"] == 20


def test_a_pod_that_has_ended_gives_its_gpus_back(server):
    program, kubectl = server
    ends = gpu_pod("ends", 3, "gpu-l4", restartPolicy="Never")
    # It has a node at once, and begins when there is its configuration: not before its GPUs have been seen in use.
    ends["spec"]["containers"][0] |= {"command": ["sh", "-c", "sleep 1"], "envFrom": [{"configMapRef": {"name": "begin"}}]}
    kubectl.apply(ends)
    capacity(program, lambda answer: answer["allocatedGpus"] == 3)
    kubectl.apply(config_map("begin"))
    kubectl("wait", "pod/ends", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=200s")
    assert capacity(program, lambda answer: answer["allocatedGpus"] == 0)["availableGpus"] == 20
    kubectl("delete", "pod/ends", "configmap/begin")


def test_an_answer_that_is_known_is_not_sent_again(server):
    program, _ = server
    url = program.url + "/api/installation/gpu-capacity"
    capacity(program, lambda answer: answer["availableGpus"] == 20)
    first = requests.get(url, timeout=PATIENCE)
    again = requests.get(url, headers={"If-None-Match": first.headers["ETag"]}, timeout=PATIENCE)
    assert (again.status_code, again.content) == (304, b"")


def test_pools_follow_the_labels_of_clouds(server):
    program, kubectl = server
    url = program.url + "/api/installation/gpu-capacity/detailed"
    for node in ("gpu-a100-1", "gpu-a100-2"):
        kubectl("label", "node", node, "agentpool=training", "topology.kubernetes.io/region=westeurope", "--overwrite")
    nodes = lambda answer: {pool["name"]: pool["nodeCount"] for pool in answer.json()["nodePools"]}
    answer = until_answer(url, lambda answer: nodes(answer) == {"training": 2, "default": 1})
    assert "nodes" not in answer.json()
    by_name = {pool["name"]: pool for pool in answer.json()["nodePools"]}
    training = by_name["training"]
    expected = {"gpuCount": 16, "nodeCount": 2, "availableGpus": 16, "gpuModel": "NVIDIA-A100-SXM4-80GB", "region": "westeurope"}
    assert {key: training[key] for key in expected} == expected
    assert by_name["default"]["gpuCount"] == 4


def test_fragmentation_tells_what_is_stranded_and_what_would_help(server):
    program, kubectl = server
    url = program.url + "/api/capacity/fragmentation"
    web = {
        "apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "web"},
        "spec": {
            "replicas": 2, "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {
                    "affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
                        {"labelSelector": {"matchLabels": {"app": "web"}}, "topologyKey": "kubernetes.io/hostname"},
                    ]}},
                    "nodeSelector": {"nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB"},
                    "containers": [{"name": "main", "image": "nginx", "resources": {"limits": {GPU: 1}, "requests": {GPU: 1}}}],
                },
            },
        },
    }
    kubectl.apply(web)
    answer = until_answer(url, lambda answer: answer.json()["freeGpus"] == 18).json()
    assert answer["largestBlock"] == 7
    assert answer["blocks"] == [{"gpus": 7, "nodes": 2}, {"gpus": 4, "nodes": 1}]
    sizes = {size["gpusPerWorker"]: size for size in answer["bySize"]}
    assert (sizes[4]["workers"], sizes[4]["strandedGpus"], "advice" in sizes[4]) == (3, 6, False)
    advice = sizes[8]["advice"]
    assert len(advice["moves"]) == 1 and advice["moves"][0]["gpus"] == 1
    assert advice["moves"][0]["pod"].startswith("default/web-")
    # The largest model that has a place is one of the catalogue.
    largest = answer["largestModel"]
    assert (largest["gpuType"], largest["nodes"]) == ("NVIDIA-A100-SXM4-80GB", 1)
    assert 4 < largest["gpus"] == largest["gpusPerNode"] <= 7
    listed = requests.get(f"{program.url}/api/models/{largest['id']}", timeout=PATIENCE).json()
    assert (listed["name"], listed["parameterCount"]) == (largest["name"], largest["parameterCount"])
    assert largest["engine"] in listed["supportedEngines"]
    kubectl("delete", "replicaset", "web", "--cascade=foreground")


def test_nothing_is_made_up_without_a_cluster(ingot):
    for path in ("installation/gpu-capacity", "installation/gpu-capacity/detailed", "capacity/fragmentation"):
        answer = requests.get(f"{ingot.url}/api/{path}", timeout=PATIENCE)
        assert (answer.status_code, answer.json()["code"]) == (503, "CLUSTER_UNAVAILABLE")
