"""Installing runtimes with Helm: a stand-in records every command, and fails, hangs and reports each release state."""

import threading
import time

import confidential
import pytest

from helm import Helm, process_exists, serving
from installing import RELEASE, brings, kubeconfig, path, server, shared, target
from waiting import until

KUBERAY = [
    ["repo", "add", "kuberay", "https://ray-project.github.io/kuberay-helm/", "--force-update"],
    ["repo", "update", "kuberay"],
    [
        "upgrade", "kuberay-operator", "kuberay/kuberay-operator", "--install", "--namespace", "kuberay-system",
        "--create-namespace", "--version", "1.7.0",
    ],
]
DYNAMO = [
    [
        "upgrade", "dynamo-platform", "https://helm.ngc.nvidia.com/nvidia/ai-dynamo/charts/dynamo-platform-1.3.1.tgz",
        "--install", "--namespace", "dynamo-system", "--create-namespace",
    ],
]
GPU_OPERATOR = [
    ["repo", "add", "nvidia", "https://helm.ngc.nvidia.com/nvidia", "--force-update"],
    ["repo", "update", "nvidia"],
    [
        "upgrade", "gpu-operator", "nvidia/gpu-operator", "--install", "--namespace", "gpu-operator", "--create-namespace",
        "--version", "v25.3.4",
    ],
]


def test_helm_is_found(server):
    assert server.get("/installation/helm/status") == {"available": True, "version": "v3.16.2"}
    server.helm.forget()
    begin = time.monotonic()
    for _ in range(20):
        server.get("/installation/helm/status")
    # Asked at most every half minute.
    assert len(server.helm.calls) <= 1 + (time.monotonic() - begin) // 30


def test_an_installation_runs_each_command(server, target, kubeconfig):
    server.helm.modes(brings(target, "kuberay", "kuberay-operator"))
    answer = server.post(path("install"), params={"wait": 120})
    assert answer["message"] == "Ray Serve via KubeRay installed successfully" and answer["simulated"] is False
    assert answer["installing"] is False and answer["installationStatus"]["installed"] is True
    assert [r["step"] for r in answer["results"]] == ["repo-add-kuberay", "repo-update", "install-kuberay-operator"]
    assert all(r["success"] for r in answer["results"])
    assert server.helm.lines == KUBERAY
    assert answer["newerVersion"] == "99.0.0" == server.state("kuberay")["newerVersion"]
    (call, *_) = server.helm.calls
    environment = call["environment"]
    assert environment["KUBECONFIG"] == kubeconfig
    assert environment["HELM_REPOSITORY_CONFIG"].startswith(str(server.data))
    assert "INGOT_PORT" not in environment and "HF_TOKEN" not in environment

    server.helm.forget()
    assert server.post(path("install"))["alreadyInstalled"] is True
    assert server.helm.lines == []


def test_a_release_is_installed_but_its_operator_not_ready_yet(server):
    answer = server.post(path("install", "dynamo"), params={"wait": 120})
    assert answer["installing"] is True and answer["installationStatus"]["installed"] is False
    assert answer["message"].startswith("NVIDIA Dynamo installation started. The operator is being deployed")
    assert server.helm.lines == DYNAMO


def test_the_gpu_operator_is_installed(server):
    answer = server.post("/installation/gpu-operator/install", params={"wait": 120})
    assert answer["status"]["gpusAvailable"] is True and answer["success"] is True
    assert server.helm.lines == GPU_OPERATOR


def test_an_upgrade_runs_each_command_and_waits(server, target):
    server.helm.modes(brings(target, "kuberay", "kuberay-operator"))
    server.helm.releases({RELEASE: "deployed"})
    answer = server.post(path("upgrade"), params={"wait": 120})
    assert answer["message"] == "Ray Serve via KubeRay upgraded successfully"
    assert [(r["step"], r.get("chart")) for r in answer["results"]] == [
        ("repo-add-kuberay", None), ("repo-update", None), ("upgrade-crds-kuberay-operator", "kuberay-operator"),
        ("upgrade-kuberay-operator", "kuberay-operator"),
    ]
    # Helm leaves the definitions in a chart's folder as they are.
    assert answer["results"][2]["output"] == "customresourcedefinition/rayservices.ray.io applied"
    shown = ["show", "crds", "kuberay/kuberay-operator", "--version", "1.7.0"]
    assert shown in [call["arguments"] for call in server.helm.calls]
    assert server.helm.lines == KUBERAY[:2] + [KUBERAY[2] + ["--wait", "--timeout", "14m"]]


def test_an_uninstallation_runs_each_command(server, target):
    server.helm.modes(brings(target, "kuberay", "kuberay-operator"))
    server.post(path("install"), params={"wait": 120})
    server.helm.modes(brings(target, "kuberay", "kuberay-operator", "uninstall"))
    server.helm.forget()
    answer = server.post(path("uninstall"), params={"wait": 120})
    assert answer["message"].startswith("Ray Serve via KubeRay uninstalled (CRDs preserved")
    assert server.helm.lines == [["uninstall", "kuberay-operator", "--namespace", "kuberay-system", "--wait"]]
    state = server.state("kuberay")
    assert state["crdFound"] is True and state["operatorRunning"] is False
    # Twice does no harm.
    assert server.post(path("uninstall"), params={"wait": 120})["results"][0]["output"] == "not installed"

    removed = server.post(path("uninstall-crds"), params={"wait": 120})
    assert {r["step"]: r["output"] for r in removed["results"]}["delete-crd-rayservices.ray.io"] == "deleted"
    assert server.state("kuberay")["crdFound"] is False


def test_a_missing_prerequisite_is_named(server):
    refusal = server.post(path("install", "kserve"), 409, params={"wait": 120})
    assert refusal["code"] == "PREREQUISITE_MISSING" and "cert-manager" in refusal["message"]
    assert server.helm.lines == []


def test_a_failed_release_is_in_the_way_unless_forced(server, target):
    server.helm.releases({RELEASE: "failed"})
    refusal = server.post(path("install"), 409, params={"wait": 120})
    assert refusal["code"] == "CONFLICT" and refusal["details"]["releases"] == ["kuberay-operator"]
    assert refusal["message"].startswith("Cannot install: existing Helm release(s) in problematic state.")
    assert "Tip: You can add ?force=true" in refusal["message"]
    assert server.helm.lines == [] and server.helm.state == {RELEASE: "failed"}
    server.helm.modes(brings(target, "kuberay", "kuberay-operator"))
    answer = server.post(path("install"), params={"force": "true", "wait": 120})
    assert answer["installationStatus"]["installed"] is True
    assert server.helm.lines == [["uninstall", "kuberay-operator", "--namespace", "kuberay-system", "--wait"]] + KUBERAY


@pytest.mark.parametrize("state", ["pending-install", "pending-upgrade", "pending-rollback"])
def test_a_pending_release_is_left_alone(server, state):
    server.helm.releases({RELEASE: state})
    answer = server.post(path("install"), params={"wait": 120})
    assert answer["installing"] is True and answer["pendingCharts"] == f"kuberay-operator ({state})"
    assert answer["message"] == "Ray Serve via KubeRay installation is already in progress. Please wait for it to complete."
    assert server.helm.lines == []


@pytest.mark.parametrize("state, first", [
    ("pending-install", ["uninstall", "kuberay-operator", "--namespace", "kuberay-system", "--wait"]),
    ("pending-upgrade", ["rollback", "kuberay-operator", "--namespace", "kuberay-system"]),
])
def test_force_frees_a_pending_release(server, target, state, first):
    server.helm.releases({RELEASE: state})
    server.helm.modes(brings(target, "kuberay", "kuberay-operator"))
    server.post(path("install"), params={"force": "true", "wait": 120})
    assert server.helm.lines == [first] + KUBERAY


@pytest.mark.parametrize("state", ["deployed", "superseded", "uninstalled", "something-new"])
def test_other_releases_are_brought_up_to_date(server, target, state):
    server.helm.releases({RELEASE: state})
    server.helm.modes(brings(target, "kuberay", "kuberay-operator"))
    server.post(path("install"), params={"wait": 120})
    assert server.helm.lines == KUBERAY


@pytest.mark.parametrize("words, step", [
    ("repo add", "repo-add-kuberay"), ("repo update", "repo-update"),
    ("upgrade kuberay-operator", "install-kuberay-operator"), ("history", "status-kuberay-operator"),
])
def test_a_step_that_fails_is_named(server, words, step):
    server.helm.modes({words: {"fail": "Error: no\x1b[31m luck\nat all"}})
    failure = server.post(path("install"), 500, params={"wait": 120})
    assert failure["code"] == "INSTALLATION_FAILED"
    assert failure["message"] == f'Installation failed at step "{step}": Error: no [31m luck at all'
    state = server.state("kuberay")
    assert state["installed"] is False and state["lastTask"]["state"] == "failed"
    assert state["lastTask"]["error"]["details"]["step"] == step


def test_what_helm_prints_is_told_without_secrets(server):
    word = confidential.secret("password of a chart's repository")
    complaint = f"Error: looks like https://ada:{word}@charts.example is no repository"
    server.helm.modes({"upgrade kuberay-operator": {"print": [f"pulling with password={word}", f"Bearer {word}"], "fail": complaint}})
    failure = server.post(path("install"), 500, params={"wait": 120})
    assert failure["message"].endswith("Error: looks like https://(hidden)@charts.example is no repository")
    task = server.state("kuberay")["lastTask"]["id"]
    lines = [line["line"] for line in server.get(f"/tasks/{task}")["output"]]
    assert {"pulling with password=(hidden)", "Bearer (hidden)"} <= set(lines) and not any(word in line for line in lines)


def test_failures_of_upgrades_and_removals_are_told(server):
    server.helm.releases({RELEASE: "deployed"})
    server.helm.modes({"upgrade": {"fail": "Error: timed out waiting for the condition"}, "uninstall": {"fail": "Error: forbidden"}})
    failure = server.post(path("upgrade"), 500, params={"wait": 120})
    assert failure["message"] == 'Upgrade failed for chart "kuberay-operator": Error: timed out waiting for the condition'
    failure = server.post(path("uninstall"), 500, params={"wait": 120})
    assert failure["message"] == 'Failed to uninstall Helm chart "kuberay-operator": Error: forbidden'


def test_one_operation_at_a_time_for_each_provider(server, target):
    server.helm.modes({"upgrade kuberay": {"hang": True}, "upgrade dynamo": brings(target, "dynamo", "dynamo-platform")["upgrade dynamo-platform"]})
    running = server.post(path("install"), 202, params={"wait": 0})
    assert running["installing"] is True and running["success"] is True
    server.helm.wait_for("upgrade", "kuberay-operator")
    for verb in ("install", "upgrade", "uninstall", "uninstall-crds"):
        refusal = server.post(path(verb), 409)
        assert refusal["code"] == "CONFLICT"
        assert refusal["details"]["task"] == {"id": running["taskId"], "kind": "install"}
    assert server.state("kuberay")["task"]["id"] == running["taskId"]
    # Another provider is not concerned.
    assert server.post(path("install", "dynamo"), params={"wait": 120})["installationStatus"]["installed"] is True
    server.post(f"/tasks/{running['taskId']}/cancel")


@pytest.mark.parametrize("method, suffix", [("POST", "/cancel"), ("DELETE", "")])
def test_cancelling_ends_helm(server, method, suffix):
    server.helm.modes({"upgrade kuberay": {"hang": True}})
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(server.post(path("install"), 409, params={"wait": 120})))
    waiting.start()
    call = server.helm.wait_for("upgrade", "kuberay-operator")
    task = server.state("kuberay")["task"]["id"]
    ended = server.ask(method, f"/tasks/{task}{suffix}")
    assert ended["state"] == "cancelled"
    assert not process_exists(call["process"])
    waiting.join()
    assert answers[0]["code"] == "CANCELLED"
    assert "task" not in server.state("kuberay")


def test_helm_that_takes_too_long_is_ended(tmp_path, kubeconfig):
    helm = Helm(tmp_path / "helm")
    helm.modes({"upgrade": {"hang": True}})
    # Long enough for the steps before.
    environment = {**helm.environment, "INGOT_HELM_TIMEOUT": "20s"}
    with serving(tmp_path / "data", "--kubeconfig", kubeconfig, environment=environment) as server:
        failure = server.post(path("install"), 500, params={"wait": 120})
        assert 'Installation failed at step "install-kuberay-operator": helm took longer than it may' in failure["message"]
        call = helm.wait_for("upgrade", "kuberay-operator")
        assert not process_exists(call["process"])


def test_a_client_that_goes_away_ends_nothing(server, target):
    import socket

    server.helm.modes(brings(target, "kuberay", "kuberay-operator"))
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        request = f"POST /api{path('install')} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 0\r\n\r\n"
        connection.sendall(request.encode())
        server.helm.wait_for("history")
    until(lambda: server.state("kuberay")["installed"], "it was installed nevertheless")
    until(lambda: server.state("kuberay")["lastTask"]["state"] == "succeeded", "the task has ended")


def test_without_helm_the_commands_are_told(tmp_path, kubeconfig):
    with serving(tmp_path, "--kubeconfig", kubeconfig, environment={"HELM_PATH": "/nowhere/helm"}) as server:
        refusal = server.post(path("install"), 400)
        assert refusal["code"] == "HELM_UNAVAILABLE"
        assert refusal["message"].startswith("Helm CLI not available: /nowhere/helm cannot be run")
        assert refusal["message"].endswith("Please install Helm or use the manual installation commands.")
        assert refusal["details"]["commands"] == server.get(path("commands"))["commands"]
        refusal = server.post(path("upgrade"), 400)
        assert "manual upgrade commands" in refusal["message"]
        assert refusal["details"]["commands"][-2] == (
            "helm show crds kuberay/kuberay-operator --version 1.7.0 | kubectl apply --server-side --force-conflicts -f -"
        )
        assert refusal["details"]["commands"][-1] == (
            "helm upgrade kuberay-operator kuberay/kuberay-operator --install --namespace kuberay-system --create-namespace "
            "--version 1.7.0 --wait --timeout 14m"
        )
        refusal = server.post(path("uninstall"), 400)
        assert "manual uninstall commands" in refusal["message"]
        assert refusal["details"]["commands"] == ["helm uninstall kuberay-operator --namespace kuberay-system --wait"]
        assert server.get("/tasks")["tasks"] == []


def test_the_manual_commands_are_those_that_run(server, target):
    commands = server.get(path("commands"))["commands"]
    server.helm.modes(brings(target, "kuberay", "kuberay-operator"))
    server.post(path("install"), params={"wait": 120})
    words = [command.split() for command in commands]
    assert words[0] == ["helm"] + server.helm.lines[0][:-1]
    assert words[2][:4] == ["helm", "install", "kuberay-operator", "kuberay/kuberay-operator"]
    assert words[2][4:] == server.helm.lines[2][4:]
