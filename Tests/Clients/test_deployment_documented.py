"""What the API's document and the web front end rely on of every route of deployments: shapes, codes and defaults."""

import pytest
import requests

from deployments import DOCUMENTED_BODY, MODEL, PATH, needs_no_operators, needs_simulation, running
from models import has_types, refusal
from waiting import PATIENCE

# Every route of one deployment, with a body that it takes.
ROUTES = [
    ("GET", "", None), ("DELETE", "", None), ("PATCH", "", {"replicas": 1}), ("GET", "/manifest", None),
    ("GET", "/pods", None), ("GET", "/logs", None), ("GET", "/metrics", None), ("GET", "/pending-reasons", None),
    ("GET", "/diagnosis", None), ("POST", "/restart", None), ("POST", "/chat", {"messages": [{"role": "user", "content": "a"}]}),
    ("GET", "/v1/models", None), ("POST", "/v1/chat/completions", {}),
]
NAMES = [f"{method} {path}" for method, path, _ in ROUTES]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("documented")) as started:
        yield started


def error(answer, status, code):
    """An error as the document shows it: a text, a code and details."""
    assert answer.status_code == status, answer.text
    body = refusal(answer, code)
    has_types(body, {"error": str, "message": str, "code": str, "details": dict})
    assert answer.headers["X-Request-Id"] == body["details"]["requestId"]
    return body


@pytest.mark.parametrize("method, path, body", ROUTES, ids=NAMES)
def test_a_deployment_that_is_not_there_is_not_found(server, method, path, body):
    url = f"{server.url}{PATH}/nobody{path}"
    for params in [{}, {"namespace": "kubefoundry"}]:
        text = error(requests.request(method, url, params=params, json=body, timeout=PATIENCE), 404, "NOT_FOUND")["error"]
        assert "nobody" in text and ("kubefoundry" in text) == ("namespace" in params)


@pytest.mark.parametrize("method, path, body", ROUTES, ids=NAMES)
def test_a_namespace_that_cannot_be_is_refused(server, method, path, body):
    url = f"{server.url}{PATH}/nobody{path}"
    for namespace in ["", "A", "a_b", "a.b", "-a", "a" * 64]:
        answer = requests.request(method, url, params={"namespace": namespace}, json=body, timeout=PATIENCE)
        assert error(answer, 400, "VALIDATION_ERROR")["details"]["parameter"] == "namespace"


@pytest.mark.parametrize("method, path, body", ROUTES + [("GET", None, None), ("POST", None, DOCUMENTED_BODY)], ids=str)
def test_without_a_cluster_it_is_unavailable_and_not_empty(ingot, method, path, body):
    url = ingot.url + PATH + ("" if path is None else "/qwen-deployment" + path)
    answer = requests.request(method, url, json=body, timeout=PATIENCE)
    error(answer, 503, "CLUSTER_UNAVAILABLE")


def container(preview):
    return preview["resources"][0]["manifest"]["spec"]["template"]["spec"]["containers"][0]


def preview(server, **body):
    return server.ask("POST", PATH + "/preview", json={"name": "default", "modelId": MODEL, **body}).json()


@needs_no_operators
def test_what_is_left_out_has_the_usual_value(server):
    """What clients of the field count on: aggregated, one worker with one GPU, eager, no prefix caching, no code that comes with the model."""
    shown = preview(server)
    assert (shown["provider"], shown["engine"], shown["namespace"]) == ("vllm", "vllm", "kubefoundry")
    said = {
        "mode": "aggregated", "replicas": 1, "resources": {"gpu": 1}, "enforceEager": True, "enablePrefixCaching": False,
        "trustRemoteCode": False, "routerMode": "none", "engine": "vllm", "provider": "vllm", "namespace": "kubefoundry",
        "prefillReplicas": 1, "decodeReplicas": 1, "prefillGpus": 1, "decodeGpus": 1, "hfTokenSecret": "",
    }
    assert preview(server, **said)["resources"] == shown["resources"]
    spec = shown["resources"][0]["manifest"]["spec"]
    assert spec["replicas"] == 1 and container(shown)["resources"]["limits"]["nvidia.com/gpu"] in (1, "1")
    words = container(shown)["args"]
    assert "--enforce-eager" in words and "--trust-remote-code" not in words and "--max-model-len" not in words
    assert "--enable-prefix-caching" not in words and "--no-enable-prefix-caching" in words
    # The names that clients have for the same.
    assert preview(server, contextLength=4096)["resources"] == preview(server, maxModelLen=4096)["resources"]
    assert preview(server, image="a/b:1")["resources"] == preview(server, imageRef="a/b:1")["resources"]
    assert preview(server, routerMode="default")["resources"] == shown["resources"]


@needs_simulation
def test_what_the_front_end_sends_is_taken(server):
    """The whole form, with the model's name as the served one and the usual secret, which is not there."""
    form = {
        **DOCUMENTED_BODY, "name": "form", "provider": "vllm", "servedModelName": MODEL, "routerMode": "none",
        "contextLength": 8192, "resources": {"gpu": 1}, "engineArgs": {"swap-space": 4}, "prefillReplicas": 1,
        "decodeReplicas": 1, "prefillGpus": 1, "decodeGpus": 1,
    }
    made = server.create(**form).json()
    try:
        assert (made["success"], made["name"], made["provider"]) == (True, "form", "vllm")
        listed = server.until(
            "", lambda answer: [entry["name"] for entry in answer.json()["deployments"]] == ["form"]
        ).json()
        assert listed["pagination"] == {"total": 1, "limit": 1, "offset": 0, "hasMore": False}
        deployment = server.phase("form", "kubefoundry", "Running")
        for condition in deployment["conditions"]:
            has_types(condition, {"type": str, "status": str})
            assert condition["status"] in ("True", "False", "Unknown")
            assert set(condition) <= {"type", "status", "reason", "message", "lastTransitionTime"}
        assert {"prefillReplicas", "decodeReplicas", "message"}.isdisjoint(deployment)
        name, _, port = deployment["frontendService"].partition(":")
        assert name == "form" and port.isdigit()
        pod = server.get("/form/pods", params={"namespace": "kubefoundry"}).json()["pods"][0]
        has_types(pod, {"name": str, "phase": str, "ready": bool, "restarts": int, "node": str})
        assert pod == deployment["pods"][0]
        metrics = server.get("/form/metrics", params={"namespace": "kubefoundry"}).json()
        has_types(metrics, {"available": bool, "timestamp": str, "metrics": list})
        assert "runningOffCluster" not in metrics
        logs = server.get("/form/logs", params={"namespace": "kubefoundry"}).json()
        has_types(logs, {"logs": str, "podName": str})
    finally:
        server.delete("form", "kubefoundry")
        server.gone("form", "kubefoundry")
