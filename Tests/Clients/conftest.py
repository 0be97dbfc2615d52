"""Starts the programs that the tests talk to: the real server and a fixture with a route for each thing it can do."""

import contextlib
import itertools
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import subprocess
import threading
import time

import pytest

import cluster
import confidential
import hub as stand_in
import kept
import leaks
from waiting import PATIENCE

ROOT = pathlib.Path(__file__).resolve().parents[2]
INGOT = pathlib.Path(os.environ.get("INGOT_EXECUTABLE", ROOT / ".build/debug/ingot"))
FIXTURE = pathlib.Path(os.environ.get("FIXTURE_EXECUTABLE", INGOT.parent / "HTTPServerFixture"))

# Where nothing answers: what a test does not name is not to be asked of the real Hub.
NOWHERE = "http://127.0.0.1:1"

confidential.watch_requests()
kept.watch_commands(INGOT)


def pytest_sessionfinish(session):
    """Looks for the secrets of all tests in all that Ingot wrote, once all have ended."""
    if hasattr(session.config, "workerinput") or session.config.option.collectonly:
        return
    session.config.search = search = leaks.Search()
    if not search.passed:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    if hasattr(config, "search"):
        config.search.report(terminalreporter)


class Program:
    """A server process: its address, its output so far, and its end. What it writes is searched for secrets, so it writes much."""

    def __init__(self, arguments, environment=None, descriptors=None):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("INGOT_") and k not in ("PORT", "HF_ENDPOINT")}
        arguments = [str(a) for a in arguments]
        if "serve" in arguments[1:2] and "--log-level" not in arguments:
            arguments += ["--log-level", "trace"]
        self.kept = kept.Kept(arguments, environment or {})
        # Not by a function that the child calls: what locks other threads of this process hold stay locked there.
        limited = ["sh", "-c", 'ulimit -n "$0" && exec "$@"', str(descriptors)] if descriptors else []
        self.process = subprocess.Popen(
            limited + arguments,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**clean, "HF_ENDPOINT": NOWHERE, **(environment or {})},
        )
        self.name = self.url = None
        self.errors = []
        self.changed = threading.Condition()
        threading.Thread(target=self._collect, daemon=True).start()
        self.lines = queue.Queue()
        threading.Thread(target=self._lines, daemon=True).start()

    def _collect(self):
        with self.kept.file("errors.log") as file:
            for line in self.process.stderr:
                file.write(line)
                with self.changed:
                    self.errors.append(line.rstrip("\n"))
                    self.changed.notify_all()

    def _lines(self):
        with self.kept.file("output.log") as file:
            for line in self.process.stdout:
                file.write(line)
                self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def ready(self):
        line = self.lines.get(timeout=PATIENCE)
        assert line is not None, "ended before it was ready: " + "\n".join(self.errors)
        match = re.fullmatch(r"(ingot|fixture) listening on (https?://127\.0\.0\.1:(\d+))", line)
        assert match, line
        self.name, self.url, self.port = match[1], match[2], int(match[3])
        return self

    def wait_for_error(self, pattern, seconds=PATIENCE):
        """Returns once a line of standard error matches."""
        deadline = time.monotonic() + seconds
        with self.changed:
            while True:
                for line in self.errors:
                    if re.search(pattern, line):
                        return line
                rest = deadline - time.monotonic()
                assert rest > 0, f"no line matches {pattern}: " + "\n".join(self.errors)
                self.changed.wait(rest)

    def signal(self, number):
        self.process.send_signal(number)

    def end(self, seconds=PATIENCE):
        """The exit status of a process that is about to end."""
        return self.process.wait(timeout=seconds)

    def stop(self, seconds=PATIENCE):
        """Has the program end gently."""
        self.ask_everything()
        assert self.process.poll() is None, "it died: " + "\n".join(self.errors)
        self.signal(signal.SIGTERM)
        assert self.end(seconds) == 0

    def kill(self):
        if self.process.poll() is None:
            self.ask_everything()
            self.process.kill()
        self.process.wait()

    def ask_everything(self):
        """Keeps what every GET route answers now."""
        if self.name == "ingot":
            self.kept.ask(self.url)


@pytest.fixture
def start(tmp_path):
    """Starts programs and kills them after the test."""
    programs = []

    def run(*arguments, executable=INGOT, **options):
        assert executable.exists(), f"{executable} is not built: run swift build"
        program = Program([executable, *arguments], **options)
        programs.append(program)
        return program

    yield run
    for program in programs:
        program.kill()


@pytest.fixture
def serve(start, tmp_path):
    """Starts `ingot serve` on a free port, without a cluster unless the test asks for one."""

    def run(*arguments, cluster="none", **options):
        flags = ["--port", "0", "--data-dir", tmp_path / "data", "--cluster", cluster]
        return start("serve", *flags, *arguments, **options).ready()

    return run


@pytest.fixture
def hub():
    """A stand-in for the Hugging Face Hub."""
    with stand_in.Hub() as started:
        yield started


@pytest.fixture
def server(serve, hub):
    """A server whose Hub is the stand-in."""
    return serve(environment={"HF_ENDPOINT": hub.url})


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A server and its stand-in for the Hub, for several tests that neither change the one nor have the other keep anything."""
    flags = ["--port", "0", "--data-dir", tmp_path_factory.mktemp("data"), "--cluster", "none"]
    with stand_in.Hub() as hub:
        program = Program([INGOT, "serve", *flags], environment={"HF_ENDPOINT": hub.url}).ready()
        yield program, hub
        program.kill()


@pytest.fixture(scope="session")
def ingot(tmp_path_factory):
    """One real server for all tests that only ask."""
    folder = tmp_path_factory.mktemp("data")
    flags = ["--port", "0", "--data-dir", folder, "--cluster", "none"]
    with stand_in.Hub() as hub:
        program = Program([INGOT, "serve", *flags], environment={"HF_ENDPOINT": hub.url}).ready()
        yield program
        program.kill()


@pytest.fixture(scope="session")
def embedded():
    """Runs a server with an embedded cluster in a folder, for several tests, and has it end gently."""

    @contextlib.contextmanager
    def run(data, *flags):
        program = Program([INGOT, "serve", "--port", "0", "--data-dir", data, "--cluster", "embedded", *flags]).ready()
        try:
            yield program
            program.stop()
        finally:
            program.kill()

    return run


@pytest.fixture(scope="session")
def kubeconfig(tmp_path_factory, embedded):
    """The kubeconfig of an embedded cluster for all tests that keep to a namespace of their own."""
    data = tmp_path_factory.mktemp("cluster")
    with embedded(data):
        printed = subprocess.run([INGOT, "kubeconfig", "--data-dir", data], capture_output=True, text=True, check=True)
        yield pathlib.Path(printed.stdout.strip())


namespace_numbers = itertools.count(1)


@pytest.fixture
def namespace(kubeconfig, tmp_path):
    """A namespace for one test."""
    kubectl = cluster.Kubectl(kubeconfig, tmp_path)
    name = f"test-{next(namespace_numbers)}"
    kubectl("create", "namespace", name)
    kubectl.until(lambda: kubectl.run("--namespace", name, "get", "serviceaccount", "default").status == 0,
                  "the namespace has its service account")
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def kubectl(kubeconfig, namespace, tmp_path):
    """kubectl in a namespace for one test."""
    return cluster.Kubectl(kubeconfig, tmp_path, namespace)


@pytest.fixture(scope="session")
def widgets(kubeconfig, tmp_path_factory):
    """A custom resource definition that several tests use."""
    kubectl = cluster.Kubectl(kubeconfig, tmp_path_factory.mktemp("home"))
    kubectl.apply(cluster.WIDGETS)
    kubectl("wait", "--for=condition=Established", "crd/widgets.example.com")


@pytest.fixture(scope="session", params=["epoll", "dispatch"])
def fixture(request):
    """One fixture server for each poller."""
    flags = ["--dispatch-poller"] if request.param == "dispatch" else []
    program = Program([FIXTURE, *flags]).ready()
    yield program
    assert program.process.poll() is None, "the fixture died: " + "\n".join(program.errors)
    program.signal(signal.SIGTERM)
    assert program.end() == 0


@pytest.fixture(scope="session")
def tool():
    """The path of a command that a Debian package brings."""

    def find(name, package):
        path = shutil.which(name)
        assert path, f"{name} is missing: apt-get install {package}"
        return path

    return find


@pytest.fixture(scope="session")
def openapi(ingot):
    import requests

    return json.loads(requests.get(ingot.url + "/api/openapi.json", timeout=PATIENCE).text)
