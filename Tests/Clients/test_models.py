"""The catalogue of models, and what is known of one model."""

import json
import re

import pytest

import hub as stand_in
from models import ENGINES, LLAMA, OF_A_CATALOGUE_MODEL, as_shown, get, has_types, refusal

# The answer that the document shows, but for the descriptions, which are each catalogue's own.
SHOWN = [
    {
        "id": "Qwen/Qwen3-0.6B", "name": "Qwen3 0.6B", "size": "0.6B", "task": "text-generation", "contextLength": 32768,
        "supportedEngines": ["vllm", "sglang", "trtllm"], "minGpuMemory": "4GB", "gated": False,
    },
    {
        "id": "meta-llama/Llama-3.2-1B-Instruct", "name": "Llama 3.2 1B Instruct", "size": "1B", "task": "chat",
        "contextLength": 131072, "supportedEngines": ["vllm", "sglang", "trtllm"], "minGpuMemory": "4GB", "gated": True,
    },
]


def test_each_documented_field_of_a_model_in_the_catalogue_is_there(ingot):
    models = get(ingot, "/api/models").json()["models"]
    assert len(models) >= 40
    for model in models:
        has_types(model, OF_A_CATALOGUE_MODEL)
        assert model["name"] and model["description"] and model["contextLength"] > 0, model["id"]
        assert model["minGpus"] >= (0 if model["id"].startswith("kaito/") else 1), model["id"]
        # As people write a number of parameters.
        assert re.fullmatch(r"(\d+x)?\d+(\.\d)?[MBT]", model["size"]), model["id"]
        assert re.fullmatch(r"\d+GB", model["minGpuMemory"]), model["id"]
        assert model["task"] in ("text-generation", "chat", "fill-mask")
        assert model["supportedEngines"] and set(model["supportedEngines"]) <= set(ENGINES)
        assert model["fromHfSearch"] is False
        assert model["estimatedGpuMemoryGb"] == round(model["parameterCount"] * 2 * 1.2 / 1e9, 1), model["id"]
        assert model["estimatedGpuMemory"] == f"{float(model['estimatedGpuMemoryGb'])}GB"
    assert len({model["id"] for model in models}) == len(models)


def test_the_models_that_the_document_shows_are_as_it_shows_them(ingot):
    models = {model["id"]: model for model in get(ingot, "/api/models").json()["models"]}
    for shown in SHOWN:
        assert as_shown(models[shown["id"]], shown) == shown


def test_search_and_engine_select_from_the_catalogue(ingot):
    found = get(ingot, "/api/models", params={"search": "QWEN3 0.6"}).json()
    assert [model["id"] for model in found["models"]] == ["Qwen/Qwen3-0.6B"]
    found = get(ingot, "/api/models", params={"search": "nothing-is-called-so"}).json()
    assert (found["models"], found["pagination"]["total"]) == ([], 0)
    everything = get(ingot, "/api/models").json()["models"]
    for engine in ENGINES:
        found = get(ingot, "/api/models", params={"engine": engine}).json()["models"]
        assert [m["id"] for m in found] == [m["id"] for m in everything if engine in m["supportedEngines"]] != []
    both = get(ingot, "/api/models", params={"engine": "llamacpp", "search": "llama"}).json()["models"]
    assert [model["id"] for model in both] == [f"kaito/{n}" for n in ("llama3.2-1b", "llama3.2-3b", "llama3.1-8b", "llama3.3-70b")]


def test_the_catalogue_is_listed_in_parts_when_that_is_asked_for(ingot):
    everything = get(ingot, "/api/models").json()
    total = len(everything["models"])
    assert everything["pagination"] == {"total": total, "limit": total, "offset": 0, "hasMore": False}
    parts, offset = [], 0
    while True:
        answer = get(ingot, "/api/models", params={"limit": 30, "offset": offset}).json()
        assert answer["pagination"]["total"] == total
        parts += answer["models"]
        offset += len(answer["models"])
        if not answer["pagination"]["hasMore"]:
            break
    assert parts == everything["models"]
    assert get(ingot, "/api/models", params={"offset": total + 5}).json()["models"] == []


# One model


@pytest.mark.parametrize("path", ["Qwen/Qwen3-0.6B", "Qwen%2FQwen3-0.6B", "Qwen%2fQwen3-0%2E6B"])
def test_a_model_of_the_catalogue_is_told_with_what_the_hub_knows(server, path):
    model = get(server, "/api/models/" + path).json()
    has_types(model, OF_A_CATALOGUE_MODEL)
    assert model["fromHfSearch"] is False
    assert (model["id"], model["name"], model["contextLength"]) == ("Qwen/Qwen3-0.6B", "Qwen3 0.6B", 32768)
    assert (model["downloads"], model["revision"], model["stale"]) == (6123456, stand_in.SHA, False)
    assert (model["architectures"], model["dtype"]) == (["Qwen3ForCausalLM"], "bfloat16")
    assert "problem" not in model


def test_a_model_that_is_only_on_the_hub_is_told_from_there(server, hub):
    hub.models.append(stand_in.model("example/Own-1B", "Qwen3ForCausalLM", 1_000_000_000, tags=["license:mit"]))
    hub.files["example/Own-1B"] = {"config.json": json.dumps({
        **stand_in.QWEN3_CONFIG, "quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128},
    }).encode()}
    model = get(server, "/api/models/example/Own-1B").json()
    assert (model["contextLength"], model["quantization"], model["license"]) == (40960, "awq", "mit")
    assert (model["supportedEngines"], model["parameterCount"]) == (["vllm", "sglang", "trtllm"], 1_000_000_000)
    assert (model["estimatedGpuMemoryGb"], model["estimatedGpuMemory"], model["fromHfSearch"]) == (2.4, "2.4GB", True)
    assert not {"minGpuMemory", "minGpus", "description"} & set(model)


def test_what_is_known_of_a_model_is_kept_by_its_commit(server, hub):
    for _ in range(5):
        get(server, "/api/models/Qwen/Qwen3-0.6B")
    paths = [request.path for request in hub.requests]
    assert sorted(paths) == sorted(set(paths)) and len(paths) == 2
    assert f"/Qwen/Qwen3-0.6B/resolve/{stand_in.SHA}/config.json" in paths


def test_a_gated_model_is_told_without_its_files_to_those_who_may_not_read_them(server):
    model = get(server, "/api/models/" + LLAMA).json()
    assert model["gated"] is True and "restricted" in model["problem"]
    model = get(server, "/api/models/" + LLAMA, headers={"X-HF-Token": stand_in.ADA}).json()
    assert model["gated"] is True and "problem" not in model


def test_the_catalogue_answers_while_the_hub_does_not(server, hub):
    hub.behave = lambda request: (500, {}, b"")
    model = get(server, "/api/models/Qwen/Qwen3-0.6B").json()
    assert model["minGpuMemory"] == "4GB" and "500" in model["problem"]
    refusal(get(server, "/api/models/Qwen/Qwen3-8B-Base", 502), "HUB_UNAVAILABLE")
    assert get(server, "/api/models/kaito/phi4-14b").json()["supportedEngines"] == ["llamacpp"]


@pytest.mark.parametrize("path, status, code", [
    ("nobody/nothing", 404, "NOT_FOUND"), ("nobody%2Fnothing", 404, "NOT_FOUND"),
    ("nobody/nothing/gguf-files", 404, "NOT_FOUND"), ("nobody%2Fnothing/gguf-files", 404, "NOT_FOUND"),
    ("a%2Fb%2Fc", 404, "NOT_FOUND"), ("..%2F..%2Fapi%2Fwhoami-v2", 404, "NOT_FOUND"),
    ("..%2Fwhoami-v2/gguf-files", 404, "NOT_FOUND"), ("a/b%3Fc", 404, "NOT_FOUND"),
    ("local/no.gguf", 404, "NOT_FOUND"),
])
def test_a_name_that_is_none_never_reaches_another_path_of_the_hub(shared, path, status, code):
    server, hub = shared
    refusal(get(server, "/api/models/" + path, status), code)
    assert all(request.path.startswith(("/api/models/nobody/nothing", "/api/models/local/no.gguf")) for request in hub.requests)


@pytest.mark.parametrize("path", ["Qwen/Qwen3-0.6B-GGUF", "Qwen%2FQwen3-0.6B-GGUF"])
def test_gguf_files_are_listed_by_name(server, path):
    answer = get(server, f"/api/models/{path}/gguf-files").json()
    assert answer["files"] == ["Qwen3-0.6B-Q4_K_M.gguf", "Qwen3-0.6B-Q8_0.gguf"]
    assert answer["sizes"] == {"Qwen3-0.6B-Q4_K_M.gguf": 4, "Qwen3-0.6B-Q8_0.gguf": 4}


def test_a_repository_without_gguf_files_has_an_empty_list(server):
    assert get(server, "/api/models/Qwen/Qwen3-0.6B/gguf-files").json()["files"] == []


@pytest.mark.parametrize("path", ["Qwen/Qwen3-0.6B", "Qwen/Qwen3-0.6B-GGUF/gguf-files", "Qwen%2FQwen3-0.6B/gguf-files"])
@pytest.mark.parametrize("headers, token", [
    ({"Authorization": "Bearer eyJhbGciOiJSUzI1NiJ9.cluster.token"}, None), ({"Authorization": f"Bearer {stand_in.ADA}"}, stand_in.ADA),
    ({"X-HF-Token": stand_in.ADA, "Authorization": "Bearer cluster-token"}, stand_in.ADA),
])
def test_what_is_asked_of_one_model_shows_the_hub_its_own_tokens_alone(server, hub, path, headers, token):
    get(server, f"/api/models/{path}", headers=headers)
    assert {request.token for request in hub.requests} == {token}
    assert not any("cluster" in str(request.headers) for request in hub.requests + hub.store_requests)
    assert all(request.token is None for request in hub.store_requests)
