"""Installing runtimes on the embedded cluster, which plays their operators: the whole flow needs no Helm."""

import json
import signal

import pytest
import requests

import cluster
from deployments import DOCUMENTED_BODY
from helm import serving
from waiting import PATIENCE, until

PROVIDERS = {
    "dynamo": ("NVIDIA Dynamo", "dynamo-system"), "kuberay": ("Ray Serve via KubeRay", "kuberay-system"),
    "kaito": ("KAITO", "kaito-workspace"), "kserve": ("KServe", "kserve"),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server with an embedded cluster, and no helm to be found."""
    data = tmp_path_factory.mktemp("installation")
    with serving(data, "--cluster", "embedded", environment={"HELM_PATH": "/nowhere/helm"}) as started:
        started.kubectl = cluster.Kubectl(data / "embedded-cluster/kubeconfig", data)
        yield started


def path(provider, verb):
    return f"/installation/providers/{provider}/{verb}"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_is_installed_and_removed(server, provider):
    name, namespace = PROVIDERS[provider]
    before = server.state(provider)
    assert not before["installed"] and not before["crdInstalled"] and not before["operatorInstalled"]
    assert before["version"] is None and before["simulated"] is True
    assert (before["providerId"], before["providerName"]) == (provider, name)
    assert "CRD not found" in before["message"]

    answer = server.post(path(provider, "install"), params={"wait": 120})
    assert answer["success"] is True and answer["simulated"] is True and answer["installing"] is False
    assert answer["message"] == f"{name} installed successfully (simulated by the embedded cluster)"
    assert answer["installationStatus"]["installed"] is True
    assert [result["success"] for result in answer["results"]] == [True]

    state = server.state(provider)
    for key in ("installed", "crdInstalled", "crdFound", "operatorInstalled", "operatorRunning"):
        assert state[key] is True, key
    assert state["operatorNamespaces"] == [namespace] and state["version"]
    assert state["lastTask"]["state"] == "succeeded" and "task" not in state

    again = server.post(path(provider, "install"))
    assert again["alreadyInstalled"] is True and "taskId" not in again
    assert again["message"].startswith(f"{name} is already installed")

    assert server.post(path(provider, "upgrade"), params={"wait": 120})["message"].startswith(f"{name} upgraded successfully")

    removed = server.post(path(provider, "uninstall"), params={"wait": 120})
    assert removed["message"].startswith(f'{name} uninstalled (CRDs preserved - use "Uninstall CRDs" for complete removal')
    state = server.state(provider)
    assert not state["installed"] and state["crdFound"] and not state["operatorRunning"]
    assert state["message"].endswith("operator is not running")
    # Nobody knows what else is in it.
    server.kubectl("get", "namespace", namespace)

    removed = server.post(path(provider, "uninstall-crds"), params={"wait": 120})
    assert removed["message"] == f"{name} CRDs uninstalled (simulated by the embedded cluster)"
    assert not server.state(provider)["crdFound"]


def test_the_documented_fields_have_their_types(server):
    state = server.state("dynamo")
    for key in ("installed", "crdInstalled", "operatorInstalled"):
        assert isinstance(state[key], bool)
    assert isinstance(state["installationSteps"], list) and isinstance(state["helmCommands"], list)
    commands = server.get(path("kuberay", "commands"))
    assert commands["commands"] == [
        "helm repo add kuberay https://ray-project.github.io/kuberay-helm/", "helm repo update",
        "helm install kuberay-operator kuberay/kuberay-operator --namespace kuberay-system --create-namespace --version 1.7.0",
    ]
    assert commands["providerId"] == "kuberay" and isinstance(commands["steps"], list)


def test_the_commands_have_values_and_definitions(server):
    commands = server.get(path("kaito", "commands"))["commands"]
    assert [c for c in commands if c.startswith("kubectl apply --server-side -f https://")], commands
    install = commands[-1]
    assert "--set-json 'featureGates={\"disableNodeAutoProvisioning\":true}'" in install, install
    dynamo = server.get(path("dynamo", "commands"))["commands"]
    assert dynamo == [
        "helm install dynamo-platform https://helm.ngc.nvidia.com/nvidia/ai-dynamo/charts/dynamo-platform-1.3.1.tgz "
        "--namespace dynamo-system --create-namespace"
    ]
    kserve = server.get(path("kserve", "commands"))["commands"]
    assert "cert-manager" in kserve[0] and [c.split()[2] for c in kserve[1:]] == ["kserve-crd", "kserve", "kserve-runtime-configs"]


@pytest.mark.parametrize("verb", ["install", "upgrade", "uninstall", "uninstall-crds", "status", "commands"])
def test_an_unknown_provider_is_named(server, verb):
    method = "GET" if verb in ("status", "commands") else "POST"
    body = server.ask(method, path("dynmo", verb), 404)
    assert body["code"] == "NOT_FOUND" and body["message"] == "Provider not found: dynmo; did you mean dynamo?"


def test_a_provider_is_described(server):
    detail = server.get("/settings/providers/kaito")
    assert detail["crdConfig"] == {"apiGroup": "kaito.sh", "apiVersion": "v1beta1", "plural": "workspaces", "kind": "Workspace"}
    assert detail["defaultNamespace"] == "kaito-workspace" and detail["helmRepos"][0]["name"] == "kaito"
    assert detail["helmCharts"][0]["values"]["featureGates"] == {"disableNodeAutoProvisioning": True}
    assert detail["helmCharts"][0]["preCrdUrls"]
    server.get("/settings/providers/other", 404)


def test_the_gpu_operator_is_installed(server):
    state = server.get("/installation/gpu-operator/status")
    assert state["installed"] is False and state["gpusAvailable"] is True and state["totalGPUs"] == 20
    assert state["message"] == f"GPUs enabled: 20 GPU(s) on {len(state['gpuNodes'])} node(s)"
    assert state["helmCommands"] == [
        "helm repo add nvidia https://helm.ngc.nvidia.com/nvidia", "helm repo update",
        "helm install gpu-operator nvidia/gpu-operator --namespace gpu-operator --create-namespace --version v25.3.4",
    ]
    answer = server.post("/installation/gpu-operator/install", params={"wait": 120})
    assert answer["success"] is True and answer["simulated"] is True
    assert answer["message"] == "NVIDIA GPU Operator installed successfully (simulated by the embedded cluster)"
    assert answer["status"]["installed"] is True and "helmCommands" not in answer["status"]
    again = server.post("/installation/gpu-operator/install")
    assert again["alreadyInstalled"] is True and again["status"]["operatorRunning"] is True


def test_a_provider_in_use_is_not_removed(server):
    server.post(path("kuberay", "install"), params={"wait": 120})
    body = {**DOCUMENTED_BODY, "name": "in-use", "provider": "kuberay", "modelId": "Qwen/Qwen3-0.6B"}
    requests.post(f"{server.url}/api/deployments", json=body, timeout=PATIENCE).raise_for_status()
    until(lambda: server.get("/deployments")["deployments"], "the deployment is known")
    for verb in ("uninstall", "uninstall-crds"):
        refusal = server.post(path("kuberay", verb), 409)
        assert refusal["code"] == "CONFLICT" and "kubefoundry/in-use" in refusal["message"]
        assert refusal["details"]["deployments"] == [{"name": "in-use", "namespace": "kubefoundry"}]
        assert server.state("kuberay")["installed"] is True
    # Another provider is not concerned.
    server.post(path("kserve", "uninstall"), params={"wait": 120})
    server.post(path("kuberay", "uninstall"), params={"force": "true", "wait": 120})
    assert server.state("kuberay")["operatorRunning"] is False
    server.post(path("kuberay", "uninstall-crds"), params={"force": "true", "wait": 120})
    until(lambda: not server.get("/deployments")["deployments"], "the deployment went with its definition")


@pytest.mark.parametrize("query", ["wait=-1", "wait=601", "wait=soon", "force=yes"])
def test_parameters_are_checked(server, query):
    assert server.post(f"{path('kaito', 'install')}?{query}", 400)["code"] == "VALIDATION_ERROR"


def test_the_embedded_cluster_needs_no_helm(server):
    state = server.get("/installation/helm/status")
    assert state["available"] is False and "/nowhere/helm cannot be run" in state["error"]


def test_an_installation_survives_a_restart(tmp_path):
    with serving(tmp_path, "--cluster", "embedded") as server:
        server.post(path("kuberay", "install"), params={"wait": 120})
        tasks = server.get("/tasks")["tasks"]
        server.program.signal(signal.SIGKILL)
        server.program.end()
    with serving(tmp_path, "--cluster", "embedded") as server:
        until(lambda: server.state("kuberay")["installed"], "the operator is ready again")
        assert server.get("/tasks")["tasks"] == tasks, json.dumps(tasks)
