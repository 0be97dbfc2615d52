"""Deployments followed as they change, by server-sent events and by WebSockets."""

import asyncio
import functools
import json

import pytest
import requests
import websockets
import websockets.asyncio.client

from deployments import PATH, needs_simulation, running
from server_sent_events import EventStream
from waiting import PATIENCE, until

# The library's own limits are too short for a busy machine.
connect = functools.partial(
    websockets.asyncio.client.connect, open_timeout=PATIENCE, close_timeout=PATIENCE, ping_timeout=PATIENCE,
)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("events")) as started:
        yield started


@pytest.fixture(scope="module", autouse=True)
def silent(server):
    """A stream of which nothing is told, from the first test on, so that its comments come while the others run."""
    with EventStream(server.url + PATH + "/events", params={"namespace": "nobody"}) as stream:
        yield stream


@pytest.fixture
def space(server):
    return server.namespace()


@pytest.fixture
def events(server):
    """Opens streams and closes them after the test."""
    open_streams = []

    def run(last=None, **query):
        headers = {} if last is None else {"Last-Event-ID": last}
        stream = EventStream(server.url + PATH + "/events", params=query, headers=headers).__enter__()
        open_streams.append(stream)
        return stream

    yield run
    for stream in open_streams:
        stream.__exit__()


def number(event):
    return int(event.id.split("-")[1])


@needs_simulation
def test_a_snapshot_and_then_every_change_until_a_deployment_is_gone(server, space, events):
    server.create(name="before", namespace=space)
    server.phase("before", space, "Running")
    stream = events(namespace=space)
    assert stream.answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert stream.answer.headers["Cache-Control"] == "no-store"
    snapshot = stream.next()
    assert snapshot.kind == "snapshot"
    # What was told last is what is so, whatever still changes after a deployment is running.
    told = snapshot.data["deployments"]
    while told != [server.part("before", space)]:
        told = [stream.next().data]

    server.create(name="story", namespace=space)
    seen = [stream.next_with(lambda event: event.data["name"] == "story")]
    assert seen[0].kind == "changed"
    while seen[-1].data["phase"] != "Running" or seen[-1].data != server.part("story", space):
        seen.append(stream.next())
    server.delete("story", space)
    gone = stream.next_with(lambda event: event.kind == "deleted")
    assert gone.data == {"name": "story", "namespace": space, "provider": "vllm"}
    numbers = [number(event) for event in [snapshot, *seen, gone]]
    assert numbers == sorted(set(numbers))
    assert len({event.id.split("-")[0] for event in [snapshot, *seen, gone]}) == 1


def test_other_namespaces_are_not_told_of(server, space, events):
    other = server.namespace()
    own, all_of_them = events(namespace=space), events()
    assert own.next().data == {"deployments": []}
    all_of_them.next()
    server.create(name="foreign", namespace=other, replicas=0)
    all_of_them.next_with(lambda event: (event.data["name"], event.data["namespace"]) == ("foreign", other))
    server.create(name="own", namespace=space, replicas=0)
    assert own.next().data["name"] == "own"


def test_a_client_that_comes_back_is_told_of_what_it_has_missed(server, space, events):
    # No node has that many, so that its pod waits wherever it is.
    server.create(name="missed", namespace=space, provider="vllm", replicas=0, resources={"gpu": 64})
    server.wait_for("missed", space)
    last = events(namespace=space).next()
    server.change("missed", space, replicas=1)
    server.wait_for("missed", space, replicas={"desired": 1, "ready": 0, "available": 0})
    server.delete("missed", space)
    server.gone("missed", space)
    # Its service goes after it; until then its name is not free.
    until(lambda: not server.objects(space), "nothing of it is left")
    for stream in [
        events(last.id, namespace=space),
        events(namespace=space, lastEventId=last.id),
        # The field is what such a client knows by now, the address what it began with.
        events(last.id, namespace=space, lastEventId="of-old"),
    ]:
        first = stream.next()
        assert first.kind == "changed" and number(first) > number(last)
        gone = stream.next_with(lambda event: event.kind == "deleted")
        assert gone.data["name"] == "missed"
    # Whoever has seen the newest is told of the next only.
    stream = events(gone.id, namespace=space)
    server.create(name="missed", namespace=space, provider="vllm", replicas=0)
    event = stream.next()
    assert number(event) > number(gone) and event.data["name"] == "missed" and event.kind == "changed"


def test_an_id_that_is_not_known_is_gone(server, events):
    origin, now = events().next().id.split("-")
    for last in ["1a2b3c-1", f"{origin}-{int(now) + 1000000}", f"{origin}-x", "x", f"{origin}-1-1", f"{origin}--1"]:
        for options in [{"headers": {"Last-Event-ID": last}}, {"params": {"lastEventId": last}}]:
            answer = requests.get(server.url + PATH + "/events", timeout=PATIENCE, **options)
            assert (answer.status_code, answer.json()["code"]) == (410, "GONE"), last
            assert "begin anew" in answer.json()["error"]


def test_parameters_are_checked(server):
    answer = requests.get(server.url + PATH + "/events", params={"namespace": "No Such"}, timeout=PATIENCE)
    assert answer.status_code == 400 and answer.json()["details"]["parameter"] == "namespace"


def web_socket(server):
    return server.url.replace("http", "ws") + PATH + "/events"


@needs_simulation
def test_the_same_is_told_over_a_websocket(server, space, events):
    address = f"{web_socket(server)}?namespace={space}"

    async def main():
        stream = events(namespace=space)
        async with connect(address) as socket:
            async def read():
                return json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))

            snapshot = await read()
            shown = stream.next()
            assert (shown.kind, shown.data) == ("snapshot", {"deployments": []})
            # Other namespaces' deployments, which are counted too, may have changed between the two.
            assert snapshot == {"type": "snapshot", "id": snapshot["id"], "data": shown.data}
            assert snapshot["id"].split("-")[0] == shown.id.split("-")[0]
            # What clients say is passed over, however much it is.
            for _ in range(200):
                await socket.send("x" * 10000)
            await asyncio.to_thread(server.create, name="told", namespace=space)
            messages = [await read()]
            while messages[-1]["data"].get("phase") != "Running":
                messages.append(await read())
            await asyncio.to_thread(server.delete, "told", space)
            while messages[-1]["type"] != "deleted":
                messages.append(await read())
            assert messages[-1]["data"] == {"name": "told", "namespace": space, "provider": "vllm"}
            by_id = {message["id"]: message for message in messages}
            event = stream.next_with(lambda event: event.kind == "deleted")
            assert by_id[event.id] == {"type": "deleted", "id": event.id, "data": event.data}
        async with connect(f"{address}&lastEventId={snapshot['id']}") as socket:
            first = json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))
            assert first["type"] == "changed" and first["data"]["name"] == "told"
            # A client that has what it wants closes, and is answered.
            await socket.close()
            assert socket.close_code == 1000

    asyncio.run(main())


def test_a_websocket_that_resumes_from_what_is_not_known_is_refused(server):
    async def main():
        with pytest.raises(websockets.exceptions.InvalidStatus) as refusal:
            async with connect(web_socket(server) + "?lastEventId=1a2b3c-1"):
                pass
        assert refusal.value.response.status_code == 410
        assert json.loads(refusal.value.response.body)["code"] == "GONE"

    asyncio.run(main())


def test_without_a_cluster_there_is_nothing_to_follow(ingot):
    answer = requests.get(ingot.url + PATH + "/events", timeout=PATIENCE)
    assert (answer.status_code, answer.json()["code"]) == (503, "CLUSTER_UNAVAILABLE")


def test_silence_is_broken_by_comments(silent):
    assert silent.next().kind == "snapshot"
    comment = silent.next(comments=True)
    assert (comment.kind, comment.id, comment.data) == (None, None, None)
