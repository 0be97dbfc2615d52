"""Starts the programs that are measured and those that measure, and ends them whatever happens."""

import ctypes
import json
import os
import re
import resource
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

    def ingot_command(self, *arguments):
        data = self.directory / "data"
        return [self.executables / "ingot", "serve", "--data-dir", data, *arguments]

    def ingot(self, *arguments, cluster="none"):
        """Ingot without a cluster, unless told."""
        name = "-".join(["ingot", cluster, *(word.strip("-") for word in arguments)])
        return Server(name, self.ingot_command("--port", "0", "--cluster", cluster, *arguments), self.directory)

    def cluster(self, nodes, pods, *ends):
        """An API server with a large cluster, in which so many pods end or start again in a second."""
        numbers = [str(number) for number in (nodes, pods, *ends)]
        return Server("cluster", [self.executables / "ClusterBenchmark", *numbers], self.directory)

    def capacity(self, rounds):
        """What the capacity core takes: what CapacityBenchmark prints."""
        models = HERE.parent / "CapacityTests" / "Data" / "models.json"
        process = subprocess.run(
            [self.executables / "CapacityBenchmark", models, str(rounds)],
            capture_output=True, text=True, preexec_fn=_prepare_child)
        if process.returncode != 0:
            raise Failure(f"CapacityBenchmark: {process.stderr.strip()}")
        return json.loads(process.stdout)

    def ingot_with(self, api):
        """Ingot with the cluster of that API server."""
        named = {"name": "large", "cluster": {"server": api.url("")}}
        kubeconfig = self.directory / "kubeconfig"
        kubeconfig.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "large", "clusters": [named],
            "users": [{"name": "nobody", "user": {}}],
            "contexts": [{"name": "large", "context": {"cluster": "large", "user": "nobody"}}],
        }))
        command = self.ingot_command("--port", "0", "--kubeconfig", kubeconfig)
        return Server("ingot-cluster", command, self.directory)

    def large_ingot(self):
        return Server("large", [self.executables / "HTTPServerBenchmark"], self.directory)

    def fastapi(self, *arguments):
        return Server("fastapi", [sys.executable, HERE / "fastapi_server.py", *arguments], self.directory)

    def wrk(self, server, seconds, path=HEALTH, connections=64):
        """Requests per second that one wrk thread gets out of a server."""
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", server.url(path)]
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
        """Starts Ingot and asks until it answers: the time from before the fork to the end of the answer."""
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        begin = time.monotonic()
        with Child(self.ingot_command("--port", str(port), "--cluster", cluster), subprocess.DEVNULL, subprocess.DEVNULL):
            while time.monotonic() < begin + 10:
                try:
                    fetch(port, HEALTH)
                    return (time.monotonic() - begin) * 1000
                except ConnectionRefusedError:
                    time.sleep(0.0002)
        raise Failure("ingot did not answer within 10 s")


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

    def __init__(self, command, stdout, stderr=None, stdin=None):
        self.process = subprocess.Popen(
            command, stdin=stdin, stdout=stdout, stderr=stderr, text=True, preexec_fn=_prepare_child)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Server(Child):
    """A running server. What it writes goes to files."""

    def __init__(self, name, command, directory):
        self.name = name
        self.out = directory / f"{name}.out"
        self.log = directory / f"{name}.log"
        for path in (self.out, self.log):
            path.write_text("")
        # For appending: what is written after the files were emptied begins at their start.
        with open(self.out, "a") as out, open(self.log, "a") as log:
            super().__init__(command, stdout=out, stderr=log)
        self.port = self._ready_port()

    def _ready_port(self):
        end = time.monotonic() + 30
        while time.monotonic() < end and self.process.poll() is None:
            ready = READY.search(self.out.read_text())
            if ready:
                return int(ready[1])
            time.sleep(0.01)
        self.__exit__()
        raise Failure(f"{self.name} did not start: {self.log.read_text()[-2000:]}")

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
