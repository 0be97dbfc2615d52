"""Every endpoint that the API's document has besides those of deployments: each field with its type, each status and code.

The cluster is one that Ingot embeds, or the one that INGOT_TEST_KUBECONFIG names, where a stand-in for helm makes what charts would make.
"""

import contextlib
import re

import pytest
import requests

import embedded
import helm
import hub as stand_in
from conftest import INGOT, Program
from hub import ADA, NOBODY
from models import OF_A_CATALOGUE_MODEL, OF_A_FOUND_MODEL, OF_A_SEARCH
from waiting import PATIENCE, until

NUMBER = (int, float)
CALLBACK = "http://localhost:3000/oauth/callback/huggingface"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z"
# A list has the shape of its elements, and `Or` says what else may stand there.
TASK = {"id": str, "kind": str, "subject": str, "title": str, "state": str, "message": str, "startedAt": str}
STEP = {"title": str, "description": str}
RESULT = {"step": str, "success": bool, "output": str}
USER = {"id": str, "name": str, "fullname": str}
INSTALLED = {"installed": bool, "crdFound": bool, "operatorRunning": bool, "message": str}
GPUS = {**INSTALLED, "gpusAvailable": bool, "totalGPUs": int, "gpuNodes": [str]}
DONE = {
    "success": bool, "message": str, "installing": bool, "results": [RESULT], "simulated": bool, "taskId": str,
    "installationStatus": INSTALLED,
}
PROVIDER = {"id": str, "name": str, "description": str, "defaultNamespace": str}


class Or:
    def __init__(self, *shapes):
        self.shapes = shapes


NULL = type(None)

# Each GET of the document, and what clients read besides: the fields that are always there.
READS = {
    "/health": {"status": str, "timestamp": str},
    "/health/version": {"version": str, "buildTime": str, "gitCommit": str},
    "/cluster/status": {
        "connected": bool, "namespace": str, "providerId": str, "providerInstalled": bool, "clusterName": str,
        "provider": {"id": str, "name": str}, "providerInstallation": INSTALLED,
    },
    "/cluster/nodes": {"nodes": [{"name": str, "ready": bool, "gpuCount": int}]},
    "/settings": {"activeProviderId": Or(str, NULL), "providers": [PROVIDER], "config": dict, "auth": {"enabled": bool}},
    "/settings/providers": {"providers": [PROVIDER]},
    "/settings/providers/kaito": {
        **PROVIDER, "crdConfig": {"apiGroup": str, "apiVersion": str, "plural": str, "kind": str}, "installationSteps": [STEP],
        "helmRepos": [{"name": str, "url": str}],
        "helmCharts": [{"name": str, "chart": str, "version": str, "namespace": str, "createNamespace": bool, "values": dict}],
    },
    "/runtimes/status": {"runtimes": [{"id": str, "name": str, "installed": bool, "healthy": bool, "message": str}]},
    "/installation/helm/status": {"available": bool, "version": str},
    "/installation/providers/dynamo/status": {
        "installed": bool, "crdInstalled": bool, "operatorInstalled": bool, "version": Or(str, NULL), "providerId": str,
        "providerName": str, "crdFound": bool, "operatorRunning": bool, "message": str, "installationSteps": [STEP],
        "helmCommands": [str],
    },
    "/installation/providers/dynamo/commands": {"providerId": str, "providerName": str, "commands": [str], "steps": [STEP]},
    "/installation/gpu-operator/status": {**GPUS, "helmCommands": [str]},
    "/installation/gpu-capacity": {
        "totalGpus": int, "allocatedGpus": int, "availableGpus": int, "maxContiguousAvailable": int, "maxNodeGpuCapacity": int,
        "gpuNodeCount": int, "nodes": [{"nodeName": str, "totalGpus": int, "allocatedGpus": int, "availableGpus": int}],
    },
    "/installation/gpu-capacity/detailed": {
        "totalGpus": int, "allocatedGpus": int, "availableGpus": int, "maxContiguousAvailable": int,
        "nodePools": [{"name": str, "gpuCount": int, "nodeCount": int, "availableGpus": int}],
    },
    "/autoscaler/detection": {"type": str, "detected": bool, "healthy": bool, "message": str},
    "/models": {"models": [OF_A_CATALOGUE_MODEL]},
    "/models/search?q=qwen": {**OF_A_SEARCH, "hasMore": bool, "query": str},
    "/oauth/huggingface/config": {"clientId": str, "authorizeUrl": str, "scopes": [str]},
    "/secrets/huggingface/status": {"configured": bool, "namespaces": [{"name": str, "exists": bool}]},
}


def fits(value, shape, where="$"):
    """That a value has a shape. To Python a truth value is a number; to JSON it is not."""
    if isinstance(shape, Or):
        shape = next((s for s in shape.shapes if isinstance(s, type) and type(value) is s), shape.shapes[0])
    if isinstance(shape, dict):
        assert type(value) is dict, f"{where}: {value!r}"
        for key, inner in shape.items():
            assert key in value, f"{where} has no {key}: {value}"
            fits(value[key], inner, f"{where}.{key}")
    elif isinstance(shape, list):
        assert type(value) is list, f"{where}: {value!r}"
        for index, element in enumerate(value):
            fits(element, shape[0], f"{where}[{index}]")
    else:
        assert type(value) in (shape if isinstance(shape, tuple) else (shape,)), f"{where}: {value!r}"


class Server(helm.Server):
    """A server, its cluster by kubectl, and its stand-ins."""

    def __init__(self, program, kubectl, hub, helm):
        super().__init__(program)
        self.kubectl, self.hub, self.helm = kubectl, hub, helm

    def refused(self, method, path, status, code, **options):
        """An error in the documented form."""
        answer = requests.request(method, self.url + "/api" + path, timeout=PATIENCE, **options)
        assert answer.status_code == status, answer.text
        assert answer.headers["Content-Type"].startswith("application/json")
        error = answer.json()
        fits(error, {"error": str, "message": str, "code": str, "details": {"requestId": str}})
        assert error["code"] == code and error["error"] == error["message"] != "", error
        assert answer.headers["X-Request-Id"] == error["details"]["requestId"]
        return error


@contextlib.contextmanager
def running(folder):
    tool = helm.Helm(folder / "helm")
    data = folder / "data"
    environment = {**tool.environment, **embedded.ENVIRONMENT, "INGOT_CLUSTER_EMBEDDED_PACE": "immediate"}
    with stand_in.Hub() as hub:
        arguments = ["serve", "--port", "0", "--data-dir", data, *embedded.PLACE]
        program = Program([INGOT, *arguments], environment={**environment, "HF_ENDPOINT": hub.url})
        try:
            program.ready()
            kubectl = embedded.kubectl_of(data)
            with embedded.tidied(kubectl):
                server = Server(program, kubectl, hub, tool)
                until(lambda: requests.get(server.url + "/readyz", timeout=PATIENCE).ok, "the cluster has been read")
                yield server.ready()
            server.stop()
        finally:
            program.kill()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("documented")) as started:
        yield started


@pytest.mark.parametrize("path", READS)
def test_every_field_of_what_can_be_read_is_there(server, path):
    fits(server.get(path), READS[path])


def test_what_the_document_says_of_values(server):
    assert server.get("/health")["status"] == "healthy"
    assert re.fullmatch(TIME, server.get("/health")["timestamp"])
    assert re.fullmatch(TIME, server.get("/health/version")["buildTime"])
    status = server.get("/cluster/status")
    assert (status["connected"], status["namespace"], status["providerId"]) == (True, "kubefoundry", "dynamo")
    assert [p["id"] for p in server.get("/settings")["providers"]] == ["dynamo", "kuberay", "kaito", "kserve"]
    assert re.fullmatch(r"v\d+\.\d+\.\d+", server.get("/installation/helm/status")["version"])
    config = server.get("/oauth/huggingface/config")
    assert config["clientId"] == "e05817a1-7053-4b9e-b292-29cd219fccf8" and config["scopes"] == ["openid", "profile", "read-repos"]
    assert config["authorizeUrl"].endswith("/oauth/authorize")
    found = server.get("/models/search?q=qwen")
    assert (found["offset"], found["limit"], found["query"]) == (0, 20, "qwen") and found["models"]
    names = [place["name"] for place in server.get("/secrets/huggingface/status")["namespaces"]]
    assert [name for name in names if name in ("dynamo-system", "kuberay-system", "default")] == names[:2] + ["default"]
    shown = server.get("/installation/gpu-operator/status")
    assert shown["gpusAvailable"] is (shown["totalGPUs"] > 0) and len(shown["helmCommands"]) == 3
    for model in server.get("/models/search?q=qwen3-8b")["models"]:
        fits(model, OF_A_FOUND_MODEL)


def test_the_autoscaler_tells_of_itself_or_is_not_there(server):
    answer = requests.get(server.url + "/api/autoscaler/status", timeout=PATIENCE)
    if answer.status_code == 200:
        fits(answer.json(), {"health": str, "nodeGroups": [{"name": str}]})
    else:
        server.refused("GET", "/autoscaler/status", 404, "NOT_FOUND")


def test_settings_are_changed(server):
    before = server.get("/settings")["config"]
    assert before == {}
    saved = server.ask("PUT", "/settings", json={"activeProviderId": "dynamo"})
    fits(saved, {"message": str, "config": {"activeProviderId": str}})
    assert server.get("/settings")["activeProviderId"] == "dynamo"
    server.ask("PUT", "/settings", json={"activeProviderId": None})
    error = server.refused("PUT", "/settings", 400, "VALIDATION_ERROR", json={"activeProviderId": "dynamoo", "theme": 1})
    assert {problem["field"] for problem in error["details"]["fields"]} == {"activeProviderId", "theme"}


@pytest.fixture
def charts(server):
    """Charts that bring something, where no embedded cluster plays it."""
    modes = {}
    for provider, release in (("kuberay", "kuberay-operator"), ("gpu-operator", "gpu-operator")):
        modes[f"upgrade {release}"] = {"then": helm.by_objects(server.helm.folder, "install", provider)}
        modes[f"uninstall {release}"] = {"then": helm.by_objects(server.helm.folder, "uninstall", provider)}
    server.helm.modes(modes)
    server.helm.definitions(helm.operator("kuberay")[0][1])
    yield
    if embedded.NAMED:
        for words, mode in modes.items():
            if words.startswith("uninstall"):
                server.kubectl("delete", "--ignore-not-found", "-f", mode["then"][-1])
        for group, _, plural, *_ in helm.OPERATORS.values():
            server.kubectl("delete", "crd", "--ignore-not-found", f"{plural}.{group}")


def test_a_provider_is_installed_upgraded_and_uninstalled(server, charts):
    path = "/installation/providers/kuberay"
    if server.get(path + "/status")["crdFound"]:
        pytest.skip("KubeRay is installed in the cluster, and this removes it")
    # As the web front end asks: with the type of a body that there is not.
    headers = {"Content-Type": "application/json"}
    done = server.post(path + "/install?wait=120", headers=headers)
    fits(done, DONE)
    assert done["success"] is True and done["installing"] is False, done
    assert done["message"].startswith("Ray Serve via KubeRay installed successfully") and done["installationStatus"]["installed"]
    assert done["simulated"] is not bool(embedded.NAMED)
    state = server.get(path + "/status")
    fits(state, {**READS["/installation/providers/dynamo/status"], "version": str, "lastTask": TASK})
    for key in ("installed", "crdInstalled", "crdFound", "operatorInstalled", "operatorRunning"):
        assert state[key] is True, key
    assert {r["id"]: r["healthy"] for r in server.get("/runtimes/status")["runtimes"]}["kuberay"] is True

    again = server.post(path + "/install", headers=headers)
    fits(again, {"success": bool, "message": str, "alreadyInstalled": bool})
    assert again["alreadyInstalled"] is True and again["message"].startswith("Ray Serve via KubeRay is already installed")

    done = server.post(path + "/upgrade?wait=120", headers=headers)
    fits(done, DONE)
    assert done["message"].startswith("Ray Serve via KubeRay upgraded successfully")

    done = server.post(path + "/uninstall?wait=120", headers=headers)
    fits(done, DONE)
    assert done["message"].startswith('Ray Serve via KubeRay uninstalled (CRDs preserved - use "Uninstall CRDs" for complete removal')
    assert done["installationStatus"] == {**done["installationStatus"], "installed": False, "crdFound": True, "operatorRunning": False}

    done = server.post(path + "/uninstall-crds?wait=120", headers=headers)
    fits(done, DONE)
    assert done["message"].startswith("Ray Serve via KubeRay CRDs uninstalled") and not done["installationStatus"]["crdFound"]


def test_the_gpu_operator_is_installed(server, charts):
    path = "/installation/gpu-operator"
    if server.get(path + "/status")["crdFound"]:
        pytest.skip("the GPU operator is installed in the cluster")
    done = server.post(path + "/install?wait=120", headers={"Content-Type": "application/json"})
    fits(done, {"success": bool, "message": str, "status": GPUS, "results": [RESULT]})
    assert done["message"].startswith("NVIDIA GPU Operator installed successfully") and done["status"]["installed"] is True
    again = server.post(path + "/install")
    fits(again, {"success": bool, "message": str, "alreadyInstalled": bool, "status": GPUS})
    assert again["message"].startswith("NVIDIA GPU Operator is already installed")


def test_an_authorization_code_is_exchanged(server):
    config = server.get("/oauth/huggingface/config")
    begun = server.post("/oauth/huggingface/start", json={"redirectUri": CALLBACK})
    fits(begun, {"authorizationUrl": str, "state": str})
    assert begun["authorizationUrl"].startswith(config["authorizeUrl"] + "?")
    back = requests.get(begun["authorizationUrl"], allow_redirects=False, timeout=PATIENCE).headers["Location"]
    code = re.search(r"code=([^&]+)", back)[1]
    granted = server.post("/oauth/huggingface/token-with-state", json={"code": code, "state": begun["state"]})
    fits(granted, {
        "accessToken": str, "tokenType": str, "expiresIn": int, "scope": str,
        "user": {**USER, "email": str, "avatarUrl": str},
    })
    assert granted["tokenType"] == "Bearer"
    body = {"code": "a", "codeVerifier": "short", "redirectUri": "https://elsewhere.example/"}
    error = server.refused("POST", "/oauth/huggingface/token", 400, "VALIDATION_ERROR", json=body)
    assert [problem["field"] for problem in error["details"]["fields"]] == ["codeVerifier"]
    error = server.refused(
        "POST", "/oauth/huggingface/token", 400, "VALIDATION_ERROR", json={**body, "codeVerifier": "v" * 43}
    )
    assert [problem["field"] for problem in error["details"]["fields"]] == ["redirectUri"]


def test_a_token_is_saved_and_deleted(server):
    path = "/secrets/huggingface"
    before = server.get(path + "/status")
    if any(place["exists"] for place in before["namespaces"]):
        pytest.skip("the cluster has tokens of its own")
    places = [place["name"] for place in before["namespaces"]]
    saved = server.post(path, json={"accessToken": ADA})
    fits(saved, {"success": bool, "message": str, "user": USER, "results": [{"namespace": str, "success": bool}]})
    assert (saved["success"], saved["message"]) == (True, "HuggingFace token saved successfully")
    assert [result["namespace"] for result in saved["results"]] == places
    status = server.get(path + "/status")
    fits(status, {**READS[path + "/status"], "user": USER})
    assert status["configured"] is True and all(place["exists"] for place in status["namespaces"])
    deleted = server.ask("DELETE", path, headers={"Content-Type": "application/json"})
    fits(deleted, {"success": bool, "message": str, "results": [{"namespace": str, "success": bool}]})
    assert deleted["message"] == "HuggingFace secrets deleted successfully"
    assert server.get(path + "/status")["configured"] is False
    server.refused("POST", path, 400, "VALIDATION_ERROR", json={})
    assert "Invalid HuggingFace token" in server.refused(
        "POST", path, 400, "VALIDATION_ERROR", json={"accessToken": NOBODY}
    )["message"]


@pytest.mark.parametrize("method, path", [
    ("GET", "/installation/providers/none/status"), ("GET", "/installation/providers/none/commands"),
    ("POST", "/installation/providers/none/install"), ("POST", "/installation/providers/none/upgrade"),
    ("POST", "/installation/providers/none/uninstall"), ("POST", "/installation/providers/none/uninstall-crds"),
    ("GET", "/settings/providers/none"), ("GET", "/tasks/none"), ("GET", "/nothing"), ("GET", "/autoscaler/nothing"),
])
def test_what_is_not_there_is_not_found(server, method, path):
    server.refused(method, path, 404, "NOT_FOUND")


@pytest.mark.parametrize("method, path", [
    ("PUT", "/settings"), ("POST", "/oauth/huggingface/token"), ("POST", "/oauth/huggingface/start"),
    ("POST", "/oauth/huggingface/token-with-state"), ("POST", "/secrets/huggingface"),
])
def test_what_is_no_json_is_a_wrong_request(server, method, path):
    headers = {"Content-Type": "application/json"}
    for data in (b"", b"{", b"[]", b"null", b'"a"', b"\xff"):
        server.refused(method, path, 400, "VALIDATION_ERROR", data=data, headers=headers)


@pytest.mark.parametrize("method, path, body", [
    *[("GET", path, None) for path in READS if path.split("/")[1] in ("runtimes", "autoscaler", "secrets")],
    ("GET", "/cluster/nodes", None), ("GET", "/installation/providers/dynamo/status", None),
    ("GET", "/installation/gpu-operator/status", None), ("GET", "/installation/gpu-capacity", None),
    ("POST", "/installation/providers/dynamo/install", None), ("POST", "/installation/providers/dynamo/upgrade", None),
    ("POST", "/installation/providers/dynamo/uninstall", None), ("POST", "/installation/providers/dynamo/uninstall-crds", None),
    ("POST", "/installation/gpu-operator/install", None), ("PUT", "/settings", {"activeProviderId": "dynamo"}),
    ("POST", "/secrets/huggingface", {"accessToken": ADA}), ("DELETE", "/secrets/huggingface", None),
])
def test_without_a_cluster_it_is_unavailable(ingot, method, path, body):
    Server(ingot, None, None, None).refused(method, path, 503, "CLUSTER_UNAVAILABLE", json=body)
