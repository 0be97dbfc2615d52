"""A model that a pod on this machine really serves: from kubectl apply to the end of its process, however that comes."""

import os
import re
import signal

import pytest
import requests

import machine
from cluster import Kubectl, service
from waiting import PATIENCE

LIMIT = f"--timeout={PATIENCE}s"
PORT = 8080
# What the answers are about is of no matter; that they are a model's is.
CHAT = {"messages": [{"role": "user", "content": "What is the capital of France?"}], "max_tokens": 16, "temperature": 0}


@pytest.fixture
def start_cluster(serve, tmp_path):
    """Starts a server with the same data each time, and the ways to ask its cluster."""

    def run():
        program = serve(cluster="embedded", environment={"PATH": machine.search_path()})
        return program, Kubectl(tmp_path / "data/embedded-cluster/kubeconfig", tmp_path, "default")

    return run


def llm(name="llm", **spec):
    arguments = ["--model", machine.model_file(), "--alias", "smollm2", "--ctx-size", "512", "--threads", "1"]
    return machine.pod(
        name,
        {
            "args": [*map(str, arguments), "--port", str(PORT), "--no-warmup"],
            "ports": [{"name": "http", "containerPort": PORT}],
            "readinessProbe": {"httpGet": {"path": "/health", "port": "http"}, "periodSeconds": 1},
        },
        **spec,
    )


def ready(kubectl, name="llm"):
    """Waits for the pod's readiness, and returns the pod."""
    kubectl.until(
        lambda: kubectl.run("wait", "--for=condition=Ready", f"pod/{name}", "--timeout=20s").status == 0,
        f"{name} is ready", PATIENCE,
    )
    return kubectl("get", "pod", name, "-o", "json").json


def assert_chat(completion):
    assert completion["object"] == "chat.completion" and completion["model"] == "smollm2"
    assert len(completion["choices"][0]["message"]["content"].strip()) > 0
    assert 0 < completion["usage"]["completion_tokens"] <= 16


def chat(address):
    answer = requests.post(f"http://{address}:{PORT}/v1/chat/completions", json=CHAT, timeout=PATIENCE)
    assert answer.status_code == 200, answer.text
    assert_chat(answer.json())


def test_a_model_in_a_pod_is_served_until_the_pod_is_deleted(start_cluster):
    program, kubectl = start_cluster()
    kubectl.apply(llm(), service("llm", ports=[{"name": "api", "port": 80, "targetPort": "http"}]))
    pod = ready(kubectl)
    (node,) = kubectl.text("get", "nodes", "-l", "ingot.dev/this-machine=true", "-o", "name").splitlines()
    assert f"node/{pod['spec']['nodeName']}" == node
    assert pod["status"]["phase"] == "Running" and pod["status"]["podIP"].startswith("127.")

    chat(pod["status"]["podIP"])
    proxied = "/api/v1/namespaces/default"
    for target in [f"services/llm:api", "services/llm", f"pods/llm:{PORT}", "pods/llm"]:
        assert kubectl("get", "--raw", f"{proxied}/{target}/proxy/health").json == {"status": "ok"}
    for target in ["services/llm:api", "pods/llm"]:
        completion = kubectl("create", "--raw", f"{proxied}/{target}/proxy/v1/chat/completions", "-f", "-", input=CHAT)
        assert_chat(completion.json)

    with kubectl.start("logs", "-f", "llm") as log:
        # llama.cpp's own words, from the first on, and on as more is asked.
        log.line_with("load_model: loading model")
        log.line_with(f"listening on http://{pod['status']['podIP']}:{PORT}")
        for _ in range(3):
            log.line_with("launch_slot_")
        chat(pod["status"]["podIP"])
        log.line_with("launch_slot_")

        server, = [process for process in machine.processes(program.process.pid) if "--model" in process.command]
        kubectl("delete", "pod", "llm", "--wait=true")
        assert server.has_ended()
        assert log.end() == 0
    # The container's shim ends after it.
    kubectl.until(lambda: machine.descendants(program.process.pid) == [], "no process is left")
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://{pod['status']['podIP']}:{PORT}/health", timeout=PATIENCE)
    kubectl.until(
        lambda: "Stopping container main" in kubectl.text("get", "events", "--field-selector=reason=Killing"),
        "an event tells that it was ended",
    )


def test_nothing_outlives_an_ingot_that_is_killed_and_the_pod_runs_again_after_a_restart(start_cluster):
    program, kubectl = start_cluster()
    kubectl.apply(
        llm(),
        machine.shell("sleep 1000 & setsid sleep 1001 & wait", "tree"),
        machine.shell("sleep 1002", "once", restartPolicy="Never"),
    )
    for name in ["tree", "once"]:
        kubectl("wait", "--for=condition=Ready", f"pod/{name}", LIMIT)
    before = ready(kubectl)
    def running():
        return {" ".join(machine.command(number)) for number in machine.descendants(program.process.pid)}

    # A child of a shell looks like the shell until it is the program that it was made for.
    kubectl.until(lambda: {"sleep 1000", "sleep 1001", "sleep 1002"} <= running(), "the shells have started their children")
    processes = machine.processes(program.process.pid)
    commands = [" ".join(process.command) for process in processes]
    assert any("llama-server" in command for command in commands), commands
    assert {"sleep 1000", "sleep 1001", "sleep 1002"} <= set(commands)

    program.signal(signal.SIGKILL)
    program.end()
    for process in processes:
        assert process.has_ended(), process

    program, kubectl = start_cluster()
    kubectl.until(
        lambda: kubectl("get", "pod", "llm", "-o", "json").json["status"]["containerStatuses"][0]["restartCount"] == 1,
        "the container is started again",
    )
    after = ready(kubectl)
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    (status,) = after["status"]["containerStatuses"]
    last = status["lastState"]["terminated"]
    assert (last["exitCode"], last["reason"]) == (137, "ContainerStatusUnknown")
    assert status["containerID"] != before["status"]["containerStatuses"][0]["containerID"]
    chat(after["status"]["podIP"])
    # The log of the instance that was killed is still there.
    assert re.search("launch_slot_|listening on", kubectl.text("logs", "--previous", "llm"))

    kubectl("wait", "--for=jsonpath={.status.phase}=Failed", "pod/once", LIMIT)
    terminated = kubectl("get", "pod", "once", "-o", "json").json["status"]["containerStatuses"][0]["state"]["terminated"]
    assert (terminated["exitCode"], terminated["reason"]) == (137, "ContainerStatusUnknown")

    processes = machine.processes(program.process.pid)
    program.stop()
    for process in processes:
        assert process.has_ended(), process


def test_what_is_left_when_the_shims_are_killed_too_ends_with_the_next_start(start_cluster):
    program, kubectl = start_cluster()
    # The kernel ends a shim's own child with it, but not what that has started.
    kubectl.apply(machine.shell("setsid sleep 1003 & wait", restartPolicy="Never"))
    kubectl("wait", "--for=condition=Ready", "pod/p", LIMIT)
    kubectl.until(
        lambda: ["sleep", "1003"] in map(machine.command, machine.descendants(program.process.pid)),
        "the shell has started its child",
    )
    processes = machine.processes(program.process.pid)
    (sleeper,) = [process for process in processes if process.command == ["sleep", "1003"]]
    shims = [process for process in processes if "container-shim" in process.command]
    assert shims
    # Stopped first, so that none notices the end of the others.
    for process in [program.process.pid, *(shim.number for shim in shims)]:
        os.kill(process, signal.SIGSTOP)
        kubectl.until(lambda: machine.is_stopped(process), f"{process} is stopped")
    for process in [*(shim.number for shim in shims), program.process.pid]:
        os.kill(process, signal.SIGKILL)
    program.end()
    assert not sleeper.has_ended(seconds=0)
    _, kubectl = start_cluster()
    assert sleeper.has_ended(seconds=0)
    kubectl("wait", "--for=jsonpath={.status.phase}=Failed", "pod/p", LIMIT)


def test_a_model_that_does_not_exist_is_said_by_the_log_and_the_pod_backs_off(start_cluster):
    _, kubectl = start_cluster()
    pod = llm()
    pod["spec"]["containers"][0]["args"][1] = "/nowhere/none.gguf"
    kubectl.apply(pod)
    kubectl("wait", "--for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=CrashLoopBackOff", "pod/llm",
            LIMIT)
    assert "failed to load the model '/nowhere/none.gguf'" in kubectl.text("logs", "--previous", "llm")
