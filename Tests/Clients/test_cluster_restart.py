"""What is left of the embedded cluster's objects when the process ends, gently or not."""

import concurrent.futures
import json
import random
import threading

import pytest
import requests

from cluster import Kubectl, config_map, deployment
from waiting import PATIENCE


@pytest.fixture
def restart(serve, tmp_path):
    """Starts a server with the same data each time, and the ways to ask its cluster."""

    def run():
        program = serve(cluster="embedded")
        return program, Kubectl(tmp_path / "data/embedded-cluster/kubeconfig", tmp_path, "default")

    return run


def identities(kubectl, kind):
    """The names and UIDs of all objects of a kind."""
    return kubectl.text("get", kind, "-o", "jsonpath={range .items[*]}{.metadata.name} {.metadata.uid}{'\\n'}{end}")


def test_objects_survive_a_restart(restart):
    program, kubectl = restart()
    kubectl.apply(config_map("kept", a="1"), deployment("web", replicas=2))
    kubectl("rollout", "status", "deployment/web", f"--timeout={PATIENCE}s")
    # The cluster makes one of its own in each namespace, whenever it comes to that.
    kubectl.until(lambda: kubectl.run("get", "configmap", "kube-root-ca.crt").status == 0, "the namespace has its certificate")
    kept = kubectl("get", "configmaps", "-o", "json").json
    before = {kind: identities(kubectl, kind) for kind in ["deployments", "replicasets", "pods", "secrets"]}
    program.stop()
    # The same kubeconfig: the same port, authority and token.
    _, kubectl = restart()
    assert kubectl("get", "configmaps", "-o", "json").json["items"] == kept["items"]
    assert {kind: identities(kubectl, kind) for kind in before} == before
    kubectl("scale", "deployment/web", "--replicas=3")
    kubectl("wait", "--for=jsonpath={.status.readyReplicas}=3", "deployment/web", f"--timeout={PATIENCE}s")


def test_the_nodes_are_those_of_the_configuration_after_each_restart(serve, tmp_path):
    def run(*nodes):
        file = tmp_path / "ingot.json"
        file.write_text(json.dumps({"cluster": {"embedded": {"nodes": nodes}}}))
        program = serve("--config", file, cluster="embedded")
        return program, Kubectl(tmp_path / "data/embedded-cluster/kubeconfig", tmp_path, "default")

    def simulated(kubectl, *columns):
        cells = [".metadata.name", *columns]
        return kubectl.text("get", "nodes", "-l", "ingot.dev/simulated=true", "--no-headers", "-o",
                            "custom-columns=" + ",".join(f"C{i}:{cell}" for i, cell in enumerate(cells))).split("\n")

    gpu = {"product": "NVIDIA-H100-80GB-HBM3", "count": 8}
    program, kubectl = run(
        {"name": "h100", "gpu": gpu, "cpus": 192, "memory": "2048GiB", "taints": [{"key": "nvidia.com/gpu"}]},
        {"name": "small", "count": 2, "cpus": 4, "memory": "8GiB", "labels": {"tier": "cheap"}},
    )
    columns = [".status.capacity.nvidia\\.com/gpu", ".status.capacity.cpu", ".spec.taints[*].key", ".metadata.labels.tier"]
    assert [line.split() for line in simulated(kubectl, *columns)] == [
        ["h100", "8", "192", "nvidia.com/gpu", "<none>"],
        ["small-1", "<none>", "4", "<none>", "cheap"],
        ["small-2", "<none>", "4", "<none>", "cheap"],
    ]
    assert kubectl.text("get", "node", "h100", "-o", "jsonpath={.metadata.labels.nvidia\\.com/gpu\\.memory}") == "81559"
    # A pod for each small node.
    web = deployment("web", replicas=2)
    web["spec"]["template"]["spec"]["nodeSelector"] = {"tier": "cheap"}
    web["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "3"}}
    kubectl.apply(web)
    kubectl("rollout", "status", "deployment/web", f"--timeout={PATIENCE}s")
    assert len(set(kubectl.text("get", "pods", "-o", "jsonpath={.items[*].spec.nodeName}").split())) == 2
    program.stop()

    _, kubectl = run(
        {"name": "h100", "gpu": {**gpu, "count": 4}, "cpus": 96},
        {"name": "small-1", "cpus": 8, "memory": "8GiB", "labels": {"tier": "cheap"}},
    )
    assert [line.split() for line in simulated(kubectl, *columns)] == [
        ["h100", "4", "96", "<none>", "<none>"],
        ["small-1", "<none>", "8", "<none>", "cheap"],
    ]
    # The pod of the node that is gone comes to the one that is left.
    kubectl("rollout", "status", "deployment/web", f"--timeout={PATIENCE}s")
    kubectl.until(
        lambda: kubectl.text("get", "pods", "--field-selector=status.phase=Running", "-o",
                             "jsonpath={.items[*].spec.nodeName}") == "small-1 small-1",
        "both pods run on the node that is left",
    )


class Writer:
    """Creates, changes and deletes config maps, and keeps what the server has acknowledged."""

    def __init__(self, number, progress):
        # Told of each acknowledged write, and of the end of the writing.
        self.progress = progress
        self.prefix = f"w{number}"
        # Set anew after each restart.
        self.url = self.session = None
        self.random = random.Random(number)
        # For each name the value that is acknowledged (None: deleted), and the one whose answer has not come.
        self.acknowledged = {}
        self.pending = {}
        self.writes = 0
        self.ended = False

    def run(self, stop):
        try:
            self.write_until(stop)
        finally:
            with self.progress:
                self.ended = True
                self.progress.notify_all()

    def write_until(self, stop):
        number = 0
        while not stop.is_set():
            number += 1
            name = f"{self.prefix}-{self.random.randrange(30)}"
            known = self.acknowledged.get(name)
            value = None if known and self.random.random() < 0.3 else f"{self.prefix}.{self.writes}.{number}"
            self.pending[name] = value
            try:
                answer = self.send(name, known, value)
            except requests.RequestException:
                return
            assert answer.status_code in (200, 201), answer.text
            self.acknowledged[name] = value
            del self.pending[name]
            with self.progress:
                self.writes += 1
                self.progress.notify_all()

    def send(self, name, known, value):
        if value is None:
            return self.session.delete(f"{self.url}/{name}", timeout=PATIENCE)
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"value": value}}
        if known is None:
            return self.session.post(self.url, json=body, timeout=PATIENCE)
        return self.session.put(f"{self.url}/{name}", json=body, timeout=PATIENCE)


def test_every_acknowledged_write_survives_a_kill_at_any_moment(restart, tmp_path):
    moments = random.Random(7)
    progress = threading.Condition()
    writers = None
    for _ in range(6):
        program, kubectl = restart()
        _, address = kubectl.session()

        def session():
            return kubectl.session()[0]

        found = session().get(f"{address}/api/v1/namespaces/default/configmaps", timeout=PATIENCE).json()
        present = {item["metadata"]["name"]: item["data"]["value"] for item in found["items"] if "value" in item.get("data", {})}
        if writers is None:
            writers = [Writer(number, progress) for number in range(4)]
        for writer in writers:
            for name, value in writer.acknowledged.items():
                allowed = {value, writer.pending[name]} if name in writer.pending else {value}
                assert present.get(name) in allowed, f"{name}: {present.get(name)} instead of {allowed}"
            for name in {**writer.acknowledged, **writer.pending}:
                writer.acknowledged[name] = present.get(name)
            writer.pending.clear()
            # The port is another one if somebody else has taken the last.
            writer.url = f"{address}/api/v1/namespaces/default/configmaps"
            writer.session = session()
            writer.ended = False
        before = sum(writer.writes for writer in writers)
        stop = threading.Event()
        with concurrent.futures.ThreadPoolExecutor(len(writers)) as pool:
            runs = [pool.submit(writer.run, stop) for writer in writers]
            try:
                # The kill comes after some number of writes, wherever the next ones happen to be.
                goal = before + moments.randrange(20, 200)
                with progress:
                    assert progress.wait_for(
                        lambda: sum(writer.writes for writer in writers) >= goal or any(writer.ended for writer in writers),
                        timeout=PATIENCE,
                    ), "the writers got no answers"
                    assert not any(writer.ended for writer in writers), "a writer gave up"
            finally:
                program.kill()
                stop.set()
            for run in runs:
                run.result(timeout=PATIENCE)
    assert sum(writer.writes for writer in writers) > 100
