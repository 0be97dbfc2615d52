"""What the tests of models share: questions to the server, and the documented fields."""

import requests

SEARCH = "/api/models/search"
LLAMA = "meta-llama/Llama-3.1-8B-Instruct"
ENGINES = ["vllm", "sglang", "trtllm", "llamacpp"]
OF_A_CATALOGUE_MODEL = {
    "id": str, "name": str, "description": str, "size": str, "task": str, "contextLength": int, "supportedEngines": list,
    "minGpuMemory": str, "minGpus": int, "gated": bool,
}
OF_A_FOUND_MODEL = {
    "id": str, "name": str, "author": str, "downloads": int, "likes": int, "pipelineTag": str, "gated": bool,
    "supportedEngines": list, "estimatedGpuMemory": str, "estimatedGpuMemoryGb": float, "parameterCount": int,
    "fromHfSearch": bool,
}


def get(server, path, status=200, **options):
    answer = requests.get(server.url + path, timeout=30, **options)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].startswith("application/json")
    return answer


def search(server, status=200, headers=None, **query):
    return get(server, SEARCH, status, params=query, headers=headers)


def names(answer):
    return [model["id"] for model in answer.json()["models"]]


def refusal(answer, code):
    """The parts of an error that a client reads."""
    body = answer.json()
    assert body["code"] == code, body
    assert body["error"] == body["message"] != ""
    return body
