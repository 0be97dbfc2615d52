"""A server with a cluster, for tests of what it tells of that cluster and keeps there."""

import contextlib

import requests

import hub as stand_in
import waiting
from cluster import Kubectl
from conftest import INGOT, Program
from waiting import PATIENCE


@contextlib.contextmanager
def embedded(data):
    """A server with an embedded cluster of its own, and with a stand-in for the Hub."""
    flags = ["--port", "0", "--data-dir", data, "--cluster", "embedded", "--log-level", "error"]
    with stand_in.Hub() as hub:
        program = Program([INGOT, "serve", *flags], environment={"HF_ENDPOINT": hub.url}).ready()
        try:
            yield API(program.url, Kubectl(data / "embedded-cluster/kubeconfig", data)).until_ready()
            assert program.process.poll() is None, "ingot died: " + "\n".join(program.errors)
        finally:
            program.kill()


class API:
    """The address of a server, and its cluster by kubectl."""

    def __init__(self, url, kubectl):
        self.url, self.kubectl = url, kubectl

    def until_ready(self):
        """Returns once the cluster has been read."""
        self.until(lambda: requests.get(self.url + "/readyz", timeout=PATIENCE).status_code == 200, "the cluster is read")
        return self

    def until(self, condition, what):
        """Asks again and again until the answer is true, and returns it."""
        return waiting.until(condition, what)

    def create(self, name, namespace, **fields):
        """Makes a deployment."""
        wish = {"name": name, "namespace": namespace, "modelId": "Qwen/Qwen3-0.6B", "provider": "vllm", **fields}
        answer = requests.post(self.url + "/api/deployments", json=wish, timeout=PATIENCE)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def delete(self, name, namespace):
        """Ends a deployment."""
        address = f"{self.url}/api/deployments/{name}"
        answer = requests.delete(address, params={"namespace": namespace}, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
