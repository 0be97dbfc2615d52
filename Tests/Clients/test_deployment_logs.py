"""What the pods of deployments write, over the API: read, followed while they write it, and still there when they are gone."""

import contextlib
import json
import re
import time

import pytest
import requests

import machine
from cluster import Kubectl
from deployments import SIMULATE, needs_simulation, needs_this_machine
from waiting import PATIENCE, until

STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"
MODEL = "Qwen/Qwen2.5-0.5B-Instruct"


class Deployments:
    """The deployments of a server."""

    def __init__(self, url, data):
        self.url = url + "/api/deployments"
        self.kubectl = Kubectl(data / "embedded-cluster/kubeconfig", data, "kubefoundry")

    def create(self, name, **body):
        answer = requests.post(self.url, json={"name": name, **body}, timeout=PATIENCE)
        assert answer.status_code == 201, answer.text
        # What was made is known when the cluster has told of it.
        until(lambda: self.get(name).status_code == 200, f"{name} is known")

    def get(self, name, part="", **query):
        return requests.get(f"{self.url}/{name}{part}", params=query, timeout=PATIENCE)

    def logs(self, name, **query):
        answer = self.get(name, "/logs", **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refusal(self, name, **query):
        answer = self.get(name, "/logs", **query)
        assert answer.status_code == 400, answer.text
        assert answer.json()["code"] == "VALIDATION_ERROR"
        return answer.json()["error"]

    def pods(self, name):
        return self.get(name, "/pods").json()["pods"]

    def running(self, name):
        until(lambda: self.get(name).json()["phase"] == "Running", f"{name} is running")

    def delete(self, name):
        assert requests.delete(f"{self.url}/{name}", timeout=PATIENCE).status_code == 200

    def gone(self, name):
        """Waits until nothing is left of a deployment: what belongs to it goes after it."""
        until(lambda: self.get(name).status_code == 404, f"{name} is gone")
        until(lambda: f"/{name}" not in self.kubectl.text("get", "services,replicasets,pods", "-o", "name"),
              f"nothing of {name} is left")

    @contextlib.contextmanager
    def follow(self, name, accept="text/event-stream", **query):
        """The answer's lines as they come."""
        with requests.get(
            f"{self.url}/{name}/logs", params={"follow": "true", **query}, headers={"Accept": accept}, stream=True,
            timeout=PATIENCE,
        ) as answer:
            assert answer.status_code == 200, answer.text
            assert answer.headers["Content-Type"].startswith(accept)
            yield answer.iter_lines(chunk_size=1, decode_unicode=True)


def events(lines):
    """The events of a stream: type and data. Heartbeats keep it from waiting for ever for what does not come."""
    kind = "message"
    deadline = time.monotonic() + PATIENCE
    for line in lines:
        assert time.monotonic() < deadline, "the stream does not bring what is waited for"
        if line.startswith("event: "):
            kind = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield kind, json.loads(line.removeprefix("data: "))
            kind = "message"


def until_line(stream, text):
    """The lines up to the one that has the text."""
    passed = []
    for kind, data in stream:
        if kind == "message":
            passed.append(data)
            if text in data["line"]:
                return passed
    raise AssertionError(f"ended without {text!r}: {passed}")


@pytest.fixture(scope="module")
def simulated(tmp_path_factory, embedded):
    """A cluster with simulated GPUs and two deployments: one of two pods, one whose pod crashes again and again."""
    data = tmp_path_factory.mktemp("data")
    with embedded(data) as program:
        deployments = Deployments(program.url, data)
        until(
            lambda: requests.get(program.url + "/readyz", timeout=PATIENCE).status_code == 200, "the server is ready"
        )
        common = {"modelId": MODEL, "provider": "vllm", "engine": "vllm"}
        deployments.create("pair", replicas=2, **common)
        deployments.create("crashing", podAnnotations={SIMULATE: "CrashLoopBackOff"}, **common)
        until(lambda: deployments.pods("crashing"), "crashing has its pod")
        deployments.running("pair")
        for pod in deployments.pods("pair"):
            until(
                lambda: "listening on" in deployments.logs("pair", podName=pod["name"])["logs"], "the server listens"
            )
        yield deployments


@pytest.fixture
def names(simulated):
    return [pod["name"] for pod in simulated.pods("pair")]


@needs_simulation
def test_lines_of_several_pods_are_merged_by_time_and_begin_with_their_pod(simulated, names):
    answer = simulated.logs("pair", timestamps="true")
    assert answer["podName"].split(",") == names
    assert answer["container"] == "server" and answer["kept"] is False and "message" not in answer
    lines = answer["logs"].splitlines()
    parts = [re.fullmatch(rf"\[([a-z0-9-]+)\] ({STAMP}) (.+)", line) for line in lines]
    assert all(parts), lines
    assert {part[1] for part in parts} == set(names)
    times = [part[2] for part in parts]
    assert times == sorted(times)
    for name in names:
        assert any(part[1] == name and "listening on" in part[4] for part in parts)


@needs_simulation
def test_lines_of_one_pod_are_as_they_were_written(simulated, names):
    answer = simulated.logs("pair", podName=names[0])
    assert answer["podName"] == names[0] and answer["container"] == "server"
    lines = answer["logs"].splitlines()
    assert lines[0].startswith("INFO [vllm] (simulated)") and any("listening on" in line for line in lines)
    stamped = simulated.logs("pair", podName=names[0], timestamps="true", tailLines=1)["logs"].splitlines()
    assert len(stamped) == 1 and re.match(STAMP + " INFO", stamped[0])


@needs_simulation
def test_tail_lines_counts_the_lines_of_all_pods_together(simulated):
    # Nothing else is written between the two questions than lines that come at the end.
    for count in [1, 3]:
        lines = simulated.logs("pair", tailLines=count)["logs"].splitlines()
        assert len(lines) == count
    assert simulated.logs("pair", sinceSeconds=31536000)["logs"]


@needs_simulation
def test_text_is_answered_to_those_who_accept_it(simulated, names):
    answer = requests.get(
        f"{simulated.url}/pair/logs", params={"podName": names[0], "tailLines": 2}, headers={"Accept": "text/plain"},
        timeout=PATIENCE,
    )
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert len(answer.text.splitlines()) == 2


@needs_simulation
def test_the_instance_before_the_last_restart_can_be_read(simulated):
    (pod,) = simulated.pods("crashing")
    until(lambda: simulated.pods("crashing")[0]["restarts"] >= 1, "the container was started again")
    answer = until(
        lambda: [a for a in [simulated.logs("crashing", previous="true")] if a["logs"]], "there is an instance before"
    )[0]
    assert answer["podName"] == pod["name"]
    assert "error: the program ends with code 1" in answer["logs"]


@needs_simulation
def test_no_instance_before_is_said_and_is_no_failure(simulated, names):
    answer = simulated.logs("pair", podName=names[0], previous="true")
    assert answer["logs"] == "" and "previous terminated container" in answer["message"]


@needs_simulation
def test_what_cannot_be_asked_for_is_refused(simulated):
    not_its_pod = "Pod 'other' is not part of deployment 'pair'"
    assert not_its_pod in simulated.refusal("pair", podName="other")
    assert not_its_pod in simulated.refusal("pair", podName="other", follow="true")
    assert "there is no container other; there are server" in simulated.refusal("pair", container="other")
    for name, value in [
        ("tailLines", 0), ("tailLines", 10001), ("tailLines", "x"), ("sinceSeconds", 0), ("timestamps", "1"),
        ("previous", "yes"), ("follow", ""), ("podName", "A/b"), ("container", ""),
    ]:
        assert simulated.refusal("pair", **{name: value}).startswith(name + ": ")
    assert simulated.refusal("pair", previous="true", follow="true").startswith("previous: ")
    assert simulated.get("nothing", "/logs").status_code == 404
    assert simulated.get("nothing", "/logs", follow="true").status_code == 404


@needs_simulation
def test_a_follower_of_text_sees_prefixes_and_how_containers_end(simulated):
    (pod,) = simulated.pods("crashing")
    with simulated.follow("crashing", accept="text/plain") as lines:
        seen = []
        for line in lines:
            seen.append(line)
            if line.startswith("--- "):
                break
    assert f"[{pod['name']}] error: the program ends with code 1, as ingot.dev/simulate asks" in seen[:-1]
    assert pod["name"] in seen[-1] and "ended" in seen[-1]


@needs_simulation
def test_pods_that_come_later_are_followed_from_their_first_line(simulated):
    simulated.create("growing", modelId=MODEL, provider="vllm", engine="vllm")
    simulated.running("growing")
    with simulated.follow("growing", timestamps="true") as lines:
        stream = events(lines)
        first = until_line(stream, "listening on")
        answer = requests.patch(f"{simulated.url}/growing", json={"replicas": 2}, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        later = until_line(stream, "listening on")
        assert {line["pod"] for line in first}.isdisjoint({later[-1]["pod"]})
        assert "engine starts" in [line for line in later if line["pod"] == later[-1]["pod"]][0]["line"]
        assert all(set(line) == {"pod", "container", "line", "time"} for line in first + later)
        assert all(re.fullmatch(STAMP, line["time"]) for line in first + later)
        simulated.delete("growing")
        rest = list(stream)
    assert rest[-1][0] == "end"
    assert {"message": "the deployment is gone"} in [data for kind, data in rest if kind == "note"]


@needs_simulation
def test_lines_of_a_pod_that_is_gone_stay_readable_beside_those_of_its_successor(simulated):
    simulated.create("renewed", modelId=MODEL, provider="vllm", engine="vllm")
    simulated.running("renewed")
    (old,) = simulated.pods("renewed")
    before = simulated.logs("renewed", podName=old["name"], tailLines=1000)["logs"]
    simulated.delete("renewed")
    simulated.gone("renewed")
    simulated.create("renewed", modelId=MODEL, provider="vllm", engine="vllm")
    simulated.running("renewed")
    kept = simulated.logs("renewed", podName=old["name"], tailLines=1000)
    assert kept["kept"] is True and kept["podName"] == old["name"] and kept["logs"].startswith(before)
    assert simulated.logs("renewed")["kept"] is False
    simulated.delete("renewed")


@needs_this_machine
def test_the_log_of_a_real_model_is_followed_to_its_end_and_kept(serve, tmp_path):
    models = tmp_path / "models"
    models.mkdir()
    file = models / machine.model_file().name
    file.symlink_to(machine.model_file())
    program = serve(
        "--models-dir", models, cluster="embedded", environment={"PATH": machine.search_path()}
    )
    deployments = Deployments(program.url, tmp_path / "data")
    until(lambda: requests.get(program.url + "/readyz", timeout=PATIENCE).status_code == 200, "it is ready")
    deployments.create("smol", modelId=f"local/{file.name}", servedModelName="smollm2")
    with deployments.follow("smol") as lines:
        stream = events(lines)
        until_line(stream, "load_model: loading model")
        listening = until_line(stream, "listening on")[-1]
        deployments.running("smol")
        (pod,) = deployments.pods("smol")
        assert listening["pod"] == pod["name"] and listening["container"] in pod["containers"]

        read = deployments.logs("smol", tailLines=10000)
        assert "load_model: loading model" in read["logs"] and read["podName"] == pod["name"]

        deployments.delete("smol")
        rest = list(stream)
    assert rest[-1] == ("end", {})
    until(lambda: machine.descendants(program.process.pid) == [], "no process is left")
    deployments.gone("smol")

    def kept():
        """What is kept of the log, once that is all of it: it is read to its end beside the one that was followed here."""
        answer = deployments.get("smol", "/logs", tailLines=1000)
        assert answer.status_code in (200, 404), answer.text
        return answer.json() if answer.status_code == 200 and "listening on" in answer.json()["logs"] else None

    kept = until(kept, "the log is kept to its end")
    assert kept["kept"] is True and kept["podName"] == pod["name"] and "kept" in kept["message"]
    assert "load_model: loading model" in kept["logs"]
    assert deployments.logs("smol", tailLines=1)["logs"].count("\n") == 1
    assert re.match(STAMP, deployments.logs("smol", timestamps="true", podName=pod["name"])["logs"])
    assert deployments.get("smol", "/logs", podName="other").status_code == 404
    assert deployments.get("smol", "/logs", follow="true").status_code == 404


@needs_simulation
def test_nothing_is_asked_of_the_cluster_any_more_when_followers_go(simulated, names):
    def in_flight():
        text = requests.get(simulated.url.removesuffix("/api/deployments") + "/metrics", timeout=PATIENCE).text
        return sum(int(float(n)) for n in re.findall(r"^http_client_requests_in_flight\{.*\} (\S+)$", text, re.MULTILINE))

    with contextlib.ExitStack() as followers:
        # A stream that nobody refers to is closed.
        streams = [events(followers.enter_context(simulated.follow("pair"))) for _ in range(5)]
        for stream in streams:
            seen = set()
            while seen != set(names):
                seen.add(next(stream)[1]["pod"])
        # The highest of some counts: a watch that begins anew is missing for a moment.
        during = max(in_flight() for _ in range(10))
        assert during >= 10
    until(lambda: in_flight() <= during - 10, "the followers' requests have ended")
