"""A user of one namespace learns nothing of another: not what is there, and not whether anything is."""

import asyncio

import pytest
import requests
import websockets
from websockets.asyncio.client import connect

import access
from cluster import Kubectl
from conftest import INGOT, Program
from server_sent_events import EventStream
from waiting import PATIENCE, SOCKET_PATIENCE, until

OWN, OTHER = "team-a", "team-b"
# One that is there, and one that is not.
PRESENT, ABSENT = "present", "missing"
PARTS = ["", "/manifest", "/metrics", "/pods", "/pending-reasons", "/diagnosis", "/logs", "/logs?follow=true", "/v1/models"]
CHANGES = [
    ("DELETE", "", None), ("PATCH", "", {"replicas": 2}), ("POST", "/restart", None),
    ("POST", "/v1/chat/completions", {"model": "m", "messages": []}),
    ("POST", "/chat", {"messages": [{"role": "user", "content": "x"}]}),
]
ACROSS = [
    "/api/cluster/nodes", "/api/cluster/status", "/api/installation/gpu-capacity", "/api/installation/gpu-capacity/detailed",
    "/api/capacity/fragmentation", "/api/models/Qwen/Qwen3-0.6B/fit", "/api/runtimes/status", "/api/tasks",
    "/api/tasks/nothing", "/api/tasks/nothing/events", "/api/secrets/huggingface/status", "/metrics", "/api/deployments",
    "/api/deployments/events", f"/api/deployments?namespace={OTHER}", f"/api/deployments/events?namespace={OTHER}",
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server with a deployment in each namespace, and a user who may do everything in the one and nothing in the other."""
    folder = tmp_path_factory.mktemp("namespaces")
    config = access.written(folder, auth={"mode": "token-review", "cacheDuration": "1s"})
    data = folder / "data"
    program = Program([INGOT, "serve", "--port", "0", "--data-dir", data, "--cluster", "embedded", "--config", config]).ready()
    kubectl = program.kubectl = Kubectl(data / "embedded-cluster" / "kubeconfig", folder, "default")
    kubectl.until(lambda: kubectl.run("get", "serviceaccount", "default").status == 0, "there is a service account")
    program.admin = access.bearer(access.service_account(kubectl, "boss"))
    access.bind(kubectl, "boss", access.RULES["admin"])
    for namespace in (OWN, OTHER):
        kubectl("create", "namespace", namespace)
        make(program, PRESENT, namespace)
    make(program, "twice", OWN)
    make(program, "twice", OTHER)
    make(program, "mine", OWN)
    program.member = access.bearer(access.service_account(kubectl, "member"))
    access.bind(kubectl, "member", access.RULES["admin"][:1], namespace=OWN)
    until(lambda: ask(program, "GET", f"/api/deployments/twice?namespace={OWN}").status_code == 200, "the member may")
    yield program
    program.kill()


def make(server, name, namespace):
    wish = {"name": name, "namespace": namespace, "modelId": "Qwen/Qwen3-0.6B", "provider": "vllm", "replicas": 0}

    def made():
        answer = requests.post(server.url + "/api/deployments", json=wish, headers=server.admin, timeout=PATIENCE)
        return answer.status_code in (201, 409)

    until(made, f"{name} is made")
    query = f"{server.url}/api/deployments/{name}?namespace={namespace}"
    until(lambda: requests.get(query, headers=server.admin, timeout=PATIENCE).status_code == 200, f"{name} is known")


def ask(server, method, path, body=None, headers=None):
    return requests.request(method, server.url + path, json=body, headers=headers or server.member, timeout=PATIENCE)


def told(answer, name):
    """All that an answer tells but for the name that was asked for and the number of the request."""
    body = answer.text.replace(name, "NAME").replace(answer.headers["X-Request-Id"], "ID")
    fields = {key: value for key, value in answer.headers.items() if key not in ("Date", "X-Request-Id", "Content-Length")}
    return answer.status_code, body, fields


@pytest.mark.parametrize("where", [f"namespace={OTHER}", "namespace=nowhere", ""])
@pytest.mark.parametrize("method, part, body", [("GET", part, None) for part in PARTS] + CHANGES)
def test_what_is_there_is_answered_as_what_is_not(server, where, method, part, body):
    joint = "&" if "?" in part else "?"
    there, nothing = (
        ask(server, method, f"/api/deployments/{name}{part}{joint}{where}", body) for name in ("twice", ABSENT))
    assert told(there, "twice") == told(nothing, ABSENT)
    assert there.status_code == 403
    permission = there.json()["details"]["permission"]
    assert permission.endswith(f"in the {where.replace('=', ' ')}" if where else "in the whole cluster"), permission
    assert "named" not in permission
    there = ask(server, method, f"/api/deployments/{PRESENT}{part}{joint}provider=vllm&namespace={OTHER}", body)
    assert there.status_code == 403 and "named" not in there.json()["error"]


def test_what_is_of_the_users_own_is_told_with_or_without_the_namespace(server):
    for query in ("", f"?namespace={OWN}"):
        for part in ("", "/manifest", "/pods", "/pending-reasons", "/diagnosis"):
            answer = ask(server, "GET", f"/api/deployments/mine{part}{query}")
            assert answer.status_code == 200, (part, query, answer.text)
    assert ask(server, "GET", f"/api/deployments/{ABSENT}?namespace={OWN}").status_code == 404
    listed = ask(server, "GET", f"/api/deployments?namespace={OWN}").json()["deployments"]
    assert {item["name"] for item in listed} == {PRESENT, "twice", "mine"}
    assert {item["namespace"] for item in listed} == {OWN}


@pytest.mark.parametrize("path", ACROSS)
def test_what_tells_of_more_than_the_users_namespace_is_refused(server, path):
    answer = ask(server, "GET", path)
    assert answer.status_code == 403, answer.text
    assert PRESENT not in answer.text and "twice" not in answer.text


def test_nothing_is_made_or_tried_in_another_namespace(server):
    for path in ("/api/deployments", "/api/deployments/preview"):
        for name in (PRESENT, ABSENT):
            wish = {"name": name, "namespace": OTHER, "modelId": "Qwen/Qwen3-0.6B", "provider": "vllm"}
            answer = ask(server, "POST", path, wish)
            assert answer.status_code == 403 and OTHER in answer.json()["details"]["permission"], answer.text
    for wish in ({"name": "X", "namespace": OTHER}, {"namespace": OTHER}, {"namespace": 1}, {}, []):
        assert ask(server, "POST", "/api/deployments", wish).status_code == 403, wish


def test_events_of_the_users_own_namespace_tell_of_no_other(server):
    with EventStream(f"{server.url}/api/deployments/events?namespace={OWN}", headers=server.member) as stream:
        snapshot = stream.next()
        assert {item["namespace"] for item in snapshot.data["deployments"]} == {OWN}
        make(server, "other-news", OTHER)
        make(server, "own-news", OWN)
        # What there was already may change too.
        while (news := stream.next()).data["name"] != "own-news":
            assert news.data["namespace"] == OWN, news
        assert (news.kind, news.data["namespace"]) == ("changed", OWN)


def test_a_websocket_is_opened_for_those_who_may_only(server):
    address = server.url.replace("http", "ws") + "/api/deployments/events"

    async def handshake(query, headers):
        try:
            async with connect(address + query, additional_headers=headers, **SOCKET_PATIENCE) as socket:
                await asyncio.wait_for(socket.recv(), PATIENCE)
                return 101
        except websockets.exceptions.InvalidStatus as refusal:
            return refusal.response.status_code

    for query, headers, status in [
        (f"?namespace={OWN}", server.member, 101), (f"?namespace={OTHER}", server.member, 403), ("", server.member, 403),
        ("", server.admin, 101), ("", {}, 401), ("", access.bearer("nobody"), 401),
        # A page of another origin would be told what its reader may see.
        ("", {**server.admin, "Origin": "https://evil.example"}, 403),
        ("", {**server.admin, "Origin": "http://localhost:5173"}, 101),
    ]:
        assert asyncio.run(handshake(query, headers)) == status, (query, headers)
