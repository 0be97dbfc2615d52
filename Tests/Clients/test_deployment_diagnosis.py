"""Why a deployment does not run: each failure that the embedded cluster can show, told by its code, and then healed."""

import pytest
import requests

import deployment_api
from deployment_api import SECONDS

SIMULATE = "ingot.dev/simulate"
SPACE = "clinic"


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    with deployment_api.embedded(tmp_path_factory.mktemp("data")) as api:
        api.namespace(SPACE)
        yield api


@pytest.fixture
def deploy(api):
    """Makes deployments, and takes them away after the test."""
    names = []

    def run(name, **fields):
        api.create(name, SPACE, **fields)
        names.append(name)

    yield run
    for name in names:
        api.delete(name, SPACE)
    for name in names:
        found = lambda name=name: [d for d in api.request("GET", "")["deployments"] if d["name"] == name]
        api.until(lambda: not found(), f"{name} is gone")


def diagnosis(api, name):
    return api.get(name, SPACE, "/diagnosis")


def diagnosed(api, name, source=None, text="", seconds=SECONDS, **wanted):
    """Waits until the diagnosis has those values, and evidence with that text, and returns it."""
    last = [None]

    def look():
        found = last[0] = diagnosis(api, name)
        shows = source is None or any(text in part for part in texts(found, source))
        return found if shows and all(found.get(key) == value for key, value in wanted.items()) else None

    try:
        found = api.until(look, f"the diagnosis of {name} has {wanted}, {source} {text}", seconds)
    except AssertionError as failure:
        raise AssertionError(f"{failure}: {last[0]}") from None
    assert (found["name"], found["namespace"], found["provider"]) == (name, SPACE, "vllm")
    assert found["summary"].endswith(".") and all(step.endswith(".") for step in found["nextSteps"])
    assert found["evidence"] and all(part["text"] for part in found["evidence"])
    same = ["code", "summary", "evidence", "nextSteps", "resourceType", "canAutoscalerHelp"]
    assert {key: found[key] for key in same} == found["findings"][0]
    return found


def texts(found, source):
    return [part["text"] for part in found["evidence"] if part["source"] == source]


FAILURES = {
    "ImagePullBackOff": ("Failed", "IMAGE_NOT_FOUND", "pod", "not found"),
    "CrashLoopBackOff": ("Failed", "CRASH_LOOP", "pod", "exit code 1"),
    "OOMKilled": ("Failed", "HOST_OOM", "pod", "OOMKilled"),
    "CreateContainerConfigError": ("Failed", "CONFIG_MISSING", "pod", "configmap"),
    "ReadinessProbeFailure": ("Deploying", "PROBE_FAILING", "event", "Readiness probe failed"),
    "LivenessProbeFailure": ("Deploying", "PROBE_FAILING", "event", "Liveness probe failed"),
    "StartupProbeFailure": ("Deploying", "STARTING_SLOWLY", "event", "Startup probe failed"),
    "Evicted": ("Failed", "EVICTED", "pod", "The node was low on resource: memory"),
    "SlowStart=90s": ("Deploying", "STARTING_SLOWLY", "event", "Startup probe failed"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_is_told_and_healed(api, deploy, failure):
    phase, code, source, text = FAILURES[failure]
    name = failure.partition("=")[0].lower()
    deploy(name, podAnnotations={SIMULATE: failure})
    # A liveness probe has to fail for a minute before the kubelet starts the container again.
    found = diagnosed(api, name, source, text, seconds=300, phase=phase, code=code)
    assert found["resourceType"] is None and found["canAutoscalerHelp"] is False
    assert found["nextSteps"]

    api.change(name, SPACE, podAnnotations=None)
    api.wait_for(name, SPACE, phase="Running")
    healed = diagnosed(api, name, phase="Running", code="RUNNING")
    assert [finding["code"] for finding in healed["findings"]] == ["RUNNING"]
    assert api.get(name, SPACE, "/pending-reasons") == {"reasons": []}


def test_too_many_gpus_for_any_node(api, deploy):
    deploy("greedy", resources={"gpu": 16})
    found = diagnosed(api, "greedy", phase="Pending", code="INSUFFICIENT_GPU")
    assert found["resourceType"] == "gpu"
    assert "no node has more than 8" in found["summary"]
    assert any("Insufficient nvidia.com/gpu" in text for text in texts(found, "event")), found

    reason = api.get("greedy", SPACE, "/pending-reasons")["reasons"][0]
    assert set(reason) == {"reason", "message", "isResourceConstraint", "resourceType", "canAutoscalerHelp"}
    assert (reason["reason"], reason["isResourceConstraint"], reason["resourceType"]) == ("FailedScheduling", True, "gpu")
    assert "Insufficient nvidia.com/gpu" in reason["message"]

    api.change("greedy", SPACE, resources={"gpu": 1})
    diagnosed(api, "greedy", phase="Running", code="RUNNING")


def test_a_node_selector_that_no_node_has(api, deploy):
    deploy("picky", nodeSelector={"disk": "golden"})
    found = diagnosed(api, "picky", phase="Pending", code="NODE_SELECTOR_MISMATCH")
    assert found["resourceType"] is None and found["canAutoscalerHelp"] is False
    reasons = api.get("picky", SPACE, "/pending-reasons")["reasons"]
    assert [reason["reason"] for reason in reasons] == ["FailedScheduling"]
    assert "resourceType" not in reasons[0] and reasons[0]["canAutoscalerHelp"] is False
    api.change("picky", SPACE, nodeSelector=None)
    diagnosed(api, "picky", phase="Running", code="RUNNING")


def test_a_node_that_is_lost(api, deploy):
    deploy("stranded")
    running = api.wait_for("stranded", SPACE, phase="Running")
    node = running["pods"][0]["node"]
    api.kubectl("annotate", "node", node, f"{SIMULATE}=Unreachable")
    try:
        # A node is silent for forty seconds before it is taken for lost.
        found = diagnosed(api, "stranded", code="NODE_LOST", seconds=240)
        assert found["phase"] != "Running"
    finally:
        api.kubectl("annotate", "node", node, f"{SIMULATE}-")
    diagnosed(api, "stranded", phase="Running", code="RUNNING")


def test_a_token_secret_without_a_token(api, deploy):
    api.kubectl("create", "secret", "generic", "wrong-key", f"--namespace={SPACE}", "--from-literal=TOKEN=hf_x")
    deploy("keyless", hfTokenSecret="wrong-key")
    found = diagnosed(api, "keyless", phase="Failed", code="HF_TOKEN_MISSING")
    assert "the secret wrong-key has no key HF_TOKEN" in texts(found, "secret"), found
    assert "hf_x" not in str(found)
    api.kubectl("patch", "secret", "wrong-key", f"--namespace={SPACE}", "-p", '{"stringData":{"HF_TOKEN":"hf_x"}}')
    diagnosed(api, "keyless", phase="Running", code="RUNNING")


def test_a_quota_that_lets_no_pod_be_made(api):
    # Somebody else's deployment, whose controller is stopped: what the quota's refusal would leave behind is written here.
    labels = {"app": "full"}
    container = {"name": "server", "image": "vllm/vllm-openai:v0.8.0", "args": ["--model", "Qwen/Qwen3-0.6B"]}
    quota = {
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "gpus", "namespace": SPACE},
        "spec": {"hard": {"requests.nvidia.com/gpu": "4"}},
    }
    deployment = {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "full", "namespace": SPACE},
        "spec": {
            "replicas": 1, "paused": True, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }
    api.kubectl.apply(quota, deployment)
    status = '{"status":{"hard":{"requests.nvidia.com/gpu":"4"},"used":{"requests.nvidia.com/gpu":"4"}}}'
    patch = ["patch", "resourcequota", "gpus", f"--namespace={SPACE}", "--type=merge", "-p"]
    api.kubectl(*patch, status, "--subresource=status")
    found = diagnosed(api, "full", phase="Pending", code="QUOTA_EXCEEDED")
    assert "quota gpus: 4 of 4 requests.nvidia.com/gpu are used" in texts(found, "quota")
    # With room in the quota there is nothing to say about it.
    api.kubectl(*patch, status.replace('"used":{"requests.nvidia.com/gpu":"4"', '"used":{"requests.nvidia.com/gpu":"0"'),
                "--subresource=status")
    diagnosed(api, "full", code="UNKNOWN")
    api.kubectl("delete", "deployment/full", "resourcequota/gpus", f"--namespace={SPACE}")


def test_a_deployment_that_was_scaled_to_nothing(api, deploy):
    deploy("idle")
    api.wait_for("idle", SPACE, phase="Running")
    api.change("idle", SPACE, replicas=0)
    found = diagnosed(api, "idle", code="SCALED_TO_ZERO")
    assert len(found["findings"]) == 1


def test_what_is_not_there_is_not_found(api):
    for part in ["diagnosis", "pending-reasons"]:
        answer = requests.get(f"{api.url}/api/deployments/none/{part}", timeout=SECONDS)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_without_a_cluster_nothing_is_told(ingot):
    for part in ["diagnosis", "pending-reasons"]:
        answer = requests.get(f"{ingot.url}/api/deployments/none/{part}", timeout=SECONDS)
        assert (answer.status_code, answer.json()["code"]) == (503, "CLUSTER_UNAVAILABLE")
