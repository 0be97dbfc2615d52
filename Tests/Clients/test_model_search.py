"""Searches of the Hub: their fields, filters and parts, whose tokens the Hub sees, and what its failures are answered with."""

import concurrent.futures
import re
import threading

import pytest
import requests

import hub as stand_in
from conftest import NOWHERE
from models import LLAMA, OF_A_FOUND_MODEL, OF_A_SEARCH, SEARCH, as_shown, get, has_types, names, refusal, search
from waiting import PATIENCE, until


@pytest.mark.parametrize("path, name, value", [
    ("/api/models", "engine", "ollama"),
    ("/api/models", "limit", "0"), ("/api/models", "limit", "many"), ("/api/models", "offset", "-1"),
    (SEARCH, "q", None), (SEARCH, "q", "a"), (SEARCH, "q", " a "), (SEARCH, "q", "x" * 201), (SEARCH, "q", "a\tb"),
    (SEARCH, "limit", "0"), (SEARCH, "limit", "101"), (SEARCH, "limit", "1.5"), (SEARCH, "limit", ""),
    (SEARCH, "offset", "-1"), (SEARCH, "offset", "99999999999999999999"), (SEARCH, "X-HF-Token", "not a token"),
])
def test_a_refusal_names_the_parameter_that_is_wrong(shared, path, name, value):
    server, hub = shared
    query = {"q": "qwen"} if path == SEARCH else {}
    headers = {}
    if name == "X-HF-Token":
        headers[name] = value
    elif value is None:
        del query[name]
    else:
        query[name] = value
    body = refusal(get(server, path, 400, params=query, headers=headers), "VALIDATION_ERROR")
    assert body["details"]["parameter"] == name
    assert body["error"].startswith(name + ": ")
    assert hub.requests == []


def test_each_documented_field_of_a_search_is_there(server):
    answer = search(server, q="qwen3").json()
    assert (answer["total"], answer["offset"], answer["limit"], answer["hasMore"]) == (3, 0, 20, False)
    assert answer["query"] == "qwen3"
    has_types(answer, OF_A_SEARCH)
    for model in answer["models"]:
        has_types(model, OF_A_FOUND_MODEL)
    first = answer["models"][0]
    assert (first["id"], first["name"], first["author"]) == ("Qwen/Qwen3-0.6B", "Qwen3-0.6B", "Qwen")
    assert (first["downloads"], first["likes"], first["parameterCount"]) == (6123456, 6123, 751632384)
    assert (first["estimatedGpuMemoryGb"], first["estimatedGpuMemory"]) == (1.8, "1.8GB")
    assert first["supportedEngines"] == ["vllm", "sglang", "trtllm"]
    assert (first["gated"], first["pipelineTag"], first["fromHfSearch"]) == (False, "text-generation", True)


def test_the_search_that_the_document_shows_is_answered_as_it_shows_it(server, hub):
    shown = {
        "models": [{
            "id": LLAMA, "name": "Llama-3.1-8B-Instruct", "author": "meta-llama", "downloads": 1500000, "likes": 2500,
            "pipelineTag": "text-generation", "gated": True, "supportedEngines": ["vllm", "sglang", "trtllm"],
            "estimatedGpuMemory": "19.2GB", "estimatedGpuMemoryGb": 19.2, "parameterCount": 8000000000,
        }],
        "total": 150, "offset": 0, "limit": 1,
    }
    hub.models = stand_in.many(149)
    hub.models.append(stand_in.model(LLAMA, "LlamaForCausalLM", 8000000000, downloads=1500000, likes=2500, gated="manual"))
    answer = search(server, q="ma", limit=1).json()
    assert as_shown(answer, {**shown, "total": 0}) | {"total": 150} == shown and answer["hasMore"] is True
    # Once the search has seen all, the total is that of all.
    last = search(server, q="ma", limit=100, offset=100).json()
    assert (last["total"], last["offset"], last["limit"], last["hasMore"]) == (150, 100, 100, False)
    assert len(last["models"]) == 50
    again = search(server, q="ma", limit=1).json()
    assert as_shown(again, shown) == shown and again["hasMore"] is True


def test_memory_is_estimated_as_the_document_says(server, hub):
    estimates = {
        500_000_000: 1.2, 1_000_000_000: 2.4, 1_500_000_000: 3.6, 3_000_000_000: 7.2, 3_800_000_000: 9.1,
        7_000_000_000: 16.8, 8_000_000_000: 19.2, 13_000_000_000: 31.2, 14_000_000_000: 33.6,
        32_000_000_000: 76.8, 70_000_000_000: 168.0, 405_000_000_000: 972.0,
    }
    hub.models = [stand_in.model(f"example/sized-{count}", "LlamaForCausalLM", count) for count in estimates]
    found = search(server, q="sized", limit=100).json()["models"]
    assert {model["parameterCount"]: model["estimatedGpuMemoryGb"] for model in found} == estimates
    assert all(model["estimatedGpuMemory"] == f"{estimates[model['parameterCount']]}GB" for model in found)


def test_what_no_engine_runs_is_left_out(server, hub):
    hub.models += [
        stand_in.model("example/qwen-adapter", "Qwen3ForCausalLM", 1000, library_name="peft"),
        stand_in.model("example/qwen-mlx", "Qwen3ForCausalLM", 1000, library_name="mlx"),
        stand_in.model("example/qwen-closed", "Qwen3ForCausalLM", 1000, disabled=True),
        stand_in.model("example/qwen-unnamed", "", 1000, config={}),
    ]
    assert names(search(server, q="qwen")) == ["Qwen/Qwen3-0.6B", "Qwen/Qwen3-8B", "Qwen/Qwen3-0.6B-GGUF"]
    # The Hub is asked for text generation; a mirror that does not know the filter changes nothing.
    assert all(request.first("pipeline_tag") == "text-generation" for request in hub.requests)
    hub.behave = lambda request: stand_in.reply([stand_in.model("a/bert", "BertForMaskedLM", 1, pipeline_tag="fill-mask")])
    assert names(search(server, q="bert")) == []


def test_gguf_files_are_for_llama_cpp_alone(server):
    model = search(server, q="gguf").json()["models"][0]
    assert (model["id"], model["supportedEngines"], model["parameterCount"]) == ("Qwen/Qwen3-0.6B-GGUF", ["llamacpp"], 751632384)


def test_a_gated_model_is_told_as_such(server):
    assert search(server, q="llama").json()["models"][0]["gated"] is True


def test_fields_that_the_hub_leaves_out_are_absent_and_not_guessed(server, hub):
    bare = {"id": "example/Bare-7B", "config": {"architectures": ["LlamaForCausalLM"]}}
    hub.behave = lambda request: stand_in.reply([bare])
    model = search(server, q="bare").json()["models"][0]
    assert (model["author"], model["downloads"], model["likes"], model["gated"]) == ("example", 0, 0, False)
    assert not {"parameterCount", "estimatedGpuMemory", "estimatedGpuMemoryGb", "libraryName"} & set(model)


def test_parts_of_a_search_are_whole_across_pages_that_are_filtered(server, hub):
    # Of three models on the Hub's pages one is of use, so a part of the answer takes several of its pages.
    good, odd = stand_in.many(150), stand_in.many(300, "OddForCausalLM")
    for number, model in enumerate(odd):
        model["id"] = model["modelId"] = f"example/many-odd-{number}"
    hub.models = good + odd
    for number, model in enumerate(sorted(hub.models, key=lambda m: (m["downloads"], m["id"]), reverse=True)):
        model["downloads"] = 10_000 - number
    seen, totals, offset = [], [], 0
    while True:
        answer = search(server, q="many", limit=40, offset=offset).json()
        assert (answer["offset"], answer["limit"]) == (offset, 40)
        seen += [model["id"] for model in answer["models"]]
        totals.append(answer["total"])
        offset += len(answer["models"])
        assert answer["total"] >= offset + (1 if answer["hasMore"] else 0)
        if not answer["hasMore"]:
            break
        assert len(answer["models"]) == 40
    assert sorted(seen) == sorted(model["id"] for model in good)
    assert len(set(seen)) == 150 and totals[-1] == 150
    # Each of the Hub's five pages was asked for once.
    assert len(hub.requests) == 5
    assert search(server, q="many", offset=500).json()["models"] == []


def in_flight(server):
    """Requests whose answers the server is making."""
    text = requests.get(server.url + "/metrics", timeout=PATIENCE).text
    return max((float(number) for number in re.findall(r"^http_requests_in_flight(?:{.*})? (\S+)$", text, re.M)), default=0)


def test_equal_searches_at_once_share_one_question(serve, hub):
    server = serve(environment={"HF_ENDPOINT": hub.url, "INGOT_HUGGING_FACE_TIMEOUT": "10m"})
    let_go = threading.Event()
    hub.behave = lambda request: let_go.wait(PATIENCE) and None
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(names(search(server, q="qwen")))) for _ in range(8)]
    for thread in threads:
        thread.start()
    # The Hub says nothing before all eight wait for it.
    until(lambda: in_flight(server) >= 8, "all eight wait")
    let_go.set()
    for thread in threads:
        thread.join()
    assert answers == [answers[0]] * 8
    assert len(hub.requests) == 1


# Tokens


@pytest.mark.parametrize("headers, token", [
    ({}, None),
    ({"Authorization": f"Bearer {stand_in.ADA}"}, stand_in.ADA),
    ({"Authorization": f"bearer {stand_in.ADA}"}, stand_in.ADA),
    ({"X-HF-Token": stand_in.ADA}, stand_in.ADA),
    ({"X-HF-Token": stand_in.ADA, "Authorization": f"Bearer {stand_in.BOB}"}, stand_in.ADA),
    ({"X-HF-Token": stand_in.ADA, "Authorization": "Bearer cluster-token"}, stand_in.ADA),
    ({"Authorization": "Bearer eyJhbGciOiJSUzI1NiJ9.cluster.token"}, None),
    ({"Authorization": "Basic aGZfYWRhOg=="}, None),
])
def test_only_the_hubs_own_tokens_reach_the_hub(server, hub, headers, token):
    search(server, headers=headers, q="llama")
    assert [request.token for request in hub.requests] == [token]
    assert not any("cluster" in str(request.headers) for request in hub.requests)


def test_what_one_user_has_found_is_not_kept_for_another(server, hub):
    for headers in ({}, {"X-HF-Token": stand_in.ADA}, {"X-HF-Token": stand_in.BOB}, {"X-HF-Token": stand_in.ADA}):
        search(server, headers=headers, q="llama")
    assert [request.token for request in hub.requests] == [None, stand_in.ADA, stand_in.BOB]


def test_a_token_shows_in_no_log_and_no_error(server, hub):
    hub.behave = lambda request: stand_in.refusal(401, None, f"no such token: {request.token}")
    answer = search(server, 401, headers={"X-HF-Token": stand_in.NOBODY}, q="llama")
    assert stand_in.NOBODY not in answer.text
    assert stand_in.NOBODY not in "\n".join(server.errors)


# Failures


def test_a_token_that_the_hub_does_not_know_is_401(server):
    answer = search(server, 401, headers={"X-HF-Token": stand_in.NOBODY}, q="llama")
    assert refusal(answer, "HUB_UNAUTHORIZED")["details"]["hubStatus"] == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_what_the_hub_forbids_is_403(server, hub):
    hub.behave = lambda request: stand_in.refusal(403, None, "not for you")
    assert "not for you" in refusal(search(server, 403, q="llama"), "HUB_FORBIDDEN")["error"]


def test_too_many_requests_are_429_with_the_hubs_own_pause(server, hub):
    hub.behave = lambda request: (429, {"Retry-After": "123"}, b'{"error": "slow down"}')
    answer = search(server, 429, q="llama")
    assert answer.headers["Retry-After"] == "123"
    assert refusal(answer, "HUB_RATE_LIMITED")["details"]["retryAfterSeconds"] == 123
    assert len(hub.requests) == 1


def test_a_hub_that_fails_is_502(server, hub):
    hub.behave = lambda request: (503, {}, b"")
    refusal(search(server, 502, q="llama"), "HUB_UNAVAILABLE")
    assert len(hub.requests) > 1
    hub.behave = lambda request: (200, {}, b"<html>")
    refusal(search(server, 502, q="llama"), "HUB_BAD_ANSWER")
    hub.behave = lambda request: (200, {}, b'{"error": "no list"}')
    refusal(search(server, 502, q="llama"), "HUB_BAD_ANSWER")
    hub.behave = lambda request: None
    assert names(search(server, q="llama")) == [LLAMA]


def test_a_hub_that_is_not_there_is_502(serve):
    # With much time: it says so at once, and must not be found to be late on a machine that stands still for a while.
    server = serve(environment={"HF_ENDPOINT": NOWHERE, "INGOT_HUGGING_FACE_TIMEOUT": "10m"})
    refusal(search(server, 502, q="llama"), "HUB_UNREACHABLE")
    assert get(server, "/api/models").json()["models"]


def test_a_hub_that_is_slow_is_504_and_holds_nobody_up(serve, hub):
    server = serve(environment={"HF_ENDPOINT": hub.url, "INGOT_HUGGING_FACE_TIMEOUT": "2s"})
    let_go = threading.Event()
    hub.behave = lambda request: let_go.wait(PATIENCE) and None
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(search, server, 504, q="llama")
        for _ in range(20):
            assert get(server, "/api/health").json()["status"] == "healthy"
            assert get(server, "/api/models").json()["models"]
        refusal(waiting.result(), "HUB_TIMEOUT")
    let_go.set()
