"""What the tests of deployments share: a server with an embedded cluster of its own, questions to it, and the documented fields."""

import contextlib
import itertools
import signal
import time

import requests

import hub as stand_in
import machine
from cluster import Kubectl
from conftest import INGOT, Program
from machine import PATIENCE

PATH = "/api/deployments"
MODEL = "Qwen/Qwen3-0.6B"
# The body that the document shows.
DOCUMENTED_BODY = {
    "name": "qwen-deployment", "namespace": "kubefoundry", "modelId": MODEL, "engine": "vllm", "mode": "aggregated",
    "replicas": 1, "hfTokenSecret": "hf-token-secret", "enforceEager": True, "enablePrefixCaching": False,
    "trustRemoteCode": False,
}
# The fields of a deployment that the document shows, and those that clients read besides.
DOCUMENTED = {
    "name": str, "namespace": str, "modelId": str, "engine": str, "phase": str, "replicas": dict, "pods": list,
    "createdAt": str,
}
EXTRA = {"servedModelName": str, "mode": str, "provider": str, "managed": bool, "conditions": list}
REPLICAS = {"desired": int, "ready": int, "available": int}
DOCUMENTED_OF_A_POD = {"name": str, "phase": str, "ready": bool, "restarts": int}


class Server:
    """A server with an embedded cluster, and kubectl for it."""

    def __init__(self, program, data, hub):
        self.program = program
        self.url = program.url
        self.data = data
        self.hub = hub
        self.kubectl = Kubectl(data / "embedded-cluster/kubeconfig", data)
        self.numbers = itertools.count(1)

    def ask(self, method, path, status=200, **options):
        answer = requests.request(method, self.url + path, timeout=PATIENCE, **options)
        assert answer.status_code == status, answer.text
        assert answer.headers["Content-Type"].startswith("application/json")
        return answer

    def get(self, path="", status=200, **options):
        return self.ask("GET", PATH + path, status, **options)

    def create(self, status=201, params=None, headers=None, **body):
        """Asks for a deployment; what is not said is a model of the Hub in the namespace by default."""
        body = {"name": "one", "modelId": MODEL, **body}
        return self.ask("POST", PATH, status, json=body, params=params, headers=headers)

    def delete(self, name, namespace, status=200):
        return self.ask("DELETE", f"{PATH}/{name}", status, params={"namespace": namespace})

    def until(self, path, condition, seconds=PATIENCE, **options):
        """Asks again and again until the condition holds for the answer."""
        deadline = time.monotonic() + seconds
        while True:
            answer = requests.get(self.url + PATH + path, timeout=PATIENCE, **options)
            if condition(answer):
                return answer
            assert time.monotonic() < deadline, f"{answer.status_code} {answer.text}"

    def phase(self, name, namespace, phase):
        """The deployment, once it has that phase."""
        params = {"namespace": namespace}
        return self.until(
            f"/{name}", lambda answer: answer.status_code == 200 and answer.json()["phase"] == phase, params=params
        ).json()

    def gone(self, name, namespace):
        """Waits until the deployment is not known any more."""
        self.until(f"/{name}", lambda answer: answer.status_code == 404, params={"namespace": namespace})

    def namespace(self):
        """A namespace of the test's own."""
        name = f"space-{next(self.numbers)}"
        self.kubectl("create", "namespace", name)
        return name

    def objects(self, namespace, kinds="deployments,services,replicasets,pods,configmaps"):
        """The names of the objects in a namespace, with their kinds."""
        names = self.kubectl.text("--namespace", namespace, "get", kinds, "-o", "name").splitlines()
        return {name for name in names if name != "configmap/kube-root-ca.crt"}


@contextlib.contextmanager
def running(data, *flags):
    """A server whose Hub is the stand-in, and whose pods on this machine are served by llama.cpp."""
    with stand_in.Hub() as hub:
        environment = {
            "PATH": machine.search_path(), "HF_ENDPOINT": hub.url, "INGOT_HUGGING_FACE_TIMEOUT": "5s",
        }
        arguments = ["serve", "--port", "0", "--data-dir", data, "--cluster", "embedded", "--log-level", "error", *flags]
        program = Program([INGOT, *arguments], environment=environment)
        try:
            server = Server(program.ready(), data, hub)
            server.until("", lambda answer: answer.status_code == 200)
            yield server
            assert program.process.poll() is None, "ingot died: " + "\n".join(program.errors)
            program.signal(signal.SIGTERM)
            assert program.end(60) == 0
        finally:
            program.kill()


def fields(answer):
    """The fields that a refusal names."""
    body = answer.json()
    assert body["code"] == "VALIDATION_ERROR" and body["error"] == body["message"] != "", body
    return {entry["field"] for entry in body["details"]["fields"]}
