"""Streams that are open when their caller may not have them any more."""

import asyncio
import json
import time

import pytest
import requests
import websockets
from websockets.asyncio.client import connect

import access
from cluster import Kubectl
from conftest import INGOT, Program
from helm import Helm
from server_sent_events import EventStream
from waiting import PATIENCE, SOCKET_PATIENCE, until

EVENTS = "/api/deployments/events"
RIGHTS = [
    {"apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get", "list"]},
    {"apiGroups": ["*"], "resources": ["*"], "verbs": ["list"]},
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server that asks the cluster every second."""
    folder = tmp_path_factory.mktemp("streams")
    config = access.written(folder, auth={"mode": "token-review", "cacheDuration": "1s"})
    data = folder / "data"
    program = Program([INGOT, "serve", "--port", "0", "--data-dir", data, "--cluster", "embedded", "--config", config]).ready()
    program.kubectl = Kubectl(data / "embedded-cluster" / "kubeconfig", folder, "default")
    program.kubectl.until(
        lambda: program.kubectl.run("get", "serviceaccount", "default").status == 0, "there is a service account"
    )
    until(lambda: requests.get(program.url + "/readyz", timeout=PATIENCE).status_code == 200, "the cluster is read")
    yield program
    program.kill()


@pytest.fixture
def user(server, request):
    """Somebody who may read what there is in the namespace default: the name and a token."""
    name = request.node.name.replace("_", "-").removeprefix("test-")[:50].strip("-")
    token = access.service_account(server.kubectl, name)
    access.bind(server.kubectl, name, RIGHTS, namespace="default")
    return name, token


def take_rights(server, name):
    server.kubectl("delete", "rolebinding", f"test-{name}")


def follow(server, token, path=EVENTS + "?namespace=default", **options):
    return EventStream(server.url + path, headers=access.bearer(token), **options)


def error_at_the_end(stream):
    """What the last event of a stream says, which is an error."""
    error = stream.next_with(lambda event: event.kind == "error").data
    assert stream.queue.get(timeout=PATIENCE) is None, "it goes on behind the error"
    return error


def assert_silent(stream):
    """Nothing came but comments, which keep the connection open."""
    assert all(event is not None and event.kind is None for event in list(stream.queue.queue))


def test_events_end_when_the_permission_is_taken_away(server, user):
    name, token = user
    with follow(server, token) as stream:
        assert stream.next().kind == "snapshot"
        take_rights(server, name)
        error = error_at_the_end(stream)
    assert error["code"] == "FORBIDDEN" and "in the namespace default" in error["details"]["permission"]
    assert follow(server, token).answer.status_code == 403


def test_events_end_when_the_token_is_revoked_and_go_on_for_others(server, user):
    name, token = user
    other = access.service_account(server.kubectl, "stays")
    access.bind(server.kubectl, "stays", RIGHTS, namespace="default")
    with follow(server, token) as stream, follow(server, other) as staying:
        assert (stream.next().kind, staying.next().kind) == ("snapshot", "snapshot")
        server.kubectl("delete", "serviceaccount", name)
        error = error_at_the_end(stream)
        assert error["code"] == "UNAUTHORIZED"
        # Whoever still may is told of what happens.
        with follow(server, other) as fresh:
            assert fresh.next().kind == "snapshot"
        assert_silent(staying)


def test_a_websocket_is_closed_when_the_permission_is_taken_away(server, user):
    name, token = user
    address = server.url.replace("http", "ws") + EVENTS + "?namespace=default"

    async def main():
        async with connect(address, additional_headers=access.bearer(token), **SOCKET_PATIENCE) as socket:
            assert json.loads(await socket.recv())["type"] == "snapshot"
            await asyncio.to_thread(take_rights, server, name)
            with pytest.raises(websockets.exceptions.ConnectionClosed):
                while True:
                    await asyncio.wait_for(socket.recv(), PATIENCE)
            assert (socket.close_code, socket.close_reason) == (1008, "FORBIDDEN")

    asyncio.run(main())


@pytest.fixture(scope="module")
def logged(server):
    """A deployment that runs."""
    admin = access.bearer(access.service_account(server.kubectl, "maker"))
    access.bind(server.kubectl, "maker", access.RULES["admin"])
    wish = {"name": "logged", "namespace": "default", "modelId": "Qwen/Qwen2.5-0.5B-Instruct", "provider": "vllm"}
    answer = requests.post(server.url + "/api/deployments", json=wish, headers=admin, timeout=PATIENCE)
    assert answer.status_code == 201, answer.text
    address = f"{server.url}/api/deployments/logged?namespace=default"
    until(lambda: requests.get(address, headers=admin, timeout=PATIENCE).json().get("phase") == "Running", "it runs")


def test_followed_logs_end_when_the_permission_is_taken_away(server, user, logged):
    name, token = user
    path = f"{server.url}/api/deployments/logged/logs?namespace=default&follow=true"
    headers = {**access.bearer(token), "Accept": "text/plain"}
    with requests.get(path, headers=headers, stream=True, timeout=PATIENCE) as plain:
        assert plain.status_code == 200, plain.text
        content = plain.iter_content(None)
        assert next(content)
        take_rights(server, name)
        # In the middle: nobody takes what came for all of it.
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            for _ in content:
                pass
    answer = requests.get(path, headers=headers, stream=True, timeout=PATIENCE)
    assert answer.status_code == 403


def test_a_tasks_events_end_when_the_permission_is_taken_away(server, tmp_path, user):
    name, token = user
    helm = Helm(tmp_path / "helm")
    helm.modes({"upgrade": {"hang": True}})
    config = access.written(tmp_path, auth={"mode": "token-review", "cacheDuration": "1s"})
    maker = access.bearer(access.service_account(server.kubectl, "installer"))
    access.bind(server.kubectl, "installer", access.RULES["admin"])
    access.bind(server.kubectl, name, access.VIEWER)
    program = Program(
        [INGOT, "serve", "--port", "0", "--data-dir", tmp_path / "data", "--kubeconfig", server.kubectl.kubeconfig,
         "--config", config],
        environment=helm.environment,
    ).ready()
    try:
        until(lambda: requests.get(program.url + "/readyz", timeout=PATIENCE).status_code == 200, "the cluster is read")
        answer = requests.post(
            program.url + "/api/installation/providers/kuberay/install?wait=0", headers=maker, timeout=PATIENCE)
        task = answer.json()["taskId"]
        with follow(program, token, f"/api/tasks/{task}/events") as stream:
            assert stream.next().kind == "task"
            server.kubectl("delete", "clusterrolebinding", f"test-{name}")
            assert error_at_the_end(stream)["code"] == "FORBIDDEN"
        requests.post(f"{program.url}/api/tasks/{task}/cancel", headers=maker, timeout=PATIENCE)
    finally:
        program.kill()


def test_a_stream_does_not_outlive_the_token_of_an_issuer(serve, tmp_path):
    issuer = access.Issuer()
    try:
        config = access.written(tmp_path, auth={
            **issuer.configuration(cacheDuration="1s"),
            "oidc": {**issuer.configuration()["oidc"], "clockSkew": "0s"},
        })
        server = serve("--config", config, cluster="embedded")
        until(lambda: requests.get(server.url + "/readyz", timeout=PATIENCE).status_code == 200, "the cluster is read")
        # On a busy machine a token may end before it has been looked at, or before anything has been told.
        for seconds in (4, 16, 64):
            end = time.time() + seconds
            stream = follow(server, issuer.token(exp=end))
            if stream.answer.status_code == 200 and (first := stream.next()).kind == "snapshot":
                break
        with stream, follow(server, issuer.token()) as staying:
            assert (first.kind, staying.next().kind) == ("snapshot", "snapshot")
            error = error_at_the_end(stream)
            assert time.time() >= end
            assert error["code"] == "UNAUTHORIZED" and "expired" in error["error"]
            assert_silent(staying)
    finally:
        issuer.close()
