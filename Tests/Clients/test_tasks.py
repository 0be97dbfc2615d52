"""Tasks: their list, their output, and following them by server-sent events."""

import json

import pytest
import requests

from helm import Helm, by_simulation, serving


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("target"), "--cluster", "embedded") as server:
        yield server


@pytest.fixture(scope="module")
def server(tmp_path_factory, target):
    helm = Helm(tmp_path_factory.mktemp("helm"))
    arguments = target.program.process.args
    kubeconfig = f"{arguments[arguments.index('--data-dir') + 1]}/embedded-cluster/kubeconfig"
    with serving(tmp_path_factory.mktemp("data"), "--kubeconfig", kubeconfig, environment=helm.environment) as started:
        started.helm = helm
        yield started


@pytest.fixture(scope="module")
def installed(server, target):
    """A task that has installed something, with some output."""
    lines = [f"line {number}" for number in range(1, 31)]
    then = by_simulation(target.url, "install", "kuberay")
    server.helm.modes({"upgrade kuberay": {"print": lines, "then": then}})
    task = server.post("/installation/providers/kuberay/install?wait=120")["taskId"]
    return task, lines


def follow(server, task, **options):
    """The events of a stream: their types, ids and data."""
    url = f"{server.url}/api/tasks/{task}/events"
    with requests.get(url, stream=True, timeout=120, **options) as answer:
        assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/event-stream")
        event = {}
        for line in answer.iter_lines(decode_unicode=True):
            if not line:
                if event:
                    yield event.get("event"), event.get("id"), json.loads(event["data"])
                if event.get("event") == "end":
                    return
                event = {}
            elif not line.startswith(":"):
                name, _, value = line.partition(": ")
                event[name] = value


def test_a_task_is_told_with_its_output(server, installed):
    task, lines = installed
    body = server.get(f"/tasks/{task}")
    assert body["task"]["state"] == "succeeded" and body["task"]["subject"] == "kuberay" and body["task"]["kind"] == "install"
    assert body["task"]["startedAt"] <= body["task"]["finishedAt"]
    printed = [line for line in body["output"] if line["step"] == "install-kuberay-operator"]
    assert printed[0]["line"].startswith("$ helm upgrade kuberay-operator")
    assert [line["line"] for line in printed[1:31]] == lines
    assert [line["number"] for line in body["output"]] == list(range(1, len(body["output"]) + 1))
    later = server.get(f"/tasks/{task}", params={"after": 5})
    assert later["output"] == body["output"][5:]
    assert server.get("/tasks")["tasks"][0] == body["task"]


def test_the_events_of_a_task_that_has_ended(server, installed):
    task, _ = installed
    events = list(follow(server, task))
    assert [events[0][0], events[-2][0], events[-1][0]] == ["task", "task", "end"]
    assert events[-2][2]["state"] == "succeeded"
    output = server.get(f"/tasks/{task}")["output"]
    assert [data for kind, _, data in events if kind == "output"] == output
    assert [identifier for kind, identifier, _ in events if kind == "output"] == [str(line["number"]) for line in output]


@pytest.mark.parametrize("place", ["field", "query"])
def test_a_stream_is_resumed(server, installed, place):
    task, _ = installed
    options = {"headers": {"Last-Event-ID": "7"}} if place == "field" else {"params": {"lastEventId": "7"}}
    output = server.get(f"/tasks/{task}")["output"]
    assert [data for kind, _, data in follow(server, task, **options) if kind == "output"] == output[7:]


def test_a_task_is_followed_while_it_runs(server, target):
    server.helm.modes({"upgrade dynamo": {"print": ["begun"], "hang": True}})
    task = server.post("/installation/providers/dynamo/install?wait=0", 202)["taskId"]
    events = follow(server, task)
    kind, _, first = next(events)
    assert kind == "task" and first["state"] == "running" and "finishedAt" not in first
    assert next(data for kind, _, data in events if kind == "output" and data["line"] == "begun")
    server.ask("DELETE", f"/tasks/{task}")
    rest = list(events)
    assert rest[-2][0] == "task" and rest[-2][2]["state"] == "cancelled" and rest[-1][0] == "end"


def test_cancelling_what_has_ended_changes_nothing(server, installed):
    task, _ = installed
    assert server.post(f"/tasks/{task}/cancel")["state"] == "succeeded"
    assert server.ask("DELETE", f"/tasks/{task}")["state"] == "succeeded"


@pytest.mark.parametrize("method, suffix", [("GET", ""), ("GET", "/events"), ("POST", "/cancel"), ("DELETE", "")])
def test_an_unknown_task_is_named(server, method, suffix):
    body = server.ask(method, f"/tasks/t0{suffix}", 404)
    assert body["code"] == "NOT_FOUND" and body["message"] == "there is no task t0"


def test_parameters_are_checked(server, installed):
    task, _ = installed
    assert server.get(f"/tasks/{task}?after=x", 400)["code"] == "VALIDATION_ERROR"
    assert server.get(f"/tasks/{task}/events?lastEventId=x", 400)["code"] == "VALIDATION_ERROR"
