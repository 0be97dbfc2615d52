"""Starts the programs that are measured and those that measure, and ends them whatever happens."""

import ctypes
import json
import os
import re
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
READY = re.compile(r"listening on http://127\.0\.0\.1:(\d+)")
HEALTH = "/api/health"
_libc = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_IN_MODIFY = 2


def _prepare_child():
    """Runs in the child before exec: it ends with this program, and may open as many files as the system lets it."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class Failure(Exception):
    """A measurement that says nothing, because something went wrong in it."""


class Programs:
    """Where everything that is started lies. One for a run."""

    def __init__(self, executables):
        self.executables = Path(executables).resolve()
        self.directory = Path(tempfile.mkdtemp(prefix="ingot-bench-"))

    def compile(self, *names):
        """Compiles the C programs of this folder."""
        for name in names:
            command = ["gcc", "-std=gnu17", "-O2", "-Wall", "-Wextra", "-Werror"]
            subprocess.run([*command, "-o", self.directory / name, HERE / f"{name}.c"], check=True)

    def floor(self):
        return Server("floor", [self.directory / "floor"], self.directory)

    def ingot_command(self, *arguments, data="data"):
        return [self.executables / "ingot", "serve", "--data-dir", self.directory / data, *arguments]

    def ingot(self, *arguments, cluster="none"):
        """Ingot without a cluster, unless told, and with a data folder of its own."""
        name = "-".join(["ingot", cluster, *(word.strip("-") for word in arguments)])
        command = self.ingot_command("--port", "0", "--cluster", cluster, *arguments, data=f"data-{name}")
        return Server(name, command, self.directory)

    @property
    def embedded_kubeconfig(self):
        """That of the cluster that Ingot embeds."""
        return self.directory / "data-ingot-embedded" / "embedded-cluster" / "kubeconfig"

    def cluster(self, nodes, pods, *ends):
        """An API server with a large cluster, in which so many pods end or start again in a second."""
        return self._api("cluster", nodes, pods, *ends)

    def deployments(self, nodes, count, changes, name="deployments"):
        """An API server with so many deployments, so many of whose pods change in a second."""
        return self._api(name, "deployments", nodes, count, changes)

    def _api(self, name, *arguments):
        command = [self.executables / "ClusterBenchmark", *(str(argument) for argument in arguments)]
        return Server(name, command, self.directory)

    def capacity(self, rounds):
        """What the capacity core takes: what CapacityBenchmark prints."""
        models = HERE.parent / "CapacityTests" / "Data" / "models.json"
        process = subprocess.run(
            [self.executables / "CapacityBenchmark", models, str(rounds)],
            capture_output=True, text=True, preexec_fn=_prepare_child)
        if process.returncode != 0:
            raise Failure(f"CapacityBenchmark: {process.stderr.strip()}")
        return json.loads(process.stdout)

    def ingot_with(self, api, **environment):
        """Ingot with the cluster of that API server."""
        named = {"name": "large", "cluster": {"server": api.url("")}}
        kubeconfig = self.directory / f"kubeconfig-{api.name}"
        kubeconfig.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "large", "clusters": [named],
            "users": [{"name": "nobody", "user": {}}],
            "contexts": [{"name": "large", "context": {"cluster": "large", "user": "nobody"}}],
        }))
        return self.ingot_of(kubeconfig, f"ingot-{api.name}", **environment)

    def ingot_of(self, kubeconfig, name, **environment):
        """Ingot with the cluster that a kubeconfig names, and with a data folder of its own."""
        data = self.directory / f"data-{name}"
        command = [
            self.executables / "ingot", "serve", "--port", "0", "--data-dir", data, "--kubeconfig", kubeconfig]
        return Server(name, command, self.directory, environment)

    def followers(self, server, path, connections, seconds):
        """How long changes take to those who follow server-sent events: what followers.c prints."""
        command = [self.directory / "followers", str(server.port), path, str(connections), str(seconds)]
        process = subprocess.run(command, capture_output=True, text=True, preexec_fn=_prepare_child)
        if process.returncode != 0:
            raise Failure(f"followers of {server.name}: {process.stderr.strip()}")
        return json.loads(process.stdout)

    def large_ingot(self):
        return Server("large", [self.executables / "HTTPServerBenchmark"], self.directory)

    def fastapi(self, *arguments):
        return Server("fastapi", [sys.executable, HERE / "fastapi_server.py", *arguments], self.directory)

    def wrk(self, server, seconds, path=HEALTH, connections=64, fields=None):
        """Requests per second that one wrk thread gets out of a server."""
        named = [word for name, value in (fields or {}).items() for word in ("-H", f"{name}: {value}")]
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", *named, server.url(path)]
        output = subprocess.run(
            command, check=True, capture_output=True, text=True, preexec_fn=_prepare_child).stdout
        errors = re.search(r"Non-2xx.*|Socket errors.*", output)
        rate = re.search(r"Requests/sec:\s*([\d.]+)", output)
        if errors or not rate:
            raise Failure(f"{server.name}: {errors[0] if errors else output}")
        return float(rate[1])

    def pace(self, server, connections, rate, seconds, path=HEALTH):
        """Latencies at a fixed rate: what pace.c prints."""
        command = [self.directory / "pace", str(server.port), path, str(connections), str(rate), str(seconds)]
        process = subprocess.run(command, capture_output=True, text=True, preexec_fn=_prepare_child)
        if process.returncode != 0:
            raise Failure(f"pace against {server.name}: {process.stderr.strip()}")
        result = json.loads(process.stdout)
        if result["rate"] < 0.95 * rate:
            raise Failure(f"{server.name} answered {result['rate']:.0f} of {rate:.0f} requests/s")
        return result

    def idle(self, server, connections):
        return Crowd([self.directory / "idle", str(server.port), HEALTH, str(connections)])

    def slow(self, server, connections):
        return Crowd([sys.executable, HERE / "slow.py", str(server.port), str(connections)])

    def first_answer_milliseconds(self, cluster="none"):
        """Starts Ingot and asks it as soon as it says that it listens: the time from before the fork to the end of the answer."""
        begin = time.monotonic()
        with Child(
            self.ingot_command("--port", "0", "--cluster", cluster), subprocess.PIPE, subprocess.DEVNULL) as child:
            # Ends at the latest when the program does.
            for line in child.process.stdout:
                ready = READY.search(line)
                if ready:
                    fetch(int(ready[1]), HEALTH)
                    return (time.monotonic() - begin) * 1000
        raise Failure("ingot ended before it answered")


def fetch(port, path):
    """The body of the answer to a GET on a connection of its own."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        response = b"".join(iter(lambda: connection.recv(1 << 20), b""))
    head, _, body = response.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 "):
        raise Failure(f"{path}: {head.splitlines()[:1]}")
    return body


class Child:
    """A process that ends with the `with` block, at the latest with this program."""

    def __init__(self, command, stdout, stderr=None, stdin=None, environment=None):
        self.process = subprocess.Popen(
            command, stdin=stdin, stdout=stdout, stderr=stderr, text=True, preexec_fn=_prepare_child,
            env={**os.environ, **(environment or {})})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class FileChanges:
    """Tells when something is written to a file (Linux: inotify)."""

    def __init__(self, path):
        self.descriptor = _libc.inotify_init1(os.O_CLOEXEC)
        if self.descriptor < 0 or _libc.inotify_add_watch(self.descriptor, os.fsencode(path), _IN_MODIFY) < 0:
            raise OSError(f"{path} cannot be watched")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.descriptor)

    def wait(self, seconds, pid):
        """Returns when something has been written since the last time, when that process has ended, or when the time is over."""
        process = os.pidfd_open(pid)
        try:
            ready, _, _ = select.select([self.descriptor, process], [], [], seconds)
        finally:
            os.close(process)
        if self.descriptor in ready:
            os.read(self.descriptor, 4096)


class Server(Child):
    """A running server. What it writes goes to files."""

    def __init__(self, name, command, directory, environment=None):
        self.name = name
        self.out = directory / f"{name}.out"
        self.log = directory / f"{name}.log"
        for path in (self.out, self.log):
            path.write_text("")
        # For appending: what is written after the files were emptied begins at their start.
        with open(self.out, "a") as out, open(self.log, "a") as log:
            super().__init__(command, stdout=out, stderr=log, environment=environment)
        self.port = self._ready_port()

    def _ready_port(self):
        ready = self.wait_for_output(READY.search, 30)
        if ready:
            return int(ready[1])
        self.__exit__()
        raise Failure(f"{self.name} did not start: {self.log.read_text()[-2000:]}")

    def wait_for_output(self, find, seconds):
        """What `find` makes of all that the server has written on its standard output, as soon as that is something; None when the
        time is over, or the server."""
        end = time.monotonic() + seconds
        with FileChanges(self.out) as changes:
            while True:
                found = find(self.out.read_text())
                left = end - time.monotonic()
                if found or left <= 0 or self.process.poll() is not None:
                    return found or None
                changes.wait(left, self.process.pid)

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def fetch(self, path):
        return fetch(self.port, path)

    def forget_log(self):
        """Empties what it has written, which would fill the disk otherwise."""
        os.truncate(self.log, 0)
        os.truncate(self.out, 0)

    def resident_megabytes(self):
        return self._megabytes("VmRSS")

    def peak_megabytes(self):
        """The most memory that was resident since the start."""
        return self._megabytes("VmHWM")

    def _megabytes(self, name):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{name}:\s*(\d+) kB", status)[1]) * 1024 / 1e6

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


class Crowd(Child):
    """Connections that a program opens: it prints a line when they stand."""

    def __init__(self, command):
        super().__init__(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if not self.process.stdout.readline():
            self.__exit__()
            raise Failure(f"{command[0]} did not open its connections")
