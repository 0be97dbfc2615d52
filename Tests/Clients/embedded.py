"""A server with a cluster that its tests look at by kubectl: one that it embeds, or the one that INGOT_TEST_KUBECONFIG names.

In a named cluster Ingot keeps its own things in a namespace of the tests', and what namespaces they have made are deleted at the end.
"""

import contextlib
import os
import secrets

import pytest
import requests

import hub as stand_in
from cluster import Kubectl
from conftest import INGOT, Program
from waiting import PATIENCE, until, until_answer


NAMED = os.environ.get("INGOT_TEST_KUBECONFIG")
# Where Ingot keeps its own things.
OWN = f"ingot-test-{secrets.token_hex(4)}" if NAMED else "ingot-system"
PLACE = ["--cluster", "kubernetes", "--kubeconfig", NAMED] if NAMED else ["--cluster", "embedded"]
ENVIRONMENT = {"INGOT_CLUSTER_NAMESPACE": OWN}


def not_on_a_named_cluster(what):
    return pytest.mark.skipif(bool(NAMED), reason=f"INGOT_TEST_KUBECONFIG names a cluster, and this needs {what}")


def kubectl_of(data):
    """kubectl for the cluster of a server with that data directory."""
    return Kubectl(NAMED or data / "embedded-cluster/kubeconfig", data)


@contextlib.contextmanager
def tidied(kubectl):
    """Has the namespaces that are made meanwhile in a named cluster deleted."""
    def namespaces():
        return set(kubectl.text("get", "namespaces", "-o", "name").split())

    before = namespaces() if NAMED else set()
    try:
        yield
    finally:
        made = namespaces() - before if NAMED else None
        if made:
            kubectl("delete", *made)


@contextlib.contextmanager
def running(data):
    """A server whose Hub is the stand-in."""
    flags = ["--port", "0", "--data-dir", data, *PLACE]
    with stand_in.Hub() as hub:
        program = Program([INGOT, "serve", *flags], environment={**ENVIRONMENT, "HF_ENDPOINT": hub.url})
        try:
            program.ready()
            kubectl = kubectl_of(data)
            with tidied(kubectl):
                yield Server(program.url, kubectl).until_ready()
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
        # What it tells of deployments follows the cluster.
        place = {"namespace": answer.json()["deployment"]["namespace"]}
        until_answer(f"{self.url}/api/deployments/{name}", lambda found: found.status_code == 200, params=place)
        return answer.json()

    def delete_deployment(self, name, namespace):
        answer = requests.delete(f"{self.url}/api/deployments/{name}", params={"namespace": namespace}, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
