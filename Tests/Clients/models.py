"""What the tests of models share: questions to the server, and the documented fields."""

import requests

from waiting import PATIENCE

SEARCH = "/api/models/search"
LLAMA = "meta-llama/Llama-3.1-8B-Instruct"
ENGINES = ["vllm", "sglang", "trtllm", "llamacpp"]
NUMBER = (int, float)
# "Model Fields" of the API's document.
OF_A_CATALOGUE_MODEL = {
    "id": str, "name": str, "description": str, "size": str, "task": str, "contextLength": int, "supportedEngines": list,
    "minGpuMemory": str, "minGpus": int, "gated": bool, "estimatedGpuMemory": str, "estimatedGpuMemoryGb": NUMBER,
    "parameterCount": int, "fromHfSearch": bool,
}
# The answer that the document shows of a search.
OF_A_SEARCH = {"models": list, "total": int, "offset": int, "limit": int}
OF_A_FOUND_MODEL = {
    "id": str, "name": str, "author": str, "downloads": int, "likes": int, "pipelineTag": str, "gated": bool,
    "supportedEngines": list, "estimatedGpuMemory": str, "estimatedGpuMemoryGb": NUMBER, "parameterCount": int,
    "fromHfSearch": bool,
}


def get(server, path, status=200, **options):
    answer = requests.get(server.url + path, timeout=PATIENCE, **options)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].startswith("application/json")
    return answer


def search(server, status=200, headers=None, **query):
    return get(server, SEARCH, status, params=query, headers=headers)


def names(answer):
    return [model["id"] for model in answer.json()["models"]]


def has_types(value, kinds):
    """That each field is there with its type. To Python a truth value is a number; to JSON it is not."""
    for key, kind in kinds.items():
        assert key in value, f"{value}: no {key}"
        kind = kind if isinstance(kind, tuple) else (kind,)
        assert type(value[key]) in kind, f"{key}: {value[key]!r}"


def as_shown(answer, shown):
    """What of an answer is in an example of the document too, so that both can be compared as a whole."""
    if isinstance(shown, dict):
        return {key: as_shown(answer[key], value) for key, value in shown.items() if key in answer}
    if isinstance(shown, list) and len(shown) == len(answer) and shown and isinstance(shown[0], dict):
        return [as_shown(*pair) for pair in zip(answer, shown)]
    return answer


def refusal(answer, code):
    """The parts of an error that a client reads."""
    body = answer.json()
    assert body["code"] == code, body
    assert body["error"] == body["message"] != ""
    return body
