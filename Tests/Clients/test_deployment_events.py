"""Deployments followed as they change, by server-sent events and by WebSockets."""

import asyncio
import json

import pytest
import requests
import websockets
from websockets.asyncio.client import connect

import deployment_api
from deployment_api import SECONDS, EventStream


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    with deployment_api.embedded(tmp_path_factory.mktemp("data")) as api:
        api.namespace("tales", "own", "foreign", "again", "sockets")
        yield api


@pytest.fixture
def events(api):
    """Opens streams and closes them after the test."""
    open_streams = []

    def run(last=None, **query):
        headers = {} if last is None else {"Last-Event-ID": last}
        stream = EventStream(api.url + "/api/deployments/events", params=query, headers=headers).__enter__()
        open_streams.append(stream)
        return stream

    yield run
    for stream in open_streams:
        stream.__exit__()


def number(event):
    return int(event.id.split("-")[1])


def test_a_snapshot_and_then_every_change_until_a_deployment_is_gone(api, events):
    api.create("before", "tales")
    before = api.wait_for("before", "tales", phase="Running")
    stream = events(namespace="tales")
    assert stream.answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert stream.answer.headers["Cache-Control"] == "no-store"
    snapshot = stream.next()
    assert snapshot.kind == "snapshot"
    assert snapshot.data == {"deployments": [before]}

    api.create("story", "tales")
    first = stream.next()
    assert first.kind == "changed" and first.data["name"] == "story"
    seen = [first, stream.next_with(lambda event: event.data["phase"] == "Running")]
    assert seen[-1].data == api.get("story", "tales")
    api.delete("story", "tales")
    gone = stream.next_with(lambda event: event.kind == "deleted")
    assert gone.data == {"name": "story", "namespace": "tales", "provider": "vllm"}
    numbers = [number(event) for event in [snapshot, *seen, gone]]
    assert numbers == sorted(set(numbers))
    assert len({event.id.split("-")[0] for event in [snapshot, *seen, gone]}) == 1


def test_other_namespaces_are_not_told_of(api, events):
    own, all_of_them = events(namespace="own"), events()
    assert own.next().data == {"deployments": []}
    all_of_them.next()
    api.create("foreign", "foreign")
    all_of_them.next_with(lambda event: event.data["name"] == "foreign")
    api.create("own", "own")
    assert own.next().data["name"] == "own"


def test_a_client_that_comes_back_is_told_of_what_it_has_missed(api, events):
    api.create("missed", "again")
    api.wait_for("missed", "again", phase="Running")
    last = events(namespace="again").next()
    api.change("missed", "again", replicas=2)
    api.wait_for("missed", "again", phase="Running", replicas={"desired": 2, "ready": 2, "available": 2})
    api.delete("missed", "again")
    for stream in [
        events(last.id, namespace="again"),
        events(namespace="again", lastEventId=last.id),
        # The field is what such a client knows by now, the address what it began with.
        events(last.id, namespace="again", lastEventId="of-old"),
    ]:
        first = stream.next()
        assert first.kind == "changed" and number(first) > number(last)
        gone = stream.next_with(lambda event: event.kind == "deleted")
        assert gone.data["name"] == "missed"
    # Whoever has seen the newest is told of the next only.
    stream = events(gone.id, namespace="again")
    api.create("missed", "again")
    event = stream.next()
    assert number(event) > number(gone) and event.data["name"] == "missed" and event.kind == "changed"


def test_an_id_that_is_not_known_is_gone(api, events):
    origin, now = events().next().id.split("-")
    for last in ["1a2b3c-1", f"{origin}-{int(now) + 1000000}", f"{origin}-x", "x", f"{origin}-1-1", f"{origin}--1"]:
        for options in [{"headers": {"Last-Event-ID": last}}, {"params": {"lastEventId": last}}]:
            answer = requests.get(api.url + "/api/deployments/events", timeout=SECONDS, **options)
            assert (answer.status_code, answer.json()["code"]) == (410, "GONE"), last
            assert "begin anew" in answer.json()["error"]


def test_silence_is_broken_by_comments(events):
    stream = events(namespace="nobody")
    assert stream.next().kind == "snapshot"
    comment = stream.next(seconds=60)
    assert (comment.kind, comment.id, comment.data) == (None, None, None)


def test_parameters_are_checked(api):
    answer = requests.get(api.url + "/api/deployments/events", params={"namespace": "No Such"}, timeout=SECONDS)
    assert answer.status_code == 400 and answer.json()["details"]["parameter"] == "namespace"


def test_the_same_is_told_over_a_websocket(api, events):
    address = api.url.replace("http", "ws") + "/api/deployments/events?namespace=sockets"

    async def main():
        stream = events(namespace="sockets")
        async with connect(address) as socket:
            async def read():
                return json.loads(await asyncio.wait_for(socket.recv(), SECONDS))

            snapshot = await read()
            assert snapshot["type"] == "snapshot" and snapshot["data"] == {"deployments": []}
            assert snapshot == {"type": "snapshot", "id": stream.next().id, "data": {"deployments": []}}
            # What clients say is passed over, however much it is.
            for _ in range(200):
                await socket.send("x" * 10000)
            await asyncio.to_thread(api.create, "told", "sockets")
            messages = [await read()]
            while messages[-1]["data"].get("phase") != "Running":
                messages.append(await read())
            await asyncio.to_thread(api.delete, "told", "sockets")
            while messages[-1]["type"] != "deleted":
                messages.append(await read())
            assert messages[-1]["data"] == {"name": "told", "namespace": "sockets", "provider": "vllm"}
            by_id = {message["id"]: message for message in messages}
            event = stream.next_with(lambda event: event.kind == "deleted")
            assert by_id[event.id] == {"type": "deleted", "id": event.id, "data": event.data}
        async with connect(f"{address}&lastEventId={snapshot['id']}") as socket:
            first = json.loads(await asyncio.wait_for(socket.recv(), SECONDS))
            assert first["type"] == "changed" and first["data"]["name"] == "told"
            # A client that has what it wants closes, and is answered.
            await socket.close()
            assert socket.close_code == 1000

    asyncio.run(main())


def test_a_websocket_that_resumes_from_what_is_not_known_is_refused(api):
    async def main():
        address = api.url.replace("http", "ws") + "/api/deployments/events"
        with pytest.raises(websockets.exceptions.InvalidStatus) as refusal:
            async with connect(address + "?lastEventId=1a2b3c-1"):
                pass
        assert refusal.value.response.status_code == 410
        assert json.loads(refusal.value.response.body)["code"] == "GONE"

    asyncio.run(main())


def test_without_a_cluster_there_is_nothing_to_follow(ingot):
    answer = requests.get(ingot.url + "/api/deployments/events", timeout=SECONDS)
    assert (answer.status_code, answer.json()["code"]) == (503, "CLUSTER_UNAVAILABLE")
