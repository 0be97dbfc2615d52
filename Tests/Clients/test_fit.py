"""Whether models fit, over HTTP: models of the Hub, and ones that the request describes; GPUs that are named, and the cluster's."""

import pytest
import requests

from hub import QWEN3_CONFIG
from models import get, refusal
from waiting import PATIENCE, until_answer

SMALL = "Qwen/Qwen3-0.6B"


@pytest.fixture
def cluster_server(serve, hub):
    """A server with an embedded cluster and a Hub of its own, once the cluster's nodes are known."""
    program = serve(cluster="embedded", environment={"HF_ENDPOINT": hub.url})
    until_answer(program.url + "/readyz", lambda answer: answer.status_code == 200)
    until_answer(program.url + "/api/installation/gpu-capacity", lambda answer: answer.json().get("totalGpus") == 20)
    return program


def fit(server, body, status=200):
    answer = requests.post(server.url + "/api/fit", json=body, timeout=PATIENCE)
    assert answer.status_code == status, answer.text
    return answer


def test_a_model_of_the_hub_on_this_clusters_gpus(cluster_server):
    for path in (f"/api/models/{SMALL}/fit", f"/api/models/{SMALL.replace('/', '%2F')}/fit"):
        answer = get(cluster_server, path, params={"engine": "vllm", "context": 8192}).json()
        assert answer["verdict"] == "fits"
        assert answer["max_model_len"] == 8192
        best = answer["best"]
        assert best["fits"] and best["gpus"] == 1
        assert best["kv"]["tokens_low"] <= best["kv"]["tokens"] <= best["kv"]["tokens_high"]
        spent = sum(line["gib"] for line in best["budget"])
        assert spent + best["per_gpu_gib"]["kv_available"] == pytest.approx(best["per_gpu_gib"]["budget"], abs=0.01)
        assert answer["placement"]["placeable_now"] and len(answer["placement"]["nodes"]) == 1
    same = fit(cluster_server, {"model": {"id": SMALL}, "workload": {"max_model_len": 8192}}).json()
    assert same["best"] == answer["best"]


def test_the_same_question_has_the_same_answer(server):
    body = {"model": {"config": QWEN3_CONFIG}, "devices": [{"product": "NVIDIA-L4", "count": 4}]}
    assert fit(server, body).content == fit(server, body).content


def test_a_context_that_is_too_long_comes_with_what_would_fit(server):
    large = {**QWEN3_CONFIG, "num_hidden_layers": 64, "hidden_size": 5120, "intermediate_size": 25600, "num_attention_heads": 64}
    body = {
        "model": {"config": {**large, "max_position_embeddings": 1000000}},
        "devices": [{"product": "NVIDIA-H100-80GB-HBM3", "count": 1}], "workload": {"max_model_len": 1000000},
    }
    answer = fit(server, body).json()
    assert answer["verdict"] in ("fits_with_changes", "does_not_fit")
    assert answer["blockers"] or answer["best"]["blockers"]
    assert answer["changes"], answer


def test_what_is_not_known_is_not_called_a_fit(server):
    unknown = {"model": {"config": QWEN3_CONFIG}, "devices": [{"product": "Example-GPU-9000"}]}
    assert fit(server, unknown).json()["verdict"] == "unknown"


def test_wrong_requests_are_refused_by_field(server, ingot):
    def refused(body):
        return refusal(fit(server, body, 400), "VALIDATION_ERROR")["details"]["field"]

    gpu = {"product": "NVIDIA-L4"}
    assert refused({"devices": [gpu]}) == "model"
    assert refused({"model": SMALL, "devices": [{"count": 2}]}) == "devices[0].product"
    assert refused({"model": SMALL, "devices": [gpu], "workload": {"concurrency": 0}}) == "workload.concurrency"
    assert refused({"model": "../etc", "devices": [gpu]}) == "model.id"
    assert refused({"model": SMALL, "nodes": {"selector": "pool"}}) == "nodes.selector"
    refusal(get(server, "/api/models/example/none/fit", 503), "CLUSTER_UNAVAILABLE")
    refusal(fit(server, {"model": "example/none", "devices": [gpu]}, 404), "NOT_FOUND")
    refusal(fit(ingot, {"model": {"config": QWEN3_CONFIG}}, 503), "CLUSTER_UNAVAILABLE")
