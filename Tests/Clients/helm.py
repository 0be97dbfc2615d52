"""A stand-in for Helm, and servers that use it on a cluster that another server embeds."""

import contextlib
import json
import pathlib
import sys
import time

import requests

from conftest import INGOT, Program

ROOT = pathlib.Path(__file__).resolve().parents[2]
STAND_IN = ROOT / "Tests/Fixtures/helm/helm"
PATIENCE = 120


def until(condition, what, seconds=PATIENCE):
    """What the condition gives, once it gives something."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"never came true: {what}"


class Helm:
    """The stand-in's folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)

    @property
    def environment(self):
        return {"HELM_PATH": str(STAND_IN), "HELM_STAND_IN": str(self.folder)}

    def modes(self, modes):
        (self.folder / "modes.json").write_text(json.dumps(modes))

    def releases(self, state):
        (self.folder / "state.json").write_text(json.dumps(state))

    @property
    def state(self):
        path = self.folder / "state.json"
        return json.loads(path.read_text()) if path.exists() else {}

    @property
    def calls(self):
        path = self.folder / "calls.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def lines(self):
        """The arguments of the calls that change something, each as a list."""
        quiet = ("version", "status", "show")
        return [call["arguments"] for call in self.calls if call["arguments"][0] not in quiet]

    def forget(self):
        (self.folder / "calls.jsonl").unlink(missing_ok=True)

    def wait_for(self, *words):
        """The call that begins with these words, once there is one."""
        def found():
            return next((c for c in self.calls if c["arguments"][: len(words)] == list(words)), None)
        return until(found, f"helm {' '.join(words)}")


def by_simulation(url, verb, provider):
    """A command that has another server's embedded cluster play an operator, as a chart would bring it."""
    script = (
        "import sys, urllib.request as u;"
        "u.urlopen(u.Request(sys.argv[1], method='POST', headers={'Content-Type': 'application/json'}))"
    )
    return [sys.executable, "-c", script, f"{url}/api/installation/providers/{provider}/{verb}?force=true&wait=60"]


class Server:
    """A server to be asked."""

    def __init__(self, program):
        self.program = program
        self.url = program.url

    def ask(self, method, path, status=200, **options):
        answer = requests.request(method, self.url + "/api" + path, timeout=PATIENCE, **options)
        assert answer.status_code == status, answer.text
        return answer.json()

    def get(self, path, status=200, **options):
        return self.ask("GET", path, status, **options)

    def post(self, path, status=200, **options):
        return self.ask("POST", path, status, **options)

    def state(self, provider):
        return self.get(f"/installation/providers/{provider}/status")

    def task(self, identifier):
        return self.get(f"/tasks/{identifier}")["task"]

    def ready(self):
        """Waits until the server knows its cluster."""
        def known():
            return requests.get(f"{self.url}/api/installation/providers/dynamo/status", timeout=PATIENCE).ok
        until(known, "the cluster is known")
        return self

    def stop(self):
        self.program.stop(60)


@contextlib.contextmanager
def serving(data, *flags, environment=None):
    """A server on a data directory."""
    arguments = ["serve", "--port", "0", "--data-dir", data, *flags]
    program = Program([INGOT, *arguments], environment=environment)
    try:
        yield Server(program.ready()).ready()
        if program.process.poll() is None:
            program.stop(60)
    finally:
        program.kill()


def process_exists(number):
    return pathlib.Path(f"/proc/{number}").exists() and "Z" not in _state(number)


def _state(number):
    try:
        return pathlib.Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "Z"


