"""A model that is really served: llama.cpp in a container on this machine, from its image's name on."""

import os
import re
import select
import signal
import subprocess

import pytest
import requests

import machine
from conftest import INGOT
from waiting import PATIENCE

CONTAINER = INGOT.parent / "LocalContainerFixture"


@pytest.fixture(scope="module")
def model():
    return machine.model_file()


def run_image(log, *arguments):
    """A program that runs a container of llama.cpp's image until its standard input ends."""
    return subprocess.Popen(
        [CONTAINER, "image", log, machine.IMAGE, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PATH": machine.search_path()},
    )


class Served:
    """A container with llama.cpp's server, and the program that runs it."""

    def __init__(self, model, log):
        self.log = log
        options = ["--port", "0", "--alias", "smollm2", "--ctx-size", "512", "--threads", "1", "--no-warmup"]
        self.program = run_image(log, "--model", model, "--host", "0.0.0.0", *options)
        word, process, self.address = self.program.stdout.readline().split()
        assert word == "started"
        self.process = int(process)
        self.url = self._wait_for_url()

    def _wait_for_url(self):
        with subprocess.Popen(["tail", "-n", "+1", "-F", self.log], stdout=subprocess.PIPE, text=True) as lines:
            # Ends the loop below if the server does.
            watched = os.pidfd_open(self.process)
            try:
                for line in lines.stdout:
                    listening = re.search(r"listening on (http://([\d.]+):\d+)", line)
                    if listening:
                        assert listening[2] == self.address
                        return listening[1]
                    assert not select.select([watched], [], [], 0)[0], self.log.read_text()
            finally:
                os.close(watched)
                lines.kill()

    def chat(self, text):
        return requests.post(
            f"{self.url}/v1/chat/completions",
            json={"messages": [{"role": "user", "content": text}], "max_tokens": 16, "temperature": 0},
            timeout=PATIENCE,
        )

    def has_ended(self):
        """Waits for the end of the server's process."""
        try:
            watched = os.pidfd_open(self.process)
        except ProcessLookupError:
            return True
        with open(watched):
            return bool(select.select([watched], [], [], PATIENCE)[0])


@pytest.fixture
def served(model, tmp_path):
    served = Served(model, tmp_path / "0.log")
    yield served
    served.program.kill()
    served.program.wait()


def test_a_model_in_a_container_answers_a_chat_and_ends_when_it_is_stopped(served):
    assert requests.get(f"{served.url}/health", timeout=PATIENCE).json() == {"status": "ok"}
    assert [model["id"] for model in requests.get(f"{served.url}/v1/models", timeout=PATIENCE).json()["data"]] == [
        "smollm2"
    ]
    answer = served.chat("What is the capital of France?")
    assert answer.status_code == 200
    body = answer.json()
    assert body["object"] == "chat.completion" and body["model"] == "smollm2"
    assert len(body["choices"][0]["message"]["content"].strip()) > 0
    assert 0 < body["usage"]["completion_tokens"] <= 16

    served.program.stdin.close()
    assert served.program.stdout.readline() == "ended 0 Completed\n"
    assert served.program.wait(timeout=PATIENCE) == 0
    assert served.has_ended()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{served.url}/health", timeout=PATIENCE)

    # The log is llama.cpp's own, in the form that container runtimes write.
    lines = served.log.read_text().splitlines()
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (stdout|stderr) [FP] .*", line) for line in lines)
    assert any("load_model: loading model" in line for line in lines)
    assert any("launch_slot_" in line for line in lines)


def test_the_server_does_not_outlive_a_program_that_is_killed(served):
    os.kill(served.program.pid, signal.SIGKILL)
    assert served.has_ended()


def test_a_model_that_does_not_exist_is_the_log_s_last_word(tmp_path):
    log = tmp_path / "0.log"
    with run_image(log, "--model", tmp_path / "none.gguf") as program:
        assert program.stdout.readlines()[-1] == "ended 1 Error\n"
    assert "failed to load the model" in log.read_text()
