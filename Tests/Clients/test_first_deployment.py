"""The README's first deployment, word for word: a model on this machine, from one request to its end."""

import json
import re
import subprocess

import pytest

import machine
from conftest import ROOT
from deployments import needs_this_machine, running
from waiting import PATIENCE

README = (ROOT / "README.md").read_text()
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"


def commands(text):
    """The commands of a block, those that go on in the next line put together."""
    return [line for line in text.replace("\\\n", " ").splitlines() if line and not line.startswith("#")]


@pytest.fixture
def section():
    """The section's blocks of commands."""
    text = README.split("## Your first deployment")[1].split("\n## ")[0]
    blocks = [commands(block) for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)]
    assert len(blocks) == 2
    return blocks


@pytest.fixture
def server(tmp_path):
    models = tmp_path / "models"
    models.mkdir()
    (models / FILE).symlink_to(machine.model_file())
    with running(tmp_path / "data", "--models-dir", models) as started:
        yield started


@needs_this_machine
def test_the_readme_s_commands_serve_a_model_and_end_it(server, section, tmp_path):
    (llama, start), steps = section
    # The file and llama.cpp are there already, and the flags are those of this server but for the folder and the port.
    assert llama == "make llama"
    assert start.endswith('make run ARGS="--embedded-cluster --models-dir $PWD/.venv/llama/models"')

    def on_this_server(command):
        assert command.startswith("curl -s") and "localhost:3001" in command, command
        return ["bash", "-c", "exec " + command.replace("localhost:3001", server.url.removeprefix("http://"))]

    def run(command):
        done = subprocess.run(on_this_server(command), capture_output=True, text=True, timeout=PATIENCE, cwd=tmp_path)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout

    post, status, chat, manifest, follow, delete = steps
    assert '"success":true' in run(post)
    # Within a minute, says the README; a busy machine may take longer.
    deployment = server.phase("smol", "kubefoundry", "Running")
    assert deployment["provider"] == "llamacpp" and deployment["servedModelName"] == "smollm2"
    assert deployment["replicas"] == {"desired": 1, "ready": 1, "available": 1}
    assert '"phase":"Running"' in run(status)
    completion = json.loads(run(chat))
    assert (completion["object"], completion["model"]) == ("chat.completion", "smollm2")
    assert completion["choices"][0]["message"]["content"].strip()
    assert '"kind":"Deployment"' in run(manifest)
    (process,) = [process for process in machine.processes(server.program.process.pid) if "--model" in process.command]
    with subprocess.Popen(on_this_server(follow), stdout=subprocess.PIPE, text=True) as following:
        try:
            assert any("load_model: loading model" in line for line in following.stdout)
            assert '"success":true' in run(delete)
            assert process.has_ended()
            # What is followed ends with what is written.
            following.stdout.read()
            assert following.wait(PATIENCE) == 0
        finally:
            following.kill()
    server.gone("smol", "kubefoundry")
    server.kubectl.until(lambda: not server.objects("kubefoundry"), "nothing of it is left")
