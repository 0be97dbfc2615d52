"""The Hub's token as secrets: a server with a cluster and a Hub of its own, for the tests of `/api/secrets/huggingface`."""

import base64
import contextlib

import pytest
import requests

import confidential
import embedded
import hub as stand_in
from conftest import INGOT, Program
from waiting import PATIENCE

SECONDS = PATIENCE
NAME = "hf-token-secret"
DOCUMENTED = ["dynamo-system", "kuberay-system", "default"]
ALL = [*DOCUMENTED, "kubefoundry"]
FOREIGN = confidential.secret("the Hub's token of somebody else", "hf_")


class Server(embedded.Server):
    """A server, its cluster, its Hub and its data directory."""

    def __init__(self, program, kubectl, hub, data):
        super().__init__(program.url, kubectl)
        self.program, self.hub, self.data = program, hub, data

    def call(self, method, status, path="", **options):
        answer = requests.request(method, f"{self.url}/api/secrets/huggingface{path}", timeout=SECONDS, **options)
        assert answer.status_code == status, answer.text
        return answer

    def status(self):
        return self.call("GET", 200, "/status").json()

    def save(self, token=stand_in.ADA, status=200):
        return self.call("POST", status, json={"accessToken": token})

    def delete(self):
        return self.call("DELETE", 200).json()

    def secret(self, namespace):
        """The secret there; None where there is none."""
        found = self.kubectl.run("--namespace", namespace, "get", "secret", NAME, "-o", "json")
        return found.json if found.status == 0 else None

    def token(self, namespace):
        """The token there."""
        found = self.secret(namespace)
        return found and base64.b64decode(found["data"]["HF_TOKEN"]).decode()

    def tokens(self):
        """The tokens of all secrets of that name, by namespace."""
        found = self.kubectl("get", "secrets", "-A", f"--field-selector=metadata.name={NAME}", "-o", "json").json["items"]
        return {s["metadata"]["namespace"]: base64.b64decode(s["data"]["HF_TOKEN"]).decode() for s in found}

    def foreign(self, namespace, token=FOREIGN):
        """Has somebody else make a secret of that name."""
        self.kubectl("--namespace", namespace, "create", "secret", "generic", NAME, f"--from-literal=HF_TOKEN={token}")

    def clear(self):
        """Leaves no secret of that name."""
        self.hub.behave = lambda request: None
        self.delete()
        for namespace in self.tokens():
            self.kubectl("--namespace", namespace, "delete", "secret", NAME)
        self.until(lambda: not any(p["exists"] or p["foreign"] for p in self.status()["namespaces"]), "no token")


@contextlib.contextmanager
def running(data):
    """A server with an embedded cluster, and a stand-in for the Hub, which it gives all the time that it takes."""
    with stand_in.Hub() as hub:
        program = Program(
            [INGOT, "serve", "--port", "0", "--data-dir", data, *embedded.PLACE],
            environment={**embedded.ENVIRONMENT, "HF_ENDPOINT": hub.url, "INGOT_HUGGING_FACE_TIMEOUT": "10m"},
        ).ready()
        try:
            kubectl = embedded.kubectl_of(data)
            with embedded.tidied(kubectl):
                server = Server(program, kubectl, hub, data).until_ready()
                yield server
                server.clear()
            assert program.process.poll() is None, "ingot died: " + "\n".join(program.errors[-20:])
        finally:
            program.kill()


def another(server, hub, data, kubeconfig=None, hub_timeout="10m"):
    """Another Ingot on the same cluster."""
    program = Program(
        [INGOT, "serve", "--port", "0", "--data-dir", data, "--cluster", "kubernetes",
         "--kubeconfig", kubeconfig or server.kubectl.kubeconfig],
        environment={**embedded.ENVIRONMENT, "HF_ENDPOINT": hub.url, "INGOT_HUGGING_FACE_TIMEOUT": hub_timeout},
    ).ready()
    return Server(program, server.kubectl, hub, data).until_ready()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("secrets")) as started:
        yield started


@pytest.fixture
def hub(server):
    return server.hub


@pytest.fixture
def api(server):
    """The server with a Hub that works, and without a token."""
    server.clear()
    yield server
    server.hub.behave = lambda request: None
