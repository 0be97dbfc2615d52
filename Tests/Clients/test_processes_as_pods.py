"""Pods on this machine behave as on any node: restarts, back-off, probes, environment, volumes, ends."""

import json
import pathlib
import re
import subprocess
import sys

import pytest

import confidential
import machine
from cluster import Kubectl, config_map, pod
from conftest import INGOT, Program
from machine import shell
from waiting import PATIENCE

LIMIT = f"--timeout={PATIENCE}s"

SECRET = confidential.secret("value of a Secret that a pod mounts")

# Answers only to one name, as a server does that has several sites, and until it is told to be ill.
SERVER = """
import http.server, pathlib
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/ill":
            pathlib.Path("ill").touch()
        known = self.headers["Host"] == "model.example" or self.path == "/ill"
        self.send_response(421 if not known else 503 if pathlib.Path("ill").exists() else 200)
        self.end_headers()
    def log_message(self, *_):
        pass
print("started, ill" if pathlib.Path("ill").exists() else "started, well", flush=True)
pathlib.Path("ill").unlink(missing_ok=True)
http.server.HTTPServer((__import__("os").environ["ADDRESS"], 8000), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A cluster with this machine as its only node: the program, and kubectl."""
    folder = tmp_path_factory.mktemp("here")
    images = {
        "example.com/python:3*": {"entrypoint": [sys.executable], "environment": {"ADDRESS": "{podIP}"}, "port": 8000},
        "example.com/absent": "no-such-tool",
    }
    (folder / "ingot.json").write_text(json.dumps({"cluster": {"embedded": {"images": images, "nodes": []}}}))
    program = Program(
        [INGOT, "serve", "--port", "0", "--data-dir", folder / "data", "--embedded-cluster",
         "--config", folder / "ingot.json"],
        environment={"PATH": machine.search_path()},
    ).ready()
    yield program, Kubectl(folder / "data/embedded-cluster/kubeconfig", folder, "default")
    program.stop()


@pytest.fixture
def kubectl(here):
    """kubectl, and the pods of the test removed when it is over."""
    yield here[1]
    here[1]("delete", "pods,jobs", "--all", "--grace-period=1")


def pod_of(kubectl, name="p"):
    return kubectl("get", "pod", name, "-o", "json").json


def container(kubectl, name="p"):
    """The status of the only container; empty while there is none."""
    return (pod_of(kubectl, name)["status"].get("containerStatuses") or [{}])[0]


def waits(kubectl, reason, name="p"):
    """What the container says while it waits for that reason, once it does."""
    def waiting():
        found = container(kubectl, name).get("state", {}).get("waiting", {})
        return [found.get("message", "")] if found.get("reason") == reason else None

    return kubectl.until(waiting, f"{name} waits for {reason}")[0]


def reaches(kubectl, phase, name="p"):
    kubectl("wait", f"--for=jsonpath={{.status.phase}}={phase}", f"pod/{name}", LIMIT)


def is_ready(kubectl, name="p"):
    kubectl("wait", "--for=condition=Ready", f"pod/{name}", LIMIT)


def events(kubectl, name="p"):
    """Reason and message of each event about a pod."""
    listed = kubectl("get", "events", "-o", "json", f"--field-selector=involvedObject.name={name}").json["items"]
    return [(event["reason"], event["message"]) for event in listed]


def told(kubectl, name, *wanted):
    """Waits for events: the kubelet tells of a change after it has made it."""
    kubectl.until(lambda: set(wanted) <= set(events(kubectl, name)), lambda: f"the events {events(kubectl, name)} are {wanted}")


def watched(watch):
    """Each pod as it becomes, so that none of its states is missed, however short it is."""
    decoder, text = json.JSONDecoder(), ""
    while True:
        line = watch.line()
        assert line is not None, text
        text += line
        try:
            pod, _ = decoder.raw_decode(text)
        except json.JSONDecodeError:
            # The rest of the object is in the next lines.
            continue
        text = ""
        yield pod


def test_a_command_that_crashes_is_started_again_with_longer_and_longer_waits(kubectl):
    # One that no node takes: once it is listed, every change is seen.
    kubectl.apply(pod("early", nodeSelector={"example.com/no": "such"}))
    with kubectl.start("get", "pods", "-w", "-o", "json") as watch, kubectl.start("get", "pods", "-w") as table:
        pods = watched(watch)
        assert next(pods)["metadata"]["name"] == "early"
        table.line_with("early")
        kubectl.apply(shell('echo "run at $HOSTNAME"; exit 7'))

        def next_wait(restarts):
            """The next status in which it waits to be started again and has been so more than that often."""
            for pod in pods:
                for status in pod["status"].get("containerStatuses", []):
                    reason = status["state"].get("waiting", {}).get("reason")
                    if reason == "CrashLoopBackOff" and status["restartCount"] > restarts:
                        return status

        status = next_wait(0)
        message = status["state"]["waiting"]["message"]
        assert message.startswith("back-off 10s restarting failed container=main pod=p_default(")
        assert status["restartCount"] == 1
        assert (status["lastState"]["terminated"]["exitCode"], status["lastState"]["terminated"]["reason"]) == (7, "Error")
        row = re.split(r"\s{2,}", table.line_with("CrashLoopBackOff"))
        assert row[:3] == ["p", "0/1", "CrashLoopBackOff"] and re.fullmatch(r"1 \(\w+ ago\)", row[3])
        # While it is being started again it may not have written yet.
        kubectl.until(lambda: kubectl.text("logs", "p") == "run at p", "it has written")
        assert kubectl.text("logs", "--previous", "p") == "run at p"
        status = next_wait(1)
        assert status["restartCount"] == 2 and status["state"]["waiting"]["message"].startswith("back-off 20s ")
    kubectl.until(lambda: any(reason == "BackOff" for reason, _ in events(kubectl)), "an event tells of it")


def test_an_image_without_a_command_cannot_be_pulled_and_says_why(kubectl):
    unknown, absent = machine.pod("unknown"), machine.pod("absent")
    unknown["spec"]["containers"][0]["image"] = "example.com/unknown:1"
    absent["spec"]["containers"][0]["image"] = "example.com/absent"
    kubectl.apply(unknown, absent)
    message = waits(kubectl, "ImagePullBackOff", "unknown")
    assert 'no command is configured on this machine for the image "example.com/unknown:1"' in message
    assert "cluster.embedded.images" in message
    told(kubectl, "unknown", ("Failed", "Error: ErrImagePull"), ("BackOff", 'Back-off pulling image "example.com/unknown:1"'))
    assert '"no-such-tool" is not found in $PATH' in waits(kubectl, "ImagePullBackOff", "absent")
    # Now and then another pull is tried, after which its error is told for a moment.
    kubectl.until(
        lambda: kubectl.fails("logs", "unknown").strip().endswith("is waiting to start: trying and failing to pull image"),
        "the log says what the container waits for",
    )


def test_a_command_that_does_not_exist_fails_to_start(kubectl):
    kubectl.apply(machine.pod("p", {"command": ["no-such-command"]}))
    waits(kubectl, "CrashLoopBackOff")
    terminated = container(kubectl)["lastState"]["terminated"]
    assert (terminated["exitCode"], terminated["reason"]) == (128, "StartError")
    assert terminated["message"] == 'exec: "no-such-command": executable file not found in $PATH'


def test_a_job_completes_and_one_that_fails_tries_again(kubectl):
    def job(name, script, **spec):
        template = {"spec": shell(script, restartPolicy="Never")["spec"]}
        return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": {"template": template, **spec}}

    kubectl.apply(
        job("three", 'echo "part $JOB_COMPLETION_INDEX"', completions=3, parallelism=2, completionMode="Indexed"),
        job("bad", "echo no; exit 1", backoffLimit=0),
    )
    kubectl("wait", "--for=condition=complete", "job/three", LIMIT)
    assert kubectl.text("get", "job", "three", "-o", "jsonpath={.status.succeeded} {.status.completedIndexes}") == "3 0-2"
    parts = kubectl.text("logs", "-l", "job-name=three", "--tail=-1").splitlines()
    assert sorted(parts) == ["part 0", "part 1", "part 2"]
    kubectl("wait", "--for=condition=failed", "job/bad", LIMIT)
    assert "BackoffLimitExceeded" in kubectl.text("get", "job", "bad", "-o", "jsonpath={.status.conditions[*].reason}")


def test_environment_arguments_and_volumes_are_the_pod_s(kubectl, tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models/a.gguf").write_text("weights\n")
    kubectl.apply(
        config_map("settings", GREETING="hello", **{"app.conf": "size = 3\n"}),
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "stringData": {"token": SECRET}},
    )
    script = (
        'echo "$LINE | $0 $1 $2"; echo "$NAME on $NODE, $CPU"; cat /etc/app/app.conf "$KEYS/token"; echo;'
        'cat /models/a.gguf; echo kept > /scratch/file; cat /scratch/file; cat /etc/one; pwd'
    )
    mounts = {"conf": "/etc/app", "keys": "/var/keys", "models": "/models", "scratch": "/scratch"}
    volumes = [
        {"name": "conf", "configMap": {"name": "settings"}},
        {"name": "keys", "secret": {"secretName": "keys"}},
        {"name": "models", "hostPath": {"path": str(tmp_path / "models"), "type": "Directory"}},
        {"name": "scratch", "emptyDir": {}},
    ]
    kubectl.apply(
        shell(
            script,
            container={
                "args": ["first-$(GREETING)", "$$(GREETING)", "$(NOBODY)"],
                "workingDir": "/scratch",
                "env": [
                    {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "token"}}},
                    {"name": "LINE", "value": "$(GREETING) $(TOKEN)"},
                    {"name": "NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                    {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
                    {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "requests.cpu", "divisor": "1m"}}},
                    {"name": "KEYS", "value": "/var/keys"},
                ],
                "envFrom": [{"configMapRef": {"name": "settings"}}],
                "resources": {"requests": {"cpu": "10m"}},
                "volumeMounts": [{"name": name, "mountPath": path} for name, path in mounts.items()]
                + [{"name": "conf", "mountPath": "/etc/one", "subPath": "app.conf"}],
            },
            volumes=volumes,
            restartPolicy="Never",
        )
    )
    reaches(kubectl, "Succeeded")
    lines = kubectl.text("logs", "p").splitlines()
    node = pod_of(kubectl)["spec"]["nodeName"]
    assert lines[:7] == [
        f"hello {SECRET} | first-hello $(GREETING) $(NOBODY)", f"p on {node}, 10", "size = 3", SECRET, "weights", "kept",
        "size = 3",
    ]
    assert lines[7].endswith("/volumes/scratch") and not pathlib.Path("/scratch").exists()


def test_what_cannot_be_mounted_or_found_keeps_the_pod_waiting_with_a_reason(kubectl, tmp_path):
    def mounting(name, **volume):
        return shell("true", name, {"volumeMounts": [{"name": "v", "mountPath": "/v"}]}, restartPolicy="Never",
                     volumes=[{"name": "v", **volume}])

    kubectl.apply(
        mounting("nfs", nfs={"server": "files.example", "path": "/"}),
        mounting("folder", hostPath={"path": str(tmp_path / "later"), "type": "Directory"}),
        mounting("map", configMap={"name": "absent"}),
        shell("true", "key", {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "gone", "key": "k"}}}]}),
    )
    assert "a volume of the kind nfs cannot be had on this machine" in waits(kubectl, "ContainerCreating", "nfs")
    for name, text in {"folder": f"hostPath type check failed: {tmp_path}/later is not a directory",
                       "map": 'configmap "absent" not found'}.items():
        kubectl.until(lambda: ("FailedMount", f'MountVolume.SetUp failed for volume "v" : {text}')
                      in events(kubectl, name), f"the events about {name} say why")
    assert waits(kubectl, "CreateContainerConfigError", "key") == 'secret "gone" not found'
    # Once it is there the pod goes on.
    (tmp_path / "later").mkdir()
    kubectl.apply(config_map("absent", a="1"))
    reaches(kubectl, "Succeeded", "folder")
    reaches(kubectl, "Succeeded", "map")
    assert container(kubectl, "nfs")["state"]["waiting"]["reason"] == "ContainerCreating"


def test_probes_are_made_with_their_host_and_one_for_liveness_restarts_what_is_ill(kubectl):
    check = {"httpGet": {"path": "/", "port": 8000, "httpHeaders": [{"name": "Host", "value": "model.example"}]},
             "periodSeconds": 1, "timeoutSeconds": 20, "failureThreshold": 1}
    server = machine.pod("p", {"args": ["-c", SERVER], "startupProbe": {**check, "failureThreshold": 60},
                               "livenessProbe": check, "readinessProbe": check})
    server["spec"]["containers"][0]["image"] = "example.com/python:3.13"
    server["spec"]["terminationGracePeriodSeconds"] = 1
    kubectl.apply(server)
    is_ready(kubectl)
    before = container(kubectl)
    kubectl.run("get", "--raw", "/api/v1/namespaces/default/pods/p:8000/proxy/ill")
    kubectl.until(lambda: container(kubectl)["restartCount"] > before["restartCount"], "it is restarted")
    is_ready(kubectl)
    assert container(kubectl)["containerID"] != before["containerID"]
    seen = events(kubectl)
    assert ("Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 503") in seen
    assert ("Killing", "Container main failed liveness probe, will be restarted") in seen
    assert kubectl.text("logs", "p") == "started, ill"
    assert kubectl.text("logs", "--previous", "p") == "started, well"


def test_a_deleted_pod_is_asked_to_end_and_killed_when_it_does_not(here, kubectl):
    program, _ = here
    kubectl.apply(
        shell("trap 'echo bye; exit 0' TERM; echo here; while true; do sleep 0.1; done", "polite"),
        # Long enough to say no.
        shell("trap 'echo no' TERM; echo here; while true; do sleep 0.1; done", "stubborn", terminationGracePeriodSeconds=15),
    )
    logs = {}
    for name in ["polite", "stubborn"]:
        is_ready(kubectl, name)
        logs[name] = kubectl.start("logs", "-f", name)
        assert logs[name].line() == "here"
    processes = machine.processes(program.process.pid)
    assert sum("while true" in " ".join(process.command) for process in processes) >= 2
    kubectl("delete", "pod", "polite", "stubborn")
    for process in processes:
        assert process.has_ended(), process
    for name, word in {"polite": "bye", "stubborn": "no"}.items():
        with logs[name] as log:
            assert log.line() == word
            assert log.end() == 0


def test_one_that_uses_more_memory_than_its_limit_is_killed(kubectl):
    greedy = machine.pod("p", {"args": ["-c", "x = bytearray(400 << 20); input()"],
                               "resources": {"limits": {"memory": "100Mi"}}}, restartPolicy="Never")
    greedy["spec"]["containers"][0]["image"] = "example.com/python:3.13"
    greedy["spec"]["containers"][0]["stdin"] = True
    kubectl.apply(greedy)
    reaches(kubectl, "Failed")
    terminated = container(kubectl)["state"]["terminated"]
    assert (terminated["exitCode"], terminated["reason"]) == (137, "OOMKilled")


def test_a_configuration_of_nodes_and_images_that_is_wrong_says_where(tmp_path):
    file = tmp_path / "ingot.json"
    file.write_text(json.dumps({"cluster": {"embedded": {
        "nodes": [{"name": "a", "gpu": {"product": "NVIDIA-L5"}}, {"name": "a"}, {"nam": "b"}],
        "images": {"tool:*": {"entrypoint": [], "port": 0}},
    }}}))
    done = subprocess.run([INGOT, "config", "check", "--config", file], capture_output=True, text=True)
    assert done.returncode == 78
    for key in ["nodes[0].gpu.memory", "nodes[0].gpu.computeCapability", "nodes[2].nam", "nodes[2].name",
                'images["tool:*"].entrypoint', 'images["tool:*"].port']:
        assert f"file {file}: cluster.embedded.{key}: found " in done.stderr, done.stderr
    assert '"NVIDIA-L5" is no known product; the nearest is "NVIDIA-L4"' in done.stderr
