"""What the tests of deployments share: a server with a cluster, questions to it, and the documented fields.

The cluster is one that Ingot embeds, for each server a new one, or the one that INGOT_TEST_KUBECONFIG names.
"""

import contextlib
import pathlib
import secrets

import requests

import hub as stand_in
import machine
from cluster import Kubectl
from conftest import INGOT, Program
from embedded import NAMED, not_on_a_named_cluster
from waiting import PATIENCE, until, until_answer

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

SIMULATE = "ingot.dev/simulate"

# Marks of tests that need more than any cluster has.
needs_simulation = not_on_a_named_cluster("the GPUs, pods and failures that an embedded cluster simulates")
needs_this_machine = not_on_a_named_cluster("llama.cpp on this machine, which is a node of an embedded cluster only")
needs_no_operators = not_on_a_named_cluster("a cluster without operators, as an embedded one is")


class Server:
    """A server, its cluster by kubectl, and a namespace where deployments go unless the test says otherwise."""

    def __init__(self, program, kubectl, hub):
        self.program = program
        self.url = program.url
        self.kubectl = kubectl
        self.hub = hub
        self.namespaces = []

    def begin(self):
        """Waits until the cluster has been read, and makes the first namespace."""
        until(lambda: requests.get(self.url + "/readyz", timeout=PATIENCE).status_code == 200, "the cluster has been read")
        self.space = self.namespace()

    def ask(self, method, path, status=200, **options):
        answer = requests.request(method, self.url + path, timeout=PATIENCE, **options)
        assert answer.status_code == status, answer.text
        assert answer.headers["Content-Type"].startswith("application/json")
        return answer

    def get(self, path="", status=200, **options):
        return self.ask("GET", PATH + path, status, **options)

    def part(self, name, namespace, part="", **query):
        """What the API tells of a deployment, or of a part of it such as `/pods`."""
        return self.get(f"/{name}{part}", params={"namespace": namespace, **query}).json()

    def create(self, status=201, params=None, headers=None, **body):
        """Asks for a deployment; what is not said is a model of the Hub, served by vLLM."""
        body = {"name": "one", "modelId": MODEL, "namespace": self.space, **body}
        return self.ask("POST", PATH, status, json=body, params=params, headers=headers)

    def change(self, name, namespace, **fields):
        """Changes a deployment, again where its status was written at the same moment."""
        def attempt():
            answer = requests.patch(
                f"{self.url}{PATH}/{name}", params={"namespace": namespace}, json=fields, timeout=PATIENCE
            )
            assert answer.status_code in (200, 409), answer.text
            return answer if answer.status_code == 200 else None

        return until(attempt, f"{name} is changed")

    def delete(self, name, namespace, status=200):
        return self.ask("DELETE", f"{PATH}/{name}", status, params={"namespace": namespace})

    def until(self, path, condition, **options):
        """Asks until the condition holds for the answer, and returns the answer."""
        return until_answer(self.url + PATH + path, condition, **options)

    def wait_for(self, name, namespace, **wanted):
        """The deployment, once it is known and has those values."""
        def is_so(answer):
            return answer.status_code == 200 and all(answer.json().get(key) == value for key, value in wanted.items())

        return self.until(f"/{name}", is_so, params={"namespace": namespace}).json()

    def phase(self, name, namespace, phase):
        """The deployment, once it has that phase."""
        return self.wait_for(name, namespace, phase=phase)

    def gone(self, name, namespace):
        """Waits until the deployment is not known any more."""
        self.until(f"/{name}", lambda answer: answer.status_code == 404, params={"namespace": namespace})

    def namespace(self):
        """A namespace of the test's own, in which deployments may be made; it is deleted when the server ends."""
        name = f"ingot-test-{secrets.token_hex(4)}"
        self.kubectl("create", "namespace", name)
        self.namespaces.append(name)
        wish = {"name": "none", "namespace": name, "modelId": MODEL, "provider": "vllm"}
        url = self.url + PATH + "/preview"
        until(lambda: requests.post(url, json=wish, timeout=PATIENCE).status_code == 200, f"{name} is known")
        return name

    def objects(self, namespace, kinds="deployments,services,replicasets,pods,configmaps"):
        """The names of the objects in a namespace, with their kinds."""
        names = self.kubectl.text("--namespace", namespace, "get", kinds, "-o", "name").splitlines()
        return {name for name in names if name != "configmap/kube-root-ca.crt"}


@contextlib.contextmanager
def running(data, *flags):
    """A server whose Hub is the stand-in.

    The pods of an embedded cluster are simulated without delays, and those on this machine are served by llama.cpp.
    """
    environment = {"PATH": machine.search_path()}
    if NAMED:
        place = ["--cluster", "kubernetes", "--kubeconfig", pathlib.Path(NAMED).absolute()]
    else:
        place = ["--cluster", "embedded"]
        environment["INGOT_CLUSTER_EMBEDDED_PACE"] = "immediate"
    with stand_in.Hub() as hub:
        arguments = ["serve", "--port", "0", "--data-dir", data, *place, *flags]
        program = Program([INGOT, *arguments], environment={**environment, "HF_ENDPOINT": hub.url})
        kubectl = Kubectl(NAMED or data / "embedded-cluster/kubeconfig", data)
        try:
            server = Server(program.ready(), kubectl, hub)
            try:
                server.begin()
                yield server
            finally:
                if NAMED and server.namespaces:
                    kubectl("delete", "namespace", *server.namespaces, "--wait=false")
            program.stop()
        finally:
            program.kill()


def fields(answer):
    """The fields that a refusal names."""
    body = answer.json()
    assert body["code"] == "VALIDATION_ERROR" and body["error"] == body["message"] != "", body
    return {entry["field"] for entry in body["details"]["fields"]}
