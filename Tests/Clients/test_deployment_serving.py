"""What the model of a deployment is asked through Ingot: chats, OpenAI's API as it is, and metrics."""

import contextlib
import json
import socket

import openai
import pytest
import requests

import machine
from cluster import Kubectl
from conftest import INGOT, Program
from deployments import needs_this_machine
from waiting import PATIENCE, until

pytestmark = needs_this_machine

QUESTION = [{"role": "user", "content": "What is the capital of France?"}]
SHORT = {"messages": QUESTION, "max_tokens": 16, "temperature": 0}
# Long enough to be looked at while it is written, however fast that goes: the model would not stop by itself.
CONTEXT = 8192
LONG = {"messages": QUESTION, "max_tokens": 8000, "ignore_eos": True, "stream": True}


class Served:
    """A server with a model that is deployed through it, and one that waits for a node."""

    def __init__(self, program, kubectl):
        self.kubectl = kubectl
        self.api = program.url + "/api/deployments"
        self.url = self.api + "/smol"

    def deploy(self, name, **fields):
        body = {"name": name, "modelId": f"local/{machine.model_file().name}", "contextLength": 2048, **fields}
        answer = requests.post(self.api, json=body, timeout=PATIENCE)
        assert answer.status_code == 201, answer.text
        return answer.json()["deployment"]

    def wait_for(self, name):
        until(lambda: self.phase(name) == "Running", f"{name} is Running")

    def phase(self, name):
        """Nothing while it is not known, as the cluster has not told of it."""
        return requests.get(f"{self.api}/{name}", timeout=PATIENCE).json().get("phase")

    def post(self, path, **options):
        return requests.post(self.url + path, timeout=PATIENCE, **options)

    def metrics(self, name="smol"):
        """The metrics, once all replicas have told them: those that do not in some seconds are left out."""
        def complete():
            answer = requests.get(f"{self.api}/{name}/metrics", timeout=PATIENCE)
            assert answer.status_code == 200
            body = answer.json()
            return body if body["available"] and body["replicas"]["ready"] == body["replicas"]["answered"] else None

        return until(complete, f"the metrics of {name} are told")

    def metric(self, name):
        metrics = self.metrics()
        values = [sample["value"] for sample in metrics["metrics"] if sample["name"] == name]
        assert len(values) == 1, metrics
        return values[0]

    def cancellations(self):
        """How many generations llama.cpp has ended before they were done, as its log says."""
        pod, = requests.get(f"{self.url}/pods", timeout=PATIENCE).json()["pods"]
        return sum("cancel task" in line for line in self.kubectl("logs", pod["name"]).lines)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    data, models, home = (tmp_path_factory.mktemp(name) for name in ["data", "models", "home"])
    (models / machine.model_file().name).symlink_to(machine.model_file())
    flags = ["--port", "0", "--data-dir", data, "--embedded-cluster", "--models-dir", models]
    program = Program([INGOT, "serve", *flags], environment={"PATH": machine.search_path()})
    try:
        program.ready()
        kubectl = Kubectl(data / "embedded-cluster/kubeconfig", home, "kubefoundry")
        served = Served(program, kubectl)
        until(lambda: requests.get(served.api, timeout=PATIENCE).status_code == 200, "the cluster is known")
        served.deploy("smol", servedModelName="smollm2", contextLength=CONTEXT)
        served.deploy("waits", nodeSelector={"nobody": "has-this"})
        until(lambda: served.phase("waits") == "Pending", "it waits")
        served.wait_for("smol")
        yield served
        assert program.process.poll() is None, "ingot died: " + "\n".join(program.errors)
    finally:
        program.kill()


def assert_error(answer, status, code, *words):
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body["code"] == code and body["error"] == body["message"] and body["details"]["requestId"]
    for word in words:
        assert word in body["message"], body


def events(answer):
    """The data of server-sent events, as they come."""
    for line in answer.iter_lines():
        if line.startswith(b"data: "):
            yield line.removeprefix(b"data: ").decode()


def test_a_chat_needs_no_name_of_the_model(served):
    answer = served.post("/chat", json=SHORT)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("application/json")
    body = answer.json()
    assert body["object"] == "chat.completion" and body["model"] == "smollm2"
    assert len(body["choices"][0]["message"]["content"].strip()) > 0
    assert 0 < body["usage"]["completion_tokens"] <= 16


@pytest.mark.parametrize("path", ["/chat", "/v1/chat/completions"])
def test_tokens_of_a_stream_come_as_they_are_written_and_a_client_that_goes_ends_the_generation(served, path):
    before = served.cancellations()
    with served.post(path, json=LONG, stream=True, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert "no-transform" in answer.headers["Cache-Control"] and answer.headers["X-Accel-Buffering"] == "no"
        assert "Content-Encoding" not in answer.headers
        stream = events(answer)
        pieces = [json.loads(next(stream)) for _ in range(10)]
        assert all(piece["object"] == "chat.completion.chunk" for piece in pieces)
        assert all(len(piece["choices"]) == 1 for piece in pieces)
        # The model still writes while its first words are here.
        assert served.metric("llamacpp:requests_processing") == 1
    until(lambda: served.cancellations() == before + 1, "the generation is cancelled")
    until(lambda: served.metric("llamacpp:requests_processing") == 0, "the model is idle")


def test_a_stream_ends_as_the_model_ends_it(served):
    with served.post("/chat", json={**SHORT, "stream": True}, stream=True) as answer:
        *pieces, last, done = events(answer)
    assert done == "[DONE]"
    text = "".join(json.loads(piece)["choices"][0]["delta"].get("content") or "" for piece in pieces)
    assert text.strip()
    assert json.loads(last)["object"] == "chat.completion.chunk"


def test_a_client_that_goes_before_the_answer_begins_ends_the_generation(served):
    body = json.dumps({**LONG, "stream": False}).encode()
    address = served.url.removeprefix("http://").partition("/")[0]
    host, _, port = address.partition(":")
    before = served.cancellations()
    with socket.create_connection((host, int(port))) as client:
        client.sendall(
            f"POST /api/deployments/smol/chat HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode() + body
        )
        until(lambda: served.metric("llamacpp:requests_processing") == 1, "the model writes")
    until(lambda: served.cancellations() == before + 1, "the generation is cancelled")


def test_the_client_of_openai_works_as_with_openai(served):
    client = openai.OpenAI(base_url=served.url + "/v1", api_key="of-no-use", timeout=PATIENCE, max_retries=0)
    assert [model.id for model in client.models.list()] == ["smollm2"]
    completion = client.chat.completions.create(model="smollm2", **SHORT)
    assert completion.choices[0].message.content.strip() and completion.usage.completion_tokens <= 16
    chunks = list(client.chat.completions.create(model="smollm2", stream=True, **SHORT))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices).strip()
    assert client.completions.create(model="smollm2", prompt="Paris is", max_tokens=4).choices[0].text

    named = client.with_options(default_query={"namespace": "kubefoundry", "provider": "llamacpp"})
    assert [model.id for model in named.models.list()] == ["smollm2"]
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="smollm2", messages=[{"role": "user", "content": 7}])
    with pytest.raises(openai.NotFoundError):
        client.with_options(base_url=served.api + "/none/v1").models.list()
    with pytest.raises(openai.ConflictError):
        client.with_options(base_url=served.api + "/waits/v1").models.list()


def test_what_the_model_s_server_answers_below_v1_is_not_touched(served):
    answer = requests.get(served.url + "/v1/nothing%2Fhere?a=b%20c", timeout=PATIENCE)
    assert answer.status_code == 404 and answer.json()["error"]["type"] == "not_found_error"
    # As event streams are asked for.
    answer = requests.get(served.url + "/v1/models", headers={"Accept": "text/event-stream"}, timeout=PATIENCE)
    assert answer.status_code == 200 and answer.json()["data"][0]["id"] == "smollm2"
    answer = served.post("/v1/chat/completions", data=b"{", headers={"Content-Type": "application/json"})
    assert answer.status_code >= 400 and answer.json()["error"]["message"]


def test_metrics_are_the_engine_s_and_the_front_end_s(served):
    before = served.metric("llamacpp:tokens_predicted_total")
    assert served.post("/chat", json=SHORT).status_code == 200
    until(lambda: served.metric("llamacpp:tokens_predicted_total") > before, "the tokens are counted")
    body = served.metrics()
    assert body["available"] is True and "error" not in body and body["timestamp"].endswith("Z")
    assert body["replicas"] == {"ready": 1, "answered": 1}
    samples = {sample["name"]: sample for sample in body["metrics"]}
    assert all(sample["labels"] == {} for sample in samples.values())
    for told, known in [
        ("requests_processing", "requests_processing"), ("requests_deferred", "requests_pending"),
        ("tokens_predicted_total", "tokens_predicted_total"), ("prompt_tokens_total", "prompt_tokens_processed_total"),
    ]:
        assert samples[f"llamacpp:{told}"]["value"] == samples[f"llamacpp_{known}"]["value"]


def test_metrics_of_several_replicas_are_added_up(served):
    served.deploy("pair", servedModelName="smollm2", replicas=2, resources={"cpu": "100m"})
    served.wait_for("pair")
    url = f"{served.api}/pair"
    pods = [pod["name"] for pod in requests.get(f"{url}/pods", timeout=PATIENCE).json()["pods"]]
    assert len(pods) == 2

    def told(pod):
        raw = f"/api/v1/namespaces/kubefoundry/pods/{pod}:8080/proxy/metrics"
        lines = [line.split() for line in served.kubectl("get", "--raw", raw).lines if not line.startswith("#")]
        return {name: float(value) for name, value in lines}

    def ask(pod):
        raw = f"/api/v1/namespaces/kubefoundry/pods/{pod}:8080/proxy/v1/chat/completions"
        served.kubectl("create", "--raw", raw, "-f", "-", input={**SHORT, "max_tokens": 4})

    for pod in pods:
        ask(pod)
    name = "llamacpp:tokens_predicted_total"
    until(lambda: all(told(pod)[name] > 0 for pod in pods), "both have counted their tokens")
    each = [told(pod) for pod in pods]
    body = served.metrics("pair")
    assert body["replicas"] == {"ready": 2, "answered": 2}
    values = {sample["name"]: sample["value"] for sample in body["metrics"]}
    assert len(values) == len(body["metrics"]), "each is told once"
    for counter in [name, "llamacpp:prompt_tokens_total", "llamacpp:requests_processing"]:
        assert values[counter] == sum(part[counter] for part in each), counter
    assert values["llamacpp_tokens_predicted_total"] == values[name]
    assert requests.delete(url, timeout=PATIENCE).status_code == 200


def test_metrics_that_cannot_be_had_are_no_error(served):
    answer = requests.get(served.api + "/waits/metrics", timeout=PATIENCE)
    assert answer.status_code == 200
    body = answer.json()
    assert body["available"] is False and body["metrics"] == [] and "Pending" in body["error"]
    assert "replicas" not in body


def test_deployments_that_are_not_there_or_do_not_run_are_told_apart(served):
    for path, body in [("/chat", SHORT), ("/v1/chat/completions", SHORT)]:
        answer = requests.post(f"{served.api}/none{path}", json=body, timeout=PATIENCE)
        assert_error(answer, 404, "NOT_FOUND", "none")
        answer = requests.post(f"{served.api}/waits{path}", json=body, timeout=PATIENCE)
        assert_error(answer, 409, "CONFLICT", "waits", "Pending")
        answer = served.post(path + "?namespace=default", json=body)
        assert_error(answer, 404, "NOT_FOUND", "smol", "default")
    assert_error(requests.get(f"{served.api}/none/metrics", timeout=PATIENCE), 404, "NOT_FOUND", "none")


def test_a_chat_that_is_none_is_refused_with_the_field_s_name(served):
    headers = {"Content-Type": "application/json"}
    assert_error(served.post("/chat", data=b"{", headers=headers), 400, "VALIDATION_ERROR", "JSON")
    assert_error(served.post("/chat", data=b"x=1"), 415, "UNSUPPORTED_MEDIA_TYPE")
    for body, field in [([], "body"), ({}, "messages"), ({"messages": []}, "messages"), ({"messages": ["a"]}, "messages"),
                        ({**SHORT, "model": 7}, "model")]:
        answer = served.post("/chat", json=body)
        assert_error(answer, 400, "VALIDATION_ERROR", field)
        assert [problem["field"] for problem in answer.json()["details"]["fields"]] == [field]
    # What only the model's server can tell keeps its status.
    answer = served.post("/chat", json={**SHORT, "messages": [{"role": "user", "content": 7}]})
    assert_error(answer, 400, "VALIDATION_ERROR")
    assert answer.json()["details"]["modelStatus"] == 400


@pytest.mark.parametrize("path", ["..%2f..%2fmetrics", "a%2f..%2f..%2fslots", "%2e%2e%2Fslots", "%252e%252e%252fslots", "..%5Cslots"])
def test_no_path_leads_out_of_v1(served, path):
    address = served.url.removeprefix("http://").partition("/")[0]
    host, _, port = address.partition(":")
    with socket.create_connection((host, int(port))) as client, contextlib.closing(client.makefile("rb")) as answer:
        client.sendall(f"GET /api/deployments/smol/v1/{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode())
        assert answer.readline().split()[1] == b"400"


def test_the_model_s_server_sees_no_credentials_of_ingot_s_client(served):
    served.deploy("locked", servedModelName="smollm2", engineExtraArgs=["--api-key", "word"])
    served.wait_for("locked")
    headers = {"Authorization": "Bearer word", "Cookie": "a=b"}
    answer = requests.post(served.api + "/locked/v1/chat/completions", json=SHORT, headers=headers, timeout=PATIENCE)
    assert answer.status_code == 401 and answer.json()["error"]["type"] == "authentication_error"
    answer = requests.post(served.api + "/locked/chat", json=SHORT, headers=headers, timeout=PATIENCE)
    assert_error(answer, 502, "UPSTREAM_ERROR", "401")
