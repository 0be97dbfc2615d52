"""A stand-in for Helm, and servers that use it on a cluster that another server embeds."""

import contextlib
import fcntl
import json
import os
import pathlib
import sys

import requests

from cluster import KUBECTL
from conftest import INGOT, Program
from waiting import PATIENCE, until

ROOT = pathlib.Path(__file__).resolve().parents[2]
STAND_IN = ROOT / "Tests/Fixtures/helm/helm"


class Helm:
    """The stand-in's folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)

    @property
    def environment(self):
        return {"HELM_PATH": str(STAND_IN), "HELM_STAND_IN": str(self.folder)}

    def _write(self, name, text):
        """Replaces a file as a whole: the stand-in may read it at any time."""
        new = self.folder / f"{name}.{os.getpid()}"
        new.write_text(text)
        new.rename(self.folder / name)

    def modes(self, modes):
        self._write("modes.json", json.dumps(modes))

    def definitions(self, *objects):
        """What every chart has in its folder of definitions."""
        self._write("crds.yaml", "".join(f"---\n{json.dumps(each)}\n" for each in objects))

    def releases(self, state):
        self._write("state.json", json.dumps(state))

    @property
    def state(self):
        path = self.folder / "state.json"
        return json.loads(path.read_text()) if path.exists() else {}

    @property
    def calls(self):
        path = self.folder / "calls.jsonl"
        if not path.exists():
            return []
        with path.open() as file:
            # The stand-in has the lock until a line is there as a whole.
            fcntl.flock(file, fcntl.LOCK_SH)
            return [json.loads(line) for line in file]

    @property
    def lines(self):
        """The arguments of the calls that change something, each as a list."""
        quiet = ("version", "history", "show")
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
    return [sys.executable, "-c", script, f"{url}/api/installation/providers/{provider}/{verb}?force=true&wait={PATIENCE}"]


# What stands for a chart's operator in a cluster of any kind: a definition, a namespace, and a pod that has the labels and does nothing.
OPERATORS = {
    "kuberay": ("ray.io", "v1", "rayservices", "RayService", "kuberay-system", "Namespaced", {"app.kubernetes.io/name": "kuberay-operator"}),
    "gpu-operator": ("nvidia.com", "v1", "clusterpolicies", "ClusterPolicy", "gpu-operator", "Cluster", {"app": "gpu-operator"}),
}


def operator(provider, namespace=None):
    """The objects that a chart would make: those that a removal leaves, and the others."""
    group, version, plural, kind, usual, scope, labels = OPERATORS[provider]
    namespace = namespace or usual
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group, "scope": scope,
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": kind + "List"},
            "versions": [{
                "name": version, "served": True, "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            }],
        },
    }
    labels = {**labels, "app.kubernetes.io/version": "9.9.9"}
    workload = {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "ingot-test-operator", "namespace": namespace},
        "spec": {
            "replicas": 1, "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "operator", "image": "registry.k8s.io/pause:3.10"}]},
            },
        },
    }
    return [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}, definition], [workload]


def by_objects(folder, verb, provider):
    """A command that makes what a chart would make, or takes it away, in the cluster that helm is told."""
    kept, others = operator(provider)
    objects = kept + others if verb == "install" else others
    file = pathlib.Path(folder) / f"{provider}-{verb}.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
    if verb == "install":
        namespace = others[0]["metadata"]["namespace"]
        ready = f"'{KUBECTL}' --namespace {namespace} rollout status deployment/ingot-test-operator"
        return ["sh", "-c", f"'{KUBECTL}' apply -f '{file}' && {ready}"]
    return [str(KUBECTL), "delete", "--ignore-not-found", "-f", str(file)]


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
        until(lambda: requests.get(f"{self.url}/readyz", timeout=PATIENCE).ok, "the cluster is known")
        return self

    def stop(self):
        self.program.stop()


@contextlib.contextmanager
def serving(data, *flags, environment=None):
    """A server on a data directory."""
    arguments = ["serve", "--port", "0", "--data-dir", data, *flags]
    program = Program([INGOT, *arguments], environment=environment)
    try:
        yield Server(program.ready()).ready()
        if program.process.poll() is None:
            program.stop()
    finally:
        program.kill()


def process_exists(number):
    return pathlib.Path(f"/proc/{number}").exists() and "Z" not in _state(number)


def _state(number):
    try:
        return pathlib.Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "Z"


