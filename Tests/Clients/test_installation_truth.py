"""What is told of installations when things are not as they should be: an operator of somebody else, a kill, what does not go away."""

import contextlib
import json
import os
import signal

import pytest

from helm import Helm, operator, process_exists, serving
from installing import RELEASE, brings, kubeconfig, path, server, shared, target
from waiting import until


def test_a_helm_that_cannot_reach_the_cluster_has_not_found_that_there_is_no_release(server):
    plugin = "Error: Kubernetes cluster unreachable: getting credentials: exec: executable auth-plugin not found"
    server.helm.modes({"history": {"fail": plugin}})
    for verb in ("install", "uninstall"):
        failure = server.post(path(verb), 500, params={"wait": 120})
        assert failure["message"] == f'Installation failed at step "status-kuberay-operator": {plugin}'
    assert server.helm.lines == []


@pytest.fixture
def elsewhere(server, target):
    """KubeRay's operator in a namespace that is not Ingot's choice, as an add-on of a cloud would have it."""
    (namespace, definition), (workload,) = operator("kuberay", "add-ons")
    target.kubectl.apply(namespace, definition, workload)
    until(lambda: server.state("kuberay")["installed"], "it is found")
    yield
    target.kubectl("delete", "namespace/add-ons", "crd/rayservices.ray.io")


def test_an_operator_that_was_installed_otherwise_is_found_and_left_alone(server, elsewhere, target):
    state = server.state("kuberay")
    assert state["operatorNamespaces"] == ["add-ons"] and state["version"] == "9.9.9"
    assert server.post(path("install"))["alreadyInstalled"] is True
    for verb in ("upgrade", "uninstall"):
        refusal = server.post(path(verb), 409)
        assert refusal["code"] == "CONFLICT" and refusal["details"]["operatorNamespaces"] == ["add-ons"]
        assert "runs in add-ons" in refusal["message"]
    # Whoever insists is not told that it is gone.
    refusal = server.post(path("uninstall"), 409, params={"force": "true", "wait": 120})
    assert "was not removed: its operator runs in add-ons" in refusal["message"]
    assert server.helm.lines == [] and server.state("kuberay")["installed"] is True
    # Nor does a second one come beside one that is not ready.
    target.kubectl("--namespace", "add-ons", "patch", "deployment", "ingot-test-operator", "--type=merge", "-p", json.dumps(
        {"spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}, "template": {"spec": {"nodeSelector": {"no": "node"}}}}}))
    until(lambda: not server.state("kuberay")["installed"], "it is not ready")
    until(lambda: server.state("kuberay")["operatorNamespaces"] == ["add-ons"], "its new pod waits for a node")
    assert server.post(path("install"), 409)["details"]["operatorNamespaces"] == ["add-ons"]
    assert server.helm.lines == []


def test_what_has_the_definitions_of_kserve_stays_when_its_operator_goes(server):
    releases = {f"kserve/{name}": "deployed" for name in ("kserve-crd", "kserve", "kserve-runtime-configs")}
    server.helm.releases(releases)
    answer = server.post("/installation/providers/kserve/uninstall", params={"wait": 120})
    assert [r["step"] for r in answer["results"]] == ["uninstall-kserve-runtime-configs", "uninstall-kserve"]
    assert server.helm.state == {"kserve/kserve-crd": "deployed"}


@pytest.fixture
def workspace(server, target):
    """A deployment of KAITO's, whose chart has the definitions among its other objects."""
    target.post("/installation/providers/kaito/install", params={"wait": 120})
    target.kubectl.apply({
        "apiVersion": "kaito.sh/v1beta1", "kind": "Workspace", "metadata": {"name": "kept", "namespace": "default"},
        "resource": {"labelSelector": {"matchLabels": {"no": "node"}}}, "inference": {"preset": {"name": "phi-4"}},
    })
    until(lambda: server.get("/deployments")["deployments"], "it is known")
    yield
    target.post("/installation/providers/kaito/uninstall-crds", params={"wait": 120, "force": "true"})
    until(lambda: not server.state("kaito")["crdFound"], "it is gone")


def test_who_would_lose_deployments_with_the_definitions_is_told_so(server, target, workspace):
    for verb in ("uninstall", "uninstall-crds"):
        refusal = server.post(f"/installation/providers/kaito/{verb}", 409)
        assert refusal["message"].endswith("add ?force=true to have them deleted with the CRDs")
        assert refusal["details"]["deployments"] == [{"name": "kept", "namespace": "default"}]
    # Nor does an installation that is forced remove them on its way.
    target.post("/installation/providers/kaito/uninstall", params={"wait": 120, "force": "true"})
    until(lambda: not server.state("kaito")["operatorNamespaces"], "the operator is gone")
    server.helm.releases({"kaito-workspace/kaito-workspace": "failed"})
    server.helm.modes({"repo": {"fail": "Error: no further"}})
    task = server.post("/installation/providers/kaito/install", 500, params={"wait": 120, "force": "true"})["details"]["taskId"]
    lines = [line["line"] for line in server.get(f"/tasks/{task}")["output"]]
    assert "kaito-workspace is not removed before: deployments would go with its CRDs" in lines
    assert not [line for line in server.helm.lines if line[0] == "uninstall"]


def test_definitions_that_stay_are_not_told_to_be_gone(server, target):
    (_, definition), _ = operator("kuberay")
    held = {
        "apiVersion": "ray.io/v1", "kind": "RayService",
        "metadata": {"name": "held", "namespace": "default", "finalizers": ["example.com/held"]},
    }
    target.kubectl.apply(definition)
    target.kubectl("wait", "--for=condition=Established", "crd/rayservices.ray.io")
    target.kubectl.apply(held)
    until(lambda: server.state("kuberay")["crdFound"], "it is defined")
    answer = server.post(path("uninstall-crds"), params={"wait": 120, "force": "true"})
    assert "rayservices.ray.io is still there" in answer["message"] and answer["installationStatus"]["crdFound"] is True
    target.kubectl("patch", "rayservices.ray.io", "held", "--type=merge", "-p", '{"metadata": {"finalizers": null}}')
    until(lambda: not server.state("kuberay")["crdFound"], "it goes then")


def test_a_server_killed_in_the_middle_tells_the_truth_afterwards(tmp_path, kubeconfig, server, target):
    helm = Helm(tmp_path / "helm")
    helm.modes({"upgrade": {"hang": True}})
    data = tmp_path / "data"
    with serving(data, "--kubeconfig", kubeconfig, environment=helm.environment) as killed:
        task = killed.post(path("install"), 202, params={"wait": 0})["taskId"]
        orphan = helm.wait_for("upgrade", "kuberay-operator")["process"]
        until(lambda: helm.state == {RELEASE: "pending-install"}, "helm has begun")
        until(lambda: killed.get(f"/tasks/{task}")["output"], "what it has written is kept")
        killed.program.signal(signal.SIGKILL)
        killed.program.end()
    with contextlib.suppress(ProcessLookupError):
        os.kill(orphan, signal.SIGKILL)
    with serving(data, "--kubeconfig", kubeconfig, environment=helm.environment) as again:
        record = again.task(task)
        assert record["state"] == "interrupted" and "the server ended" in record["message"] and record["finishedAt"]
        state = again.state("kuberay")
        assert state["installed"] is False and "task" not in state and state["lastTask"]["state"] == "interrupted"
        assert [line["line"] for line in again.get(f"/tasks/{task}")["output"]], json.dumps(record)
        # What the killed one left pending is told, and freed on request.
        assert again.post(path("install"), params={"wait": 120})["pendingCharts"] == "kuberay-operator (pending-install)"
        helm.modes(brings(target, "kuberay", "kuberay-operator"))
        assert again.post(path("install"), params={"wait": 120, "force": "true"})["installationStatus"]["installed"] is True


def test_a_server_that_is_stopped_ends_helm(tmp_path, kubeconfig, server):
    helm = Helm(tmp_path / "helm")
    helm.modes({"upgrade": {"hang": True}})
    data = tmp_path / "data"
    with serving(data, "--kubeconfig", kubeconfig, environment=helm.environment) as stopped:
        task = stopped.post(path("install"), 202, params={"wait": 0})["taskId"]
        process = helm.wait_for("upgrade", "kuberay-operator")["process"]
        stopped.stop()
        assert not process_exists(process)
    with serving(data, "--kubeconfig", kubeconfig, environment=helm.environment) as again:
        assert again.task(task)["state"] == "interrupted"


def test_a_simulated_installation_that_was_killed_in_the_middle_is_told_and_goes_on(tmp_path):
    def embedded(pace):
        return serving(tmp_path, "--cluster", "embedded", environment={"INGOT_CLUSTER_EMBEDDED_PACE": pace})

    with embedded("realistic") as killed:
        task = killed.post(path("install"), 202, params={"wait": 0})["taskId"]
        until(lambda: killed.state("kuberay")["operatorNamespaces"], "its operator has a pod")
        assert killed.state("kuberay")["task"]["id"] == task and not killed.state("kuberay")["installed"]
        killed.program.signal(signal.SIGKILL)
        killed.program.end()
    with embedded("immediate") as again:
        assert again.task(task)["state"] == "interrupted"
        state = again.state("kuberay")
        assert "task" not in state and state["lastTask"]["id"] == task and state["lastTask"]["state"] == "interrupted"
        assert state["crdFound"] is True
        again.post(path("install"), params={"wait": 120})
        assert again.state("kuberay")["installed"] is True
