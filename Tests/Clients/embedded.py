"""A server with an embedded cluster of its own, which its tests look at by kubectl."""

import contextlib

import requests

import hub as stand_in
from cluster import Kubectl
from conftest import INGOT, Program
from waiting import PATIENCE, until


@contextlib.contextmanager
def running(data):
    """A server whose Hub is the stand-in."""
    flags = ["--port", "0", "--data-dir", data, "--cluster", "embedded"]
    with stand_in.Hub() as hub:
        program = Program([INGOT, "serve", *flags], environment={"HF_ENDPOINT": hub.url}).ready()
        try:
            yield Server(program.url, Kubectl(data / "embedded-cluster/kubeconfig", data)).until_ready()
            assert program.process.poll() is None, "ingot died: " + "\n".join(program.errors)
        finally:
            program.kill()


class Server:
    """A server, and its cluster by kubectl."""

    def __init__(self, url, kubectl):
        self.url, self.kubectl = url, kubectl

    def until(self, condition, what):
        """Asks again and again until the answer is true, and returns it."""
        return until(condition, what)

    def until_ready(self):
        """Returns once the cluster has been read."""
        self.until(lambda: requests.get(self.url + "/readyz", timeout=PATIENCE).status_code == 200, "the cluster is read")
        return self

    def create(self, name, namespace, **fields):
        """Makes a deployment; `provider=None` and a namespace of None leave those to the server."""
        wish = {"name": name, "namespace": namespace, "modelId": "Qwen/Qwen3-0.6B", "provider": "vllm", **fields}
        answer = requests.post(self.url + "/api/deployments", json=wish, timeout=PATIENCE)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def delete_deployment(self, name, namespace):
        answer = requests.delete(f"{self.url}/api/deployments/{name}", params={"namespace": namespace}, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
