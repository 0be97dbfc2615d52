"""Wishes for deployments that cannot be granted, or not twice: what is refused, how, and that nothing is left of it."""

import json

import pytest
import requests

from cluster import deployment as plain, service
from deployments import MODEL, PATH, fields, needs_no_operators, needs_simulation, running
from models import LLAMA, refusal
from waiting import PATIENCE, until


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("requests")) as started:
        yield started


@pytest.fixture
def space(server):
    return server.namespace()


def send(server, body, path=PATH, **headers):
    """Sends bytes as they are."""
    headers = {"Content-Type": "application/json", **headers}
    return requests.post(server.url + path, data=body, headers=headers, timeout=PATIENCE)


@pytest.mark.parametrize("path", [PATH, PATH + "/preview"])
def test_a_body_that_is_no_json_object_is_refused(server, path):
    for body in [b"", b"{", b"name=x", b"\xff", b'{"name": "a", "name": "b"}', b"[" * 100_000, b"[]", b'"x"', b"null", b"1"]:
        answer = send(server, body, path)
        assert answer.status_code == 400, body[:20]
        refusal(answer, "VALIDATION_ERROR")
    large = json.dumps({"name": "large", "modelId": MODEL, "env": {"A": "x" * (1 << 20)}}).encode()
    answer = send(server, large, path)
    assert answer.status_code == 413
    assert answer.json()["code"] == "VALIDATION_ERROR" and answer.json()["error"]


@pytest.mark.parametrize(
    "body, field",
    [
        ({"name": None}, "name"), ({"modelId": None}, "modelId"), ({"name": 5}, "name"), ({"modelId": ["x"]}, "modelId"),
        ({"replicas": "2"}, "replicas"), ({"replicas": 1.5}, "replicas"), ({"replicas": 1001}, "replicas"),
        ({"enforceEager": "yes"}, "enforceEager"), ({"resources": 4}, "resources"), ({"resources": {"gpu": "1"}}, "resources.gpu"),
        ({"resources": {"gpus": 1}}, "resources.gpus"), ({"engine": "vlm"}, "engine"), ({"provider": "dynamoo"}, "provider"),
        ({"mode": "split"}, "mode"), ({"replica": 1}, "replica"), ({"ModelId": "x"}, "ModelId"),
        ({"contextLength": 0}, "contextLength"), ({"gpuMemoryUtilization": 2}, "gpuMemoryUtilization"),
        ({"env": {"A": 1}}, "env.A"), ({"tolerations": [{"operator": "Equals"}]}, "tolerations[0].operator"),
        ({"minReplicas": 3, "maxReplicas": 2}, "minReplicas"),
    ],
)
def test_what_is_missing_mistyped_or_unknown_is_named(server, body, field):
    assert field in fields(server.create(400, **body))


def test_everything_that_is_wrong_is_named_at_once_and_near_misses_are_pointed_out(server):
    refused = server.create(400, name="A", replica=1, engine="vlm", enforceEager=1)
    assert fields(refused) == {"name", "replica", "engine", "enforceEager"}
    messages = {entry["field"]: entry["message"] for entry in refused.json()["details"]["fields"]}
    assert "did you mean replicas?" in messages["replica"] and "did you mean vllm?" in messages["engine"]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Upper"}, {"name": "a_b"}, {"name": "a.b"}, {"name": "-a"}, {"name": "a-"}, {"name": "a" * 64}, {"name": ""},
        {"name": "a/b"}, {"name": "a\nb"}, {"name": "ä"}, {"name": "events"}, {"name": "preview"}, {"name": "-"},
        {"namespace": "../kube-system"}, {"namespace": "a b"}, {"namespace": "no-such-namespace"},
        {"modelId": "../../etc/passwd"}, {"modelId": "a/b; rm -rf /"}, {"modelId": "--help"}, {"modelId": "a/$(id)"},
        {"modelId": "a/b\nkind: Pod"}, {"modelId": "x" * 300}, {"modelId": "local/none.gguf"},
        {"ggufFile": "../x.gguf"}, {"modelPath": "relative"}, {"modelPath": "/a/../b"}, {"revision": "-x"},
        {"servedModelName": "a\u0007"}, {"servedModelName": "--api-key"}, {"image": "a b"}, {"image": "-x"},
        {"engineArgs": {"host; rm": 1}}, {"engineArgs": {"model": "x"}}, {"engineArgs": {"port": 1}},
        {"engineExtraArgs": ["a\u0000b"]}, {"env": {"A B": "x"}}, {"env": {"A": "\u0000"}},
        {"nodeSelector": {"a": "b c"}}, {"nodeSelector": {"a b": "c"}}, {"hfTokenSecret": "A B"},
        {"resources": {"memory": "lots"}}, {"resources": {"cpu": "-1"}}, {"podAnnotations": {"a b": "c"}},
        {"modelCache": {"claimName": "../x"}}, {"modelCache": {}},
    ],
    ids=str,
)
def test_what_could_break_out_of_its_place_is_refused(server, body):
    (field,) = body
    named = fields(server.create(400, **body))
    assert all(name.startswith(field) for name in named), named
    assert server.get(params={"namespace": server.space}).json()["deployments"] == []


def test_texts_that_may_be_anything_reach_the_engine_as_they_are(server, space):
    hostile = "$(touch /tmp/x) '\"; `id` #{} %s \\ & | > é 漢"
    server.create(
        name="hostile", namespace=space, provider="vllm", replicas=0, servedModelName=hostile, env={"A": hostile},
        engineExtraArgs=["--x", hostile],
    )
    deployment = server.wait_for("hostile", space)
    assert deployment["servedModelName"] == hostile
    live = server.kubectl("--namespace", space, "get", "deployment", "hostile", "-o", "json").json
    (container,) = live["spec"]["template"]["spec"]["containers"]
    # As Kubernetes has to be told not to take a part for a variable.
    written = hostile.replace("$(", "$$(")
    assert container["args"].count(written) == 2 and {"name": "A", "value": written} in container["env"]


def test_a_name_that_is_taken_is_refused(server, space):
    server.create(name="taken", namespace=space, provider="vllm", replicas=0)
    body = refusal(server.create(409, name="taken", namespace=space), "CONFLICT")
    assert "taken" in body["error"] and space in body["error"]
    # Nobody knows of it yet where a read has not seen it: the API server decides.
    refusal(server.create(409, name="taken", namespace=space, engine="llamacpp", modelId=LLAMA, ggufFile="x.gguf"), "CONFLICT")
    server.wait_for("taken", space)
    refusal(server.create(409, name="taken", namespace=space, provider="llamacpp", engine="llamacpp"), "CONFLICT")


def test_the_same_request_with_an_idempotency_key_has_the_same_answer(server, space):
    body = {"name": "once", "namespace": space, "provider": "vllm", "replicas": 0}
    first = server.create(headers={"Idempotency-Key": "key-1"}, **body).json()
    again = server.create(headers={"Idempotency-Key": "key-1"}, **body).json()
    assert {key: again[key] for key in ("success", "name", "namespace", "provider", "message")} == {
        key: first[key] for key in ("success", "name", "namespace", "provider", "message")
    }
    assert again["deployment"]["createdAt"] == first["deployment"]["createdAt"]
    assert len(server.objects(space, "deployments")) == 1
    other = refusal(server.create(409, headers={"Idempotency-Key": "key-1"}, **{**body, "replicas": 2}), "CONFLICT")
    assert "Idempotency-Key" in other["error"]
    refusal(server.create(409, headers={"Idempotency-Key": "key-2"}, **body), "CONFLICT")
    refusal(server.create(409, **body), "CONFLICT")
    for key in ["a b", "x" * 256]:
        refusal(server.create(400, headers={"Idempotency-Key": key}, **body), "VALIDATION_ERROR")
    # The same once more after it has been seen.
    server.wait_for("once", space)
    late = server.create(headers={"Idempotency-Key": "key-1"}, **body).json()
    assert late["deployment"]["createdAt"] == first["deployment"]["createdAt"]


def test_what_cannot_fit_is_made_with_a_warning_and_refused_when_strict(server, space):
    body = {"name": "wide", "namespace": space, "resources": {"gpu": 64}}
    refused = refusal(server.create(422, params={"strict": "true"}, **body), "VALIDATION_ERROR")
    assert refused["details"]["reasons"]
    assert server.objects(space) == set()
    refusal(server.create(400, params={"strict": "perhaps"}, **body), "VALIDATION_ERROR")
    made = server.create(params={"strict": "false"}, **body).json()
    assert any("64 GPU(s)" in warning for warning in made["warnings"])
    pending = server.phase("wide", space, "Pending")
    assert [pod["phase"] for pod in pending["pods"]] in ([], ["Pending"])


@needs_simulation
def test_strict_makes_what_fits(server, space):
    made = server.create(params={"strict": "true"}, name="narrow", namespace=space).json()
    assert made["warnings"] == []


@needs_no_operators
@pytest.mark.parametrize("provider", ["dynamo", "kuberay", "kserve", "kaito"])
def test_a_provider_that_is_not_installed_is_named(server, space, provider):
    engine = {"engine": "llamacpp", "ggufFile": "x.gguf"} if provider == "kaito" else {"engine": "vllm"}
    body = refusal(server.create(409, namespace=space, provider=provider, **engine), "PROVIDER_NOT_INSTALLED")
    assert body["details"]["provider"] == provider and "install" in body["error"]
    assert server.objects(space) == set()


@needs_no_operators
def test_without_a_provider_for_the_mode_those_that_could_are_named(server, space):
    body = refusal(server.create(409, namespace=space, mode="disaggregated"), "PROVIDER_NOT_INSTALLED")
    assert "dynamo" in body["error"]


def test_nothing_is_made_when_one_of_the_objects_cannot_be(server, space):
    server.kubectl("--namespace", space, "apply", "-f", "-", input=service("half"))
    body = refusal(server.create(409, name="half", namespace=space), "CONFLICT")
    assert "Service half" in body["error"]
    assert server.objects(space) == {"service/half"}
    # A Deployment that serves no model has the name.
    server.kubectl("--namespace", space, "apply", "-f", "-", input=plain("web", replicas=0))
    refusal(server.create(409, name="web", namespace=space), "CONFLICT")
    assert server.objects(space, "deployments,services") == {"service/half", "deployment.apps/web"}


def test_a_deployment_leaves_nothing_behind(server, space):
    server.create(name="brief", namespace=space, provider="vllm", replicas=2)
    server.wait_for("brief", space)
    kinds = {"deployment.apps", "service", "replicaset.apps", "pod"}
    until(lambda: {name.split("/")[0] for name in server.objects(space)} == kinds, "it is made, with its pods")
    server.delete("brief", space)
    until(lambda: not server.objects(space), "nothing of it is left")
    server.gone("brief", space)
    # The name is free again.
    server.create(name="brief", namespace=space, replicas=0)


@needs_simulation
def test_a_file_of_a_server_without_a_models_folder_is_told_with_what_to_do(server):
    answer = server.create(400, modelId="local/a.gguf", provider="llamacpp")
    assert fields(answer) == {"modelId"} and "--models-dir" in answer.json()["message"]
