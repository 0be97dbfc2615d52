"""Why a deployment does not run: each failure that the embedded cluster can show, told by its code, and then healed."""

import json

import pytest
import requests

import confidential
from deployments import NAMED, PATH, SIMULATE, needs_simulation, running
from waiting import PATIENCE, until

# What is simulated, and what is told of it: phase, code, and a text in evidence of a source.
FAILURES = {
    "ImagePullBackOff": ("Failed", "IMAGE_NOT_FOUND", "pod", "not found"),
    "CrashLoopBackOff": ("Failed", "CRASH_LOOP", "pod", "exit code 1"),
    "OOMKilled": ("Failed", "HOST_OOM", "pod", "OOMKilled"),
    "CreateContainerConfigError": ("Failed", "CONFIG_MISSING", "pod", "configmap"),
    "ReadinessProbeFailure": ("Deploying", "PROBE_FAILING", "event", "Readiness probe failed"),
    "StartupProbeFailure": ("Deploying", "STARTING_SLOWLY", "event", "Startup probe failed"),
    "Evicted": ("Failed", "EVICTED", "pod", "The node was low on resource: memory"),
    "SlowStart=1h": ("Deploying", "STARTING_SLOWLY", "event", "Startup probe failed"),
    "LivenessProbeFailure": ("Deploying", "PROBE_FAILING", "event", "Liveness probe failed"),
}
# What is not as it was for long, and so is made when somebody looks: one after another is evicted, which without delays would keep
# the machine busy; and what a liveness probe has ended takes its time to come back, so that it is seen, and longer each time.
FLEETING = {"Evicted": "Evicted", "LivenessProbeFailure": "LivenessProbeFailure,SlowStart=15s"}
GPU = {"product": "NVIDIA-H100-80GB-HBM3"}
NODES = [
    {"name": "ward", "count": 2, "gpu": {**GPU, "count": 8}, "cpus": 192, "memory": "2048GiB"},
    {"name": "annex", "gpu": {"product": "NVIDIA-L4", "count": 2}, "cpus": 64, "memory": "512GiB"},
    # Where nothing else has room beside the one deployment that has to be here.
    {"name": "island", "gpu": {**GPU, "count": 1}, "cpus": 192, "memory": "2048GiB", "labels": {"place": "island"}},
]


def name_of(failure):
    return failure.partition("=")[0].lower()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    data = tmp_path_factory.mktemp("diagnosis")
    (data / "ingot.json").write_text(json.dumps({"cluster": {"embedded": {"nodes": NODES}}}))
    with running(data, "--config", data / "ingot.json") as started:
        if not NAMED:
            fall_ill(started)
        yield started


def fall_ill(server):
    """Makes what takes its time: it all happens while the tests look at one after another."""
    server.create(name="stranded", nodeSelector={"place": "island"})
    (pod,) = server.phase("stranded", server.space, "Running")["pods"]
    assert pod["node"] == "island"
    server.kubectl("annotate", "node", "island", f"{SIMULATE}=Unreachable")
    for failure in FAILURES:
        if failure not in FLEETING:
            server.create(name=name_of(failure), podAnnotations={SIMULATE: failure})
            server.wait_for(name_of(failure), server.space)


@pytest.fixture
def deploy(server):
    """Makes deployments, and takes them away after the test."""
    names = []

    def run(name, **fields):
        server.create(name=name, **fields)
        names.append(name)
        # What was made is known when the cluster has told of it.
        server.wait_for(name, server.space)

    yield run
    for name in names:
        server.delete(name, server.space)
    for name in names:
        server.gone(name, server.space)


def diagnosed(server, name, source=None, text="", namespace=None, **wanted):
    """Waits until the diagnosis has those values, and evidence with that text, and returns it."""
    namespace = namespace or server.space

    def is_so(answer):
        assert answer.status_code == 200, answer.text
        found = answer.json()
        shows = source is None or any(text in part for part in texts(found, source))
        return shows and all(found.get(key) == value for key, value in wanted.items())

    found = server.until(f"/{name}/diagnosis", is_so, params={"namespace": namespace}).json()
    assert (found["name"], found["namespace"], found["provider"]) == (name, namespace, "vllm")
    assert found["summary"].endswith(".") and all(step.endswith(".") for step in found["nextSteps"])
    assert found["evidence"] and all(part["text"] for part in found["evidence"])
    same = ["code", "summary", "evidence", "nextSteps", "resourceType", "canAutoscalerHelp"]
    assert {key: found[key] for key in same} == found["findings"][0]
    return found


def texts(found, source):
    return [part["text"] for part in found["evidence"] if part["source"] == source]


@needs_simulation
@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_is_told_and_healed(server, failure):
    phase, code, source, text = FAILURES[failure]
    name = name_of(failure)
    if failure in FLEETING:
        server.create(name=name, podAnnotations={SIMULATE: FLEETING[failure]})
        server.wait_for(name, server.space)
    found = diagnosed(server, name, source, text, phase=phase, code=code)
    assert found["resourceType"] is None and found["canAutoscalerHelp"] is False
    assert found["nextSteps"]

    server.change(name, server.space, podAnnotations=None)
    server.phase(name, server.space, "Running")
    healed = diagnosed(server, name, phase="Running", code="RUNNING")
    assert [finding["code"] for finding in healed["findings"]] == ["RUNNING"]
    assert server.part(name, server.space, "/pending-reasons") == {"reasons": []}
    server.delete(name, server.space)
    server.gone(name, server.space)


def pending_reasons(server, name):
    """Why the pods are pending, once the scheduler has said it."""
    return until(lambda: server.part(name, server.space, "/pending-reasons")["reasons"], f"it is said why {name} is pending")


@needs_simulation
def test_an_evicted_pod_that_is_made_anew_stays_the_reason(server, deploy):
    deploy("unwanted", podAnnotations={SIMULATE: "Evicted"})
    diagnosed(server, "unwanted", code="EVICTED")
    first = {pod["name"] for pod in server.part("unwanted", server.space)["pods"]}
    codes = set()

    def has_been_made_anew():
        codes.add(server.part("unwanted", server.space, "/diagnosis")["code"])
        return len({pod["name"] for pod in server.part("unwanted", server.space)["pods"]} - first) >= 3

    until(has_been_made_anew, "three more pods were made")
    assert codes == {"EVICTED"}
    # Another revision is another try.
    server.change("unwanted", server.space, podAnnotations=None)
    diagnosed(server, "unwanted", phase="Running", code="RUNNING")


L4 = {"nvidia.com/gpu.product": "NVIDIA-L4"}
H100 = {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3"}
LOADING = {SIMULATE: "SlowStart=600s"}


def reckoned(server, name):
    evidence = server.part(name, server.space, "/diagnosis")["evidence"]
    return [part for part in evidence if part["text"].startswith("by reckoning ")]


@needs_simulation
def test_a_model_that_cannot_fit_its_gpus_is_said_not_to(server, deploy):
    # The stand-in for the Hub shows this model to nobody: it is known from the catalogue.
    deploy("large", modelId="meta-llama/Llama-3.3-70B-Instruct", nodeSelector=L4, podAnnotations=LOADING)
    found = diagnosed(server, "large", "model", "by reckoning the model does not fit 1 × NVIDIA-L4: ")
    assert "Give each worker 16 GPUs: the model fits then." in found["nextSteps"]
    server.change("large", server.space, nodeSelector=H100, resources={"gpu": 4})
    until(lambda: not reckoned(server, "large"), "it fits four larger ones")


@needs_simulation
def test_a_context_that_cannot_fit_is_told_with_the_longest_that_does(server, deploy):
    deploy("wordy", contextLength=40000, nodeSelector=L4, gpuMemoryUtilization=0.2, podAnnotations=LOADING)
    shown = "by reckoning the model does not fit 1 × NVIDIA-L4: One request of 40000 tokens"
    found = diagnosed(server, "wordy", "model", shown)
    (step,) = [step for step in found["nextSteps"] if step.startswith("Set contextLength to ")]
    longest = int(step.split()[3])
    assert 2048 <= longest < 40000
    # What it says is so.
    server.change("wordy", server.space, contextLength=longest)
    until(lambda: not reckoned(server, "wordy"), "the shorter context fits")
    server.change("wordy", server.space, contextLength=longest + 2000)
    until(lambda: reckoned(server, "wordy"), "the longer context does not fit")


@needs_simulation
def test_too_many_gpus_for_any_node(server, deploy):
    deploy("greedy", resources={"gpu": 16})
    text = "Insufficient nvidia.com/gpu"
    found = diagnosed(server, "greedy", "event", text, phase="Pending", code="INSUFFICIENT_GPU")
    assert found["resourceType"] == "gpu"
    assert "no node has more than 8" in found["summary"]

    reason = pending_reasons(server, "greedy")[0]
    assert set(reason) == {"reason", "message", "isResourceConstraint", "resourceType", "canAutoscalerHelp"}
    assert (reason["reason"], reason["isResourceConstraint"], reason["resourceType"]) == ("FailedScheduling", True, "gpu")
    assert text in reason["message"]

    server.change("greedy", server.space, resources={"gpu": 1})
    diagnosed(server, "greedy", phase="Running", code="RUNNING")


@needs_simulation
def test_a_node_selector_that_no_node_has(server, deploy):
    deploy("picky", nodeSelector={"disk": "golden"})
    found = diagnosed(server, "picky", phase="Pending", code="NODE_SELECTOR_MISMATCH")
    assert found["resourceType"] is None and found["canAutoscalerHelp"] is False
    reasons = pending_reasons(server, "picky")
    assert [reason["reason"] for reason in reasons] == ["FailedScheduling"]
    assert "resourceType" not in reasons[0] and reasons[0]["canAutoscalerHelp"] is False
    server.change("picky", server.space, nodeSelector=None)
    diagnosed(server, "picky", phase="Running", code="RUNNING")


@needs_simulation
def test_a_token_secret_without_a_token(server, deploy):
    token = confidential.secret("token under another key", "hf_")
    server.kubectl("create", "secret", "generic", "wrong-key", f"--namespace={server.space}", f"--from-literal=TOKEN={token}")
    deploy("keyless", hfTokenSecret="wrong-key")
    told = "the secret wrong-key has no key HF_TOKEN"
    # What is not read in time is left out.
    found = diagnosed(server, "keyless", "secret", told, phase="Failed", code="HF_TOKEN_MISSING")
    assert told in texts(found, "secret"), found
    assert token not in str(found)
    server.kubectl("patch", "secret", "wrong-key", f"--namespace={server.space}", "-p",
                   json.dumps({"stringData": {"HF_TOKEN": token}}))
    diagnosed(server, "keyless", phase="Running", code="RUNNING")


@needs_simulation
def test_a_quota_that_lets_no_pod_be_made(server):
    space = server.namespace()
    # Somebody else's deployment, whose controller is stopped: what the quota's refusal would leave behind is written here.
    labels = {"app": "full"}
    container = {"name": "server", "image": "vllm/vllm-openai:v0.8.0", "args": ["--model", "Qwen/Qwen3-0.6B"]}
    quota = {
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "gpus", "namespace": space},
        "spec": {"hard": {"requests.nvidia.com/gpu": "4"}},
    }
    deployment = {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "full", "namespace": space},
        "spec": {
            "replicas": 1, "paused": True, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }
    server.kubectl.apply(quota, deployment)
    server.wait_for("full", space)
    status = '{"status":{"hard":{"requests.nvidia.com/gpu":"4"},"used":{"requests.nvidia.com/gpu":"4"}}}'
    patch = ["patch", "resourcequota", "gpus", f"--namespace={space}", "--type=merge", "-p"]
    server.kubectl(*patch, status, "--subresource=status")
    found = diagnosed(server, "full", namespace=space, phase="Pending", code="QUOTA_EXCEEDED")
    assert "quota gpus: 4 of 4 requests.nvidia.com/gpu are used" in texts(found, "quota")
    # With room in the quota there is nothing to say about it.
    unused = status.replace('"used":{"requests.nvidia.com/gpu":"4"', '"used":{"requests.nvidia.com/gpu":"0"')
    server.kubectl(*patch, unused, "--subresource=status")
    diagnosed(server, "full", namespace=space, code="UNKNOWN")


@needs_simulation
def test_a_deployment_that_was_scaled_to_nothing(server, deploy):
    deploy("idle")
    server.wait_for("idle", server.space, phase="Running")
    server.change("idle", server.space, replicas=0)
    found = diagnosed(server, "idle", code="SCALED_TO_ZERO")
    assert len(found["findings"]) == 1


def test_what_is_not_there_is_not_found(server):
    for part in ["diagnosis", "pending-reasons"]:
        answer = requests.get(f"{server.url}{PATH}/none/{part}", timeout=PATIENCE)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_without_a_cluster_nothing_is_told(ingot):
    for part in ["diagnosis", "pending-reasons"]:
        answer = requests.get(f"{ingot.url}{PATH}/none/{part}", timeout=PATIENCE)
        assert (answer.status_code, answer.json()["code"]) == (503, "CLUSTER_UNAVAILABLE")


@needs_simulation
def test_a_node_that_is_lost(server):
    # A node is silent for forty seconds before it is taken for lost.
    found = diagnosed(server, "stranded", code="NODE_LOST")
    assert found["phase"] != "Running"
    server.kubectl("annotate", "node", "island", f"{SIMULATE}-")
    diagnosed(server, "stranded", phase="Running", code="RUNNING")
