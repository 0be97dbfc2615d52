"""What the server says of its cluster: every key, and what becomes of them when a provider is installed."""

from cluster import Kubectl, pod
from waiting import until_answer

DYNAMO = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "dynamographdeployments.nvidia.com"},
    "spec": {
        "group": "nvidia.com",
        "scope": "Namespaced",
        "names": {
            "plural": "dynamographdeployments", "singular": "dynamographdeployment",
            "kind": "DynamoGraphDeployment", "listKind": "DynamoGraphDeploymentList",
        },
        "versions": [{
            "name": "v1alpha1", "served": True, "storage": True,
            "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
        }],
    },
}

ALWAYS = {"nodes", "pods", "namespaces", "customresourcedefinitions.apiextensions.k8s.io", "events", "services",
          "deployments.apps", "configmaps", "secrets"}


def test_the_status_has_every_key_and_follows_the_providers_installation(serve, tmp_path):
    url = serve(cluster="embedded").url
    kubectl = Kubectl(tmp_path / "data/embedded-cluster/kubeconfig", tmp_path, "default")

    def status(condition):
        return until_answer(url + "/api/cluster/status", lambda answer: condition(answer.json())).json()

    found = status(lambda body: body["providerInstallation"] and all(cache["connected"] for cache in body["caches"]))
    caches = found.pop("caches")
    assert found == {
        "connected": True,
        "namespace": "kubefoundry",
        "clusterName": "ingot",
        "providerId": "dynamo",
        "providerInstalled": False,
        "provider": {"id": "dynamo", "name": "NVIDIA Dynamo"},
        "providerInstallation": {
            "installed": False, "crdFound": False, "operatorRunning": False,
            "message": "Dynamo CRD not found. Please install the Dynamo operator.",
        },
        "error": None,
        "simulated": True,
        "ageSeconds": 0,
    }
    assert {cache["resource"] for cache in caches} == ALWAYS
    for cache in caches:
        assert set(cache) == {"resource", "synced", "connected", "available", "objects", "ageSeconds", "error"}
        assert cache["synced"] and cache["connected"] and cache["available"] and cache["error"] is None
    assert kubectl.text("config", "current-context") == found["clusterName"]

    kubectl.apply(DYNAMO)
    defined = status(lambda body: body["providerInstallation"]["crdFound"])
    assert defined["providerInstalled"] is False
    assert defined["providerInstallation"]["message"] == "Dynamo operator is not running"
    kubectl.apply(pod(labels={"app.kubernetes.io/name": "dynamo-operator"}))
    installed = status(lambda body: body["providerInstalled"])
    assert installed["providerInstallation"] == {
        "installed": True, "crdFound": True, "operatorRunning": True, "message": "Dynamo is installed and running",
    }
    graphs = "dynamographdeployments.nvidia.com"
    status(lambda body: {cache["resource"]: cache["synced"] for cache in body["caches"]}.get(graphs))


def test_the_nodes_are_named_sorted_and_counted(serve, tmp_path):
    url = serve(cluster="embedded").url + "/api/cluster/nodes"
    kubectl = Kubectl(tmp_path / "data/embedded-cluster/kubeconfig", tmp_path, "default")

    def nodes(condition):
        return until_answer(url, lambda answer: answer.status_code == 200 and condition(answer.json()["nodes"])).json()["nodes"]

    found = nodes(lambda nodes: len(nodes) >= 5 and all(node["ready"] for node in nodes))
    assert [node["name"] for node in found] == sorted(kubectl.text("get", "nodes", "-o", "name").replace("node/", "").split())
    assert all(set(node) == {"name", "ready", "gpuCount"} for node in found)
    counts = {node["name"]: node["gpuCount"] for node in found}
    assert sorted(count for name, count in counts.items() if name.startswith("gpu-")) == [4, 8, 8]
    assert counts["cpu"] == 0

    kubectl("cordon", "cpu")
    assert "cpu" not in {node["name"] for node in nodes(lambda nodes: len(nodes) < len(found))}
    kubectl("annotate", "node", "gpu-l4", "ingot.dev/simulate=NotReady")
    nodes(lambda nodes: not {node["name"]: node["ready"] for node in nodes}["gpu-l4"])
