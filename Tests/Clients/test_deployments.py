"""`/api/deployments`: what the API's document shows of making, reading and ending deployments, over HTTP."""

import datetime
import time

import pytest
import requests

from cluster import deployment as plain
from deployments import (
    DOCUMENTED, DOCUMENTED_BODY, DOCUMENTED_OF_A_POD, EXTRA, MODEL, PATH, REPLICAS, SIMULATE, fields, needs_simulation, running,
)
from models import as_shown, has_types, refusal
from waiting import PATIENCE, until


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("deployments")) as started:
        yield started


@pytest.fixture
def space(server):
    return server.namespace()


@needs_simulation
def test_the_document_s_own_request_is_served_and_ended_as_it_shows(server):
    # Times of creation are in whole seconds.
    asked = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    made = server.create(**DOCUMENTED_BODY).json()
    has_types(made, {"success": bool, "deployment": dict, "message": str, "warnings": list})
    assert (made["success"], made["message"]) == (True, "Deployment created successfully")
    assert (made["name"], made["namespace"], made["provider"]) == ("qwen-deployment", "kubefoundry", "vllm")
    # The secret is not there; the model is open to all.
    assert any("hf-token-secret" in warning for warning in made["warnings"])
    has_types(made["deployment"], {**DOCUMENTED, **EXTRA})
    assert as_shown(made["deployment"], DOCUMENTED_BODY) == {
        key: DOCUMENTED_BODY[key] for key in ("name", "namespace", "modelId", "engine", "mode")
    } | {"replicas": {"desired": 1, "ready": 0, "available": 0}}

    deployment = server.wait_for(
        "qwen-deployment", "kubefoundry", phase="Running", replicas={"desired": 1, "ready": 1, "available": 1}
    )
    has_types(deployment, {**DOCUMENTED, **EXTRA})
    assert (deployment["modelId"], deployment["engine"], deployment["managed"]) == (MODEL, "vllm", True)
    has_types(deployment["replicas"], REPLICAS)
    created = datetime.datetime.strptime(deployment["createdAt"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    assert asked <= created <= datetime.datetime.now(datetime.timezone.utc)
    (pod,) = deployment["pods"]
    has_types(pod, DOCUMENTED_OF_A_POD)
    assert pod["name"].startswith("qwen-deployment-")
    assert (pod["phase"], pod["ready"], pod["restarts"]) == ("Running", True, 0)
    assert deployment["frontendService"] == "qwen-deployment:8000"

    listed = server.get(params={"namespace": "kubefoundry"}).json()
    has_types(listed, {"deployments": list, "pagination": dict})
    assert [entry["name"] for entry in listed["deployments"]] == ["qwen-deployment"]
    # Its conditions may still change while both are asked for.
    until(
        lambda: server.get(params={"namespace": "kubefoundry"}).json()["deployments"]
        == [server.part("qwen-deployment", "kubefoundry")],
        "the list tells the same as the deployment's own path",
    )

    assert server.delete("qwen-deployment", "kubefoundry").json() == {"success": True, "message": "Deployment deleted"}
    server.gone("qwen-deployment", "kubefoundry")
    until(lambda: not server.objects("kubefoundry"), "nothing of it is left")
    # Again: it is not there, and that is said.
    refusal(server.delete("qwen-deployment", "kubefoundry", 404), "NOT_FOUND")


def test_who_asks_after_a_write_is_told_of_what_was_written(server, space):
    """The answer to a write waits for what the cluster tells of it, for a second at most."""
    def written(write):
        begun = time.monotonic()
        write()
        return time.monotonic() - begun < 1

    def seen_at_once():
        one = ("one", space)
        if not written(lambda: server.create(name="one", namespace=space, replicas=0)):
            return server.wait_for(*one) and ended()
        assert server.part(*one)["replicas"]["desired"] == 0
        if not written(lambda: server.change(*one, servedModelName="other")):
            return ended()
        assert server.part(*one)["servedModelName"] == "other"
        if not written(lambda: server.delete(*one)):
            return ended()
        answer = requests.get(server.url + PATH + "/one", params={"namespace": space}, timeout=PATIENCE)
        assert answer.status_code == 404 or answer.json()["phase"] == "Terminating"
        server.gone(*one)
        return True

    def ended():
        requests.delete(server.url + PATH + "/one", params={"namespace": space}, timeout=PATIENCE)
        server.gone("one", space)
        return False

    until(seen_at_once, "a write takes less than a second")


def test_the_namespace_has_to_be_named_only_where_the_name_is_ambiguous(server, space):
    other = server.namespace()
    server.create(name="twice", namespace=space, replicas=0)
    server.until("/twice", lambda answer: answer.status_code == 200)
    assert server.get("/twice").json()["namespace"] == space
    server.create(name="twice", namespace=other, replicas=0)
    refused = server.until("/twice", lambda answer: answer.status_code == 400)
    body = refusal(refused, "VALIDATION_ERROR")
    assert body["details"]["parameter"] == "namespace" and space in body["error"] and other in body["error"]
    for path in ["/twice", "/twice/pods", "/twice/manifest"]:
        assert server.get(path, 400).json()["code"] == "VALIDATION_ERROR"
    refusal(server.ask("DELETE", f"{PATH}/twice", 400), "VALIDATION_ERROR")
    for namespace in (space, other):
        assert server.get("/twice", params={"namespace": namespace}).json()["namespace"] == namespace
        server.delete("twice", namespace)
        server.gone("twice", namespace)
    refusal(server.get("/twice", 404), "NOT_FOUND")
    refusal(server.get("/twice", 400, params={"namespace": "No_Namespace"}), "VALIDATION_ERROR")
    refusal(server.get("/twice", 400, params={"namespace": space, "provider": "nobody"}), "VALIDATION_ERROR")


def test_the_list_is_newest_first_in_pages_and_with_a_tag(server, space):
    names = ["first", "second", "third"]
    for name in names:
        server.create(name=name, namespace=space, replicas=0)
        # Times are in whole seconds; those of one second are in the order of their names.
        known = server.wait_for(name, space)
        until(lambda: now() > known["createdAt"], "another second has begun")
    everything = server.get(params={"namespace": space})
    listed = [entry["name"] for entry in everything.json()["deployments"]]
    assert listed == names[::-1]
    assert everything.json()["pagination"] == {"total": 3, "limit": 3, "offset": 0, "hasMore": False}
    page = server.get(params={"namespace": space, "limit": 1, "offset": 1}).json()
    assert [entry["name"] for entry in page["deployments"]] == ["second"]
    assert page["pagination"] == {"total": 3, "limit": 1, "offset": 1, "hasMore": True}
    assert server.get(params={"namespace": space, "offset": 9}).json()["deployments"] == []
    assert {"first", "second", "third"} <= {entry["name"] for entry in server.get().json()["deployments"]}
    for query in [{"limit": 0}, {"limit": 1001}, {"limit": "x"}, {"offset": -1}, {"namespace": "a.b"}]:
        refusal(server.get(status=400, params=query), "VALIDATION_ERROR")

    def unchanged():
        """The list and its tag, once nothing has changed between two questions: what is new may still be told otherwise."""
        listed = server.get(params={"namespace": space})
        tag = {"If-None-Match": listed.headers["ETag"]}
        again = requests.get(server.url + PATH, params={"namespace": space}, headers=tag, timeout=PATIENCE)
        assert (again.status_code == 304) == (again.headers["ETag"] == listed.headers["ETag"])
        if again.status_code == 200:
            return None
        assert again.status_code == 304 and again.content == b""
        return listed, tag

    everything, tag = until(unchanged, "the list is as it was")
    server.delete("second", space)
    server.gone("second", space)
    changed = server.get(params={"namespace": space}, headers=tag)
    assert len(changed.json()["deployments"]) == 2 and changed.headers["ETag"] != everything.headers["ETag"]


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


@needs_simulation
def test_a_preview_tells_where_the_pods_would_go_and_why_it_is_served_so(server, space):
    body = {"name": "shown", "namespace": space, "modelId": MODEL, "resources": {"gpu": 2}}
    preview = server.ask("POST", PATH + "/preview", json=body).json()
    assert (preview["provider"], preview["engine"], preview["namespace"]) == ("vllm", "vllm", space)
    assert preview["placement"]["complete"] is True and len(preview["placement"]["nodes"]) == 1
    assert preview["fit"] == "fits" and preview["warnings"] == [] and preview["choice"]
    assert server.objects(space) == set()
    body["env"] = {"API_KEY": "word", "EMPTY_TOKEN": "", "TOKENIZERS_PARALLELISM": "false"}
    body["engineExtraArgs"] = ["--api-key=word", "--enable-log-requests"]
    warnings = server.ask("POST", PATH + "/preview", json=body).json()["warnings"]
    assert [warning.partition(" looks")[0] for warning in warnings] == ["env.API_KEY", "engineExtraArgs: --api-key"]
    assert not any("word" in warning for warning in warnings)


def test_a_preview_makes_nothing_and_shows_what_would_be_made(server, space):
    body = {"name": "shown", "namespace": space, "modelId": MODEL, "provider": "vllm", "replicas": 0, "resources": {"gpu": 2}}
    preview = server.ask("POST", PATH + "/preview", json=body).json()
    assert (preview["provider"], preview["engine"], preview["namespace"]) == ("vllm", "vllm", space)
    assert preview["primaryResource"] == {"kind": "Deployment", "apiVersion": "apps/v1"}
    assert [(part["kind"], part["name"]) for part in preview["resources"]] == [("Deployment", "shown"), ("Service", "shown")]
    assert server.objects(space) == set()
    refusal(server.get("/shown", 404), "NOT_FOUND")

    # The same is made of it, whoever asks and when.
    again = server.ask("POST", PATH + "/preview", json=body).json()
    assert again["resources"] == preview["resources"]
    server.create(**body)
    live = server.until("/shown/manifest", lambda answer: answer.status_code == 200, params={"namespace": space}).json()
    assert live["primaryResource"] == preview["primaryResource"]
    assert [part["kind"] for part in live["resources"]] == ["Deployment", "Service"]
    for part, shown in zip(live["resources"], preview["resources"]):
        manifest = part["manifest"]
        assert manifest["metadata"]["uid"] and "managedFields" not in manifest["metadata"]
        assert manifest["metadata"]["labels"] == shown["manifest"]["metadata"]["labels"]
        assert part["name"] == "shown" and part["apiVersion"] == manifest["apiVersion"]
    deployment, service = (part["manifest"] for part in live["resources"])
    assert deployment["spec"]["template"]["spec"]["containers"][0]["args"] == (
        preview["resources"][0]["manifest"]["spec"]["template"]["spec"]["containers"][0]["args"]
    )
    assert [owner["uid"] for owner in service["metadata"]["ownerReferences"]] == [deployment["metadata"]["uid"]]


def arguments_of(server, name, namespace):
    """The arguments of the engine, and the container's limits, as they are in the cluster."""
    manifest = server.part(name, namespace, "/manifest")["resources"][0]["manifest"]
    container = manifest["spec"]["template"]["spec"]["containers"][0]
    return " ".join(container["args"]), container["resources"]["limits"]


@needs_simulation
def test_a_deployment_is_changed_in_place_while_it_serves(server, space):
    server.create(name="changing", namespace=space, resources={"gpu": 1})
    before = server.phase("changing", space, "Running")
    changed = server.change("changing", space, replicas=2, contextLength=4096).json()
    assert (changed["success"], changed["message"]) == (True, "Deployment changed")
    assert changed["deployment"]["replicas"]["desired"] == 2
    after = server.wait_for(
        "changing", space, phase="Running", replicas={"desired": 2, "ready": 2, "available": 2}
    )
    assert after["createdAt"] == before["createdAt"]


def test_what_can_be_changed_in_place_is_and_the_rest_is_refused_by_name(server, space):
    server.create(name="changing", namespace=space, provider="vllm", replicas=0, resources={"gpu": 1})
    server.wait_for("changing", space)

    def change(body, status):
        return server.ask("PATCH", PATH + "/changing", status, params={"namespace": space}, json=body)

    server.change("changing", space, contextLength=4096)
    arguments, limits = arguments_of(server, "changing", space)
    assert "4096" in arguments
    # What is not named stays as it is.
    assert limits["nvidia.com/gpu"] in (1, "1")

    for body, field in [
        ({"modelId": "Qwen/Qwen3-8B"}, "modelId"), ({"name": "other"}, "name"), ({"engine": "sglang"}, "engine"),
        ({"provider": "llamacpp"}, "provider"), ({"mode": "disaggregated"}, "mode"), ({"namespace": "default"}, "namespace"),
        ({"replicas": "two"}, "replicas"), ({"replicas": -1}, "replicas"), ({"replica": 1}, "replica"),
    ]:
        assert field in fields(change(body, 400)), body
    refusal(change([], 400), "VALIDATION_ERROR")
    server.change("changing", space, contextLength=None)
    assert "4096" not in arguments_of(server, "changing", space)[0]
    refusal(server.ask("PATCH", PATH + "/nothing", 404, json={"replicas": 1}), "NOT_FOUND")


@needs_simulation
def test_a_restart_replaces_the_pods(server, space):
    server.create(name="again", namespace=space)
    before = {pod["name"] for pod in server.phase("again", space, "Running")["pods"]}
    restarted = server.ask("POST", PATH + "/again/restart", params={"namespace": space}).json()
    assert (restarted["success"], restarted["message"]) == (True, "Deployment restarts")
    server.until(
        "/again", params={"namespace": space},
        condition=lambda answer: answer.json()["phase"] == "Running"
        and answer.json()["pods"] and not before & {pod["name"] for pod in answer.json()["pods"]},
    )
    refusal(server.ask("POST", PATH + "/nothing/restart", 404), "NOT_FOUND")


def of_another_tool(**spec):
    """A deployment that serves a model as somebody else would write it."""
    made = plain("foreign", image="vllm/vllm-openai:v0.11.0", **spec)
    container = made["spec"]["template"]["spec"]["containers"][0]
    container["command"] = ["vllm", "serve"]
    container["args"] = [MODEL, "--served-model-name", "qwen"]
    return made


@needs_simulation
def test_what_another_tool_has_made_is_listed_as_it_runs(server, space):
    server.kubectl("--namespace", space, "apply", "-f", "-", input=of_another_tool(replicas=1))
    deployment = server.phase("foreign", space, "Running")
    assert deployment["managed"] is False
    assert [pod["ready"] for pod in deployment["pods"]] == [True]


def test_what_another_tool_has_made_is_read_and_left_alone(server, space):
    server.kubectl("--namespace", space, "apply", "-f", "-", input=of_another_tool(replicas=0))
    deployment = server.wait_for("foreign", space)
    assert (deployment["managed"], deployment["provider"], deployment["engine"]) == (False, "vllm", "vllm")
    assert (deployment["modelId"], deployment["servedModelName"]) == (MODEL, "qwen")
    before = server.kubectl("--namespace", space, "get", "deployment", "foreign", "-o", "json").json

    params = {"namespace": space}
    refusal(server.delete("foreign", space, 409), "CONFLICT")
    refusal(server.ask("PATCH", PATH + "/foreign", 409, params=params, json={"replicas": 2}), "CONFLICT")
    refusal(server.ask("POST", PATH + "/foreign/restart", 409, params=params), "CONFLICT")
    refusal(server.create(409, name="foreign", namespace=space, provider="vllm"), "CONFLICT")
    after = server.kubectl("--namespace", space, "get", "deployment", "foreign", "-o", "json").json
    assert (after["metadata"]["generation"], after["spec"]) == (before["metadata"]["generation"], before["spec"])
    (shown,) = server.part("foreign", space, "/manifest")["resources"]
    assert shown["manifest"]["metadata"]["uid"] == before["metadata"]["uid"]


@needs_simulation
def test_pods_are_told_with_what_keeps_them_from_serving(server, space):
    server.create(name="broken", namespace=space, podAnnotations={SIMULATE: "ImagePullBackOff"})
    failed = server.phase("broken", space, "Failed")
    assert "ImagePull" in failed["message"]
    pods = server.get("/broken/pods", params={"namespace": space}).json()["pods"]
    assert [pod["ready"] for pod in pods] == [False] and pods[0]["reason"] in ("ImagePullBackOff", "ErrImagePull")
    assert pods[0]["containers"] and pods[0]["message"]
