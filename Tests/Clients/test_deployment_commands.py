"""`ingot deploy`, `list`, `status` and `delete`: clients of a running server."""

import json
import subprocess

import pytest
import requests

import machine
from conftest import INGOT
from deployments import (
    MODEL, PATH, SIMULATE, needs_no_operators, needs_simulation, needs_this_machine, running,
)
from waiting import PATIENCE, until


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    models = tmp_path_factory.mktemp("models")
    (models / "smol.gguf").symlink_to(machine.model_file())
    with running(tmp_path_factory.mktemp("commands"), "--models-dir", models) as started:
        yield started


@pytest.fixture
def space(server):
    return server.namespace()


def ingot(server, *arguments, **environment):
    address = {"INGOT_SERVER": server.url} if server else {}
    return subprocess.run(
        [INGOT, *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE,
        env={"PATH": "/usr/bin:/bin", **address, **environment},
    )


def works(server, *arguments, **environment):
    done = ingot(server, *arguments, **environment)
    assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    return done


def refused(server, status, *arguments, **environment):
    """What a command complains of that ends with that status, having printed nothing else."""
    done = ingot(server, *arguments, **environment)
    assert (done.returncode, done.stdout) == (status, ""), (arguments, done.stdout, done.stderr)
    assert done.stderr
    return done.stderr


@needs_simulation
def test_a_deployment_from_its_start_to_its_end(server, space):
    done = works(server, "deploy", MODEL, "--namespace", space, "--wait")
    assert done.stdout.splitlines() == [f"qwen3-0-6b is made in {space} with vllm", "qwen3-0-6b is running"]
    # One line for each change, and none twice.
    progress = done.stderr.splitlines()
    assert len(set(progress)) == len(progress) and all(line.startswith("qwen3-0-6b: ") for line in progress)
    assert progress[-1] == "qwen3-0-6b: Running, 1 of 1 ready"

    lines = works(server, "list", "--namespace", space).stdout.splitlines()
    assert lines[0].split() == ["NAME", "NAMESPACE", "MODEL", "PROVIDER", "ENGINE", "PHASE", "READY", "AGE", "MANAGED"]
    assert lines[1].split()[:7] == ["qwen3-0-6b", space, MODEL, "vllm", "vllm", "Running", "1/1"]
    assert lines[1].split()[8] == "yes" and len(lines) == 2
    shown = works(server, "status", "qwen3-0-6b").stdout
    assert "Running" in shown and MODEL in shown and "qwen3-0-6b:8000" in shown
    (pod,) = server.get("/qwen3-0-6b").json()["pods"]
    (line,) = [line for line in shown.splitlines() if line.startswith(pod["name"])]
    assert line.split()[1:4] == ["Running", "yes", "0"] and pod["node"] in line

    done = works(server, "delete", "qwen3-0-6b", "--namespace", space, "--wait")
    assert done.stdout == "qwen3-0-6b is gone\n"
    assert refused(server, 66, "status", "qwen3-0-6b", "--namespace", space).startswith("ingot: there is no deployment")
    refused(server, 66, "delete", "qwen3-0-6b", "--namespace", space)
    assert works(server, "list", "--namespace", space).stdout == f"No deployments in {space}.\n"


@needs_simulation
def test_json_is_the_server_s_document(server, space):
    made = json.loads(works(server, "deploy", MODEL, "--name", "doc", "--namespace", space, "--json").stdout)
    assert (made["success"], made["name"], made["namespace"]) == (True, "doc", space)
    server.phase("doc", space, "Running")

    def printed(*arguments):
        return json.loads(works(server, *arguments, "--json", "--namespace", space).stdout)

    # Its conditions may still change between the two.
    until(lambda: printed("list") == server.get(params={"namespace": space}).json(), "the list is the server's")
    until(lambda: printed("status", "doc") == server.part("doc", space), "the deployment is the server's")
    ended = works(server, "delete", "doc", "--json", "--namespace", space).stdout
    assert json.loads(ended) == {"success": True, "message": "Deployment deleted"}

    waited = works(server, "deploy", MODEL, "--name", "doc2", "--namespace", space, "--json", "--wait").stdout
    assert json.loads(waited)["phase"] == "Running"


def test_every_argument_reaches_the_server(server, space):
    works(
        server, "deploy", MODEL, "--name", "all", "--namespace", space, "--provider", "vllm", "--engine", "vllm", "--gpus", 2,
        "--replicas", 0, "--context", 2048, "--set", "enforceEager=false", "--set", "servedModelName=small",
        "--set", 'env={"A": "b=c"}', "--set", 'resources={"memory": "8Gi"}',
    )
    # What was made is known when the cluster has told of it.
    server.wait_for("all", space)
    manifest = server.part("all", space, "/manifest")["resources"][0]["manifest"]
    (container,) = manifest["spec"]["template"]["spec"]["containers"]
    arguments = " ".join(container["args"])
    assert "2048" in arguments and "small" in arguments and "--enforce-eager" not in arguments
    assert {"name": "A", "value": "b=c"} in container["env"]
    assert str(container["resources"]["limits"]["nvidia.com/gpu"]) == "2"
    assert container["resources"]["requests"]["memory"] == "8Gi"


@needs_simulation
def test_logs_are_printed_and_followed(server, space):
    works(server, "deploy", MODEL, "--name", "talks", "--namespace", space, "--wait")

    def log(**headers):
        return requests.get(server.url + PATH + "/talks/logs", params={"tailLines": 5}, headers=headers, timeout=PATIENCE)

    def told():
        """The last lines in each form, unless more was written meanwhile: the engine reports now and then."""
        before = log().json()
        printed = works(server, "logs", "talks", "--tail", 5).stdout
        shown = json.loads(works(server, "logs", "talks", "--tail", 5, "--json").stdout)
        text = log(Accept="text/plain").text
        return (before, printed, shown, text) if log().json() == before else None

    logged, printed, shown, text = until(told, "nothing more is written while it is read")
    assert printed.splitlines() == text.splitlines() and len(printed.splitlines()) == len(logged["logs"].splitlines()) > 0
    assert shown == logged
    assert "no-pod" in refused(server, 64, "logs", "talks", "--pod", "no-pod")
    refused(server, 66, "logs", "nobody")
    refused(server, 64, "logs", "talks", "--follow", "--previous")
    command = [INGOT, "logs", "-f", "talks", "--server", server.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"PATH": "/usr/bin:/bin"}) as following:
        try:
            # It is following once the first line has come, and ends with the deployment.
            assert following.stdout.readline()
            works(server, "delete", "talks", "--wait")
            following.stdout.read()
            assert following.wait(PATIENCE) == 0
        finally:
            following.kill()


@needs_this_machine
def test_a_model_is_chatted_with(server, space):
    question = "What is the capital of France?"
    refused(server, 66, "chat", "talker", question)
    works(server, "deploy", "local/smol.gguf", "--name", "talker", "--namespace", space, "--context", 1024, "--wait")
    short = ["--max-tokens", 16, "--temperature", 0]
    completion = json.loads(works(server, "chat", "talker", question, *short, "--json").stdout)
    said = completion["choices"][0]["message"]["content"]
    assert said.strip()
    assert works(server, "chat", "talker", *question.split(), *short).stdout == said + "\n"
    # A conversation, line by line, in which the model is told what was said before.
    talk = subprocess.run(
        [INGOT, "chat", "talker", *map(str, short), "--system", "Answer briefly."], input=f"{question}\n\nAnd of Spain?\n",
        capture_output=True, text=True, timeout=PATIENCE, env={"PATH": "/usr/bin:/bin", "INGOT_SERVER": server.url},
    )
    assert (talk.returncode, talk.stderr) == (0, "") and len(talk.stdout.splitlines()) >= 2
    refused(server, 64, "chat", "talker", "--json")
    works(server, "deploy", MODEL, "--name", "asleep", "--namespace", space, "--gpus", 64)
    server.phase("asleep", space, "Pending")
    assert "asleep" in refused(server, 73, "chat", "asleep", question)


def test_what_the_server_refuses_is_said_in_its_words(server, space):
    near = refused(server, 64, "deploy", MODEL, "--namespace", space, "--engine", "vlm")
    assert near.startswith("ingot: ") and "did you mean vllm?" in near
    assert "replica" in refused(server, 64, "deploy", MODEL, "--namespace", space, "--set", "replica=1")
    works(server, "deploy", MODEL, "--name", "there", "--namespace", space, "--set", "replicas=0")
    assert "already" in refused(server, 73, "deploy", MODEL, "--name", "there", "--namespace", space)
    strict = refused(server, 1, "deploy", MODEL, "--namespace", space, "--gpus", 64, "--strict")
    assert "would not fit" in strict
    wide = works(server, "deploy", MODEL, "--name", "wide", "--namespace", space, "--gpus", 64)
    assert "ingot: warning: " in wide.stderr and "64 GPU(s)" in wide.stderr
    # Once the scheduler has said why, nothing is told otherwise any more.
    server.until(
        "/wide/diagnosis", lambda answer: answer.status_code == 200 and answer.json()["code"] == "INSUFFICIENT_GPU",
        params={"namespace": space},
    )
    shown = works(server, "status", "wide", "--namespace", space).stdout
    assert "Pending" in shown and "What helps:" in shown
    diagnosis = server.get("/wide/diagnosis", params={"namespace": space}).json()
    assert f"Why it is not running: {diagnosis['code']}: {diagnosis['summary']}" in shown


@needs_no_operators
def test_a_provider_that_is_not_installed_is_named(server, space):
    assert "Dynamo" in refused(server, 69, "deploy", MODEL, "--namespace", space, "--provider", "dynamo")


@needs_simulation
def test_wait_ends_with_the_failure(server, space):
    simulated = f'podAnnotations={{"{SIMULATE}": "CrashLoopBackOff"}}'
    done = ingot(server, "deploy", MODEL, "--name", "bad", "--namespace", space, "--wait", "--set", simulated)
    assert done.returncode == 1
    assert "bad: Failed" in done.stderr and f"see why: ingot status bad --namespace {space}" in done.stderr


def test_wait_ends_with_the_time(server, space):
    done = ingot(
        server, "deploy", MODEL, "--name", "late", "--namespace", space, "--wait", "--timeout", 10, "--gpus", 64, "--json",
    )
    # By then it is known.
    assert done.returncode == 1 and "late does not serve after 10 s" in done.stderr
    assert json.loads(done.stdout)["phase"] == "Pending"


def test_an_ambiguous_name_needs_its_namespace(server, space):
    other = server.namespace()
    for namespace in (space, other):
        works(server, "deploy", MODEL, "--name", "both", "--namespace", namespace, "--replicas", 0)
    server.until("/both", lambda answer: answer.status_code == 400)
    assert space in refused(server, 64, "status", "both") and other in refused(server, 64, "delete", "both")
    works(server, "delete", "both", "--namespace", other, "--wait")
    works(server, "delete", "both", "--wait")


@pytest.mark.parametrize(
    "arguments",
    [
        ["deploy"], ["deploy", MODEL, "--set", "x"], ["deploy", MODEL, "--set", "=1"], ["deploy", "//"], ["status"],
        ["delete"], ["deploy", MODEL, "--gpus", "many"], ["deploy", MODEL, "--timeout", "0"], ["list", "--server", "ftp://x"],
        ["list", "--server", "http://user:word@127.0.0.1"],
    ],
)
def test_wrong_arguments_end_with_64(arguments):
    refused(None, 64, *arguments)


def test_without_a_server_that_is_said(server, tmp_path):
    message = refused(None, 69, "list", "--server", "http://127.0.0.1:1")
    assert "no server answers at http://127.0.0.1:1" in message and "ingot serve" in message
    # What answers there is another program's business.
    assert works(None, "list", "--server", server.url.removeprefix("http://") + "/").stdout
    file = tmp_path / "config.json"
    file.write_text(json.dumps({"port": server.program.port}))
    assert works(None, "list", "--config", file).stdout
    file.write_text('{"port": 0}')
    assert "--server" in refused(None, 64, "list", "--config", file)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_can_complete_the_commands(shell):
    script = works(None, "--generate-completion-script", shell).stdout
    assert all(word in script for word in ("deploy", "namespace", "status", "delete"))
