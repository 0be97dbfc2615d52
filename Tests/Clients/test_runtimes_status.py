"""`/api/runtimes/status`: which runtimes can serve, and how that changes as they are installed."""

import pytest
import requests

import embedded
from cluster import pod
from models import has_types, refusal
from test_cluster_status import DYNAMO
from waiting import PATIENCE

NAMES = {
    "dynamo": "NVIDIA Dynamo", "kuberay": "Ray Serve via KubeRay", "kaito": "KAITO", "kserve": "KServe", "vllm": "vLLM",
    "llamacpp": "llama.cpp",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with embedded.running(tmp_path_factory.mktemp("runtimes")) as started:
        yield started
        started.kubectl("delete", "crd", "dynamographdeployments.nvidia.com", "--ignore-not-found")


def runtimes(server):
    answer = requests.get(server.url + "/api/runtimes/status", timeout=PATIENCE)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"runtimes"}
    return {runtime["id"]: runtime for runtime in answer.json()["runtimes"]}


def test_every_documented_field_is_there_and_follows_the_installation(server):
    found = runtimes(server)
    assert list(found) == list(NAMES)
    for identity, runtime in found.items():
        has_types(runtime, {"id": str, "name": str, "installed": bool, "healthy": bool, "message": str})
        assert set(runtime) == {"id", "name", "installed", "healthy", "message"}
        assert runtime["name"] == NAMES[identity] and runtime["message"]
    for identity in ("vllm", "llamacpp"):
        assert (found[identity]["installed"], found[identity]["healthy"]) == (True, True)
    for identity in ("dynamo", "kuberay", "kaito", "kserve"):
        assert (found[identity]["installed"], found[identity]["healthy"]) == (False, False)
    assert found["dynamo"]["message"] == "Dynamo CRD not found. Please install the Dynamo operator."

    server.kubectl.apply(DYNAMO)
    defined = server.until(lambda: runtimes(server)["dynamo"]["installed"] and runtimes(server)["dynamo"], "it is defined")
    assert defined == {
        "id": "dynamo", "name": "NVIDIA Dynamo", "installed": True, "healthy": False,
        "message": "Dynamo operator is not running",
    }
    labels = {"app.kubernetes.io/name": "dynamo-operator", "app.kubernetes.io/version": "v0.7.1"}
    server.kubectl("create", "namespace", "elsewhere")
    operator = pod(labels=labels)
    operator["metadata"]["namespace"] = "elsewhere"
    server.kubectl.until(lambda: server.kubectl.run("--namespace", "elsewhere", "get", "serviceaccount", "default").status == 0,
                         "the namespace is ready")
    server.kubectl.apply(operator)
    healthy = server.until(lambda: runtimes(server)["dynamo"]["healthy"] and runtimes(server)["dynamo"], "it is ready")
    assert healthy == {
        "id": "dynamo", "name": "NVIDIA Dynamo", "installed": True, "healthy": True, "version": "0.7.1",
        "message": "Dynamo is installed and running",
    }


def test_without_a_cluster_nothing_is_made_up(ingot):
    answer = requests.get(ingot.url + "/api/runtimes/status", timeout=PATIENCE)
    assert answer.status_code == 503
    refusal(answer, "CLUSTER_UNAVAILABLE")
