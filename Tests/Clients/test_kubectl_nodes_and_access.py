"""kubectl looks after nodes, asks who may do what, and is told clearly what this cluster does not have."""

import base64
import json
import re
import subprocess

import confidential
import pytest
from cluster import KUBECTL, Kubectl, config_map, deployment, pod


@pytest.fixture
def node(start, tmp_path):
    """kubectl and a node of a cluster of its own, since a change to a node is seen by every pod."""
    data = tmp_path / "data"
    program = start("serve", "--port", "0", "--data-dir", data, "--cluster", "embedded").ready()
    kubectl = Kubectl(data / "embedded-cluster" / "kubeconfig", tmp_path, "default")
    kubectl.until(lambda: kubectl.run("get", "serviceaccount", "default").status == 0, "there is a service account")
    kubectl.name = "cpu"
    yield kubectl
    assert program.process.poll() is None, "ingot died: " + "\n".join(program.errors)


def nodes_of_pods(kubectl):
    return set(kubectl("get", "pods", "-o", "jsonpath={.items[*].spec.nodeName}").output.split())


def test_cordon_drain_and_uncordon(node):
    node.apply(deployment(replicas=6))
    node("rollout", "status", "deployment/web", "--timeout=200s")
    name = sorted(nodes_of_pods(node))[0]
    assert node("cordon", name).output == f"node/{name} cordoned\n"
    assert node("get", "node", name).table[0][1] == "Ready,SchedulingDisabled"
    node.apply(pod("bare", nodeName=name))
    node("wait", "--for=condition=Ready", "pod/bare", "--timeout=200s")
    assert "cannot delete Pods that declare no controller" in node.fails("drain", name, "--ignore-daemonsets")
    before = node("get", "pods", "-o", "name").lines
    rehearsed = node("drain", name, "--ignore-daemonsets", "--force", "--dry-run=server").output
    assert "evicting pod default/bare (server dry run)" in rehearsed
    assert node("get", "pods", "-o", "name").lines == before
    assert node("get", "pods", "-o", "jsonpath={.items[*].metadata.deletionTimestamp}").output == ""
    drained = node("drain", name, "--ignore-daemonsets", "--force", "--timeout=200s").output
    assert f"node/{name} drained" in drained and "pod/bare evicted" in drained
    node("rollout", "status", "deployment/web", "--timeout=200s")
    assert name not in nodes_of_pods(node)
    assert node("uncordon", name).output == f"node/{name} uncordoned\n"
    assert node("get", "node", name).table[0][1] == "Ready"


def test_drain_waits_for_a_disruption_budget(node):
    node.apply(deployment(replicas=1))
    node("rollout", "status", "deployment/web", "--timeout=200s")
    node("create", "poddisruptionbudget", "keep", "--selector=app=web", "--min-available=1")
    name, = nodes_of_pods(node)
    pods = node("get", "pods", "-o", "name").lines
    with node.start("drain", name, "--ignore-daemonsets") as drain:
        drain.line_with("Cannot evict pod as it would violate the pod's disruption budget")
        assert node("get", "pods", "-o", "name").lines == pods
        node("delete", "poddisruptionbudget", "keep")
        drain.line_with(f"node/{name} drained")
        assert drain.end() == 0


def test_taints_keep_pods_away_and_drive_them_off(node):
    names = node("get", "nodes", "-l", "ingot.dev/simulated=true", "-o", "jsonpath={.items[*].metadata.name}").output.split()
    assert node("taint", "nodes", *names, "reserved=yes:NoSchedule").output.count("tainted") == len(names)
    node.apply(pod("stays-out"), pod("comes-in", tolerations=[{"key": "reserved", "operator": "Exists"}]))
    node("wait", "--for=condition=Ready", "pod/comes-in", "--timeout=200s")
    node.until(lambda: "untolerated taint" in node("describe", "pod", "stays-out").output, "the scheduler says why")
    text = node("get", "pod", "stays-out", "-o", "jsonpath={.status.conditions[?(@.type=='PodScheduled')].message}").output
    assert f"{len(names)} node(s) had untolerated taint {{reserved: yes}}" in text
    assert re.search(r"Taints: +reserved=yes:NoSchedule", node("describe", "node", names[0]).output)
    node("taint", "nodes", *names, "reserved-")
    node("wait", "--for=condition=Ready", "pod/stays-out", "--timeout=200s")
    where = node("get", "pod", "stays-out", "-o", "jsonpath={.spec.nodeName}").output
    node("taint", "nodes", where, "leave=now:NoExecute")
    node("wait", "--for=delete", "pod/stays-out", "--timeout=200s")


def test_gpus_that_are_not_free_keep_a_pod_waiting(kubectl):
    kubectl.apply(pod(container={"resources": {"limits": {"nvidia.com/gpu": "9"}}}))
    message = "jsonpath={.status.conditions[?(@.type=='PodScheduled')].message}"
    text = kubectl.until(lambda: kubectl("get", "pod", "one", "-o", message).output, "the scheduler says why")
    count = len(kubectl("get", "nodes", "-o", "name").lines)
    assert re.match(rf"0/{count} nodes are available: .*\d+ Insufficient nvidia.com/gpu", text)
    events = lambda: kubectl("get", "events", "--field-selector=reason=FailedScheduling").table
    kubectl.until(events, "it is an event too")


# Who may do what


def test_auth_can_i_and_whoami(kubectl):
    assert kubectl("auth", "can-i", "create", "pods").output == "yes\n"
    assert kubectl("auth", "can-i", "*", "*", "--all-namespaces").output == "yes\n"
    assert kubectl("auth", "can-i", "get", "pods", "--subresource=log").output == "yes\n"
    listed = kubectl("auth", "can-i", "--list").output
    assert re.search(r"^\*\.\* +\[\] +\[\] +\[\*\]", listed, re.MULTILINE)
    who = kubectl("auth", "whoami", "-o", "json").json["status"]["userInfo"]
    assert "system:masters" in who["groups"] and "system:authenticated" in who["groups"]
    review = kubectl("create", "-o", "json", "-f", "-", input={
        "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
        "spec": {"user": "somebody", "resourceAttributes": {"verb": "get", "resource": "pods"}},
    }).json["status"]
    assert review == {"allowed": False}
    assert kubectl("auth", "can-i", "get", "pods", "--as=somebody", "--as-group=people").output == "yes\n"


def test_rbac_objects_are_kept_and_shown(kubectl):
    kubectl("create", "role", "reader", "--verb=get,list", "--resource=pods")
    kubectl("create", "rolebinding", "readers", "--role=reader", "--user=ada", f"--serviceaccount={kubectl.namespace}:default")
    assert kubectl("get", "rolebinding", "readers", "-o", "wide").table[0][1] == "Role/reader"
    text = kubectl("describe", "role", "reader").output
    assert re.search(r"pods +\[\] +\[\] +\[get list\]", text)
    assert kubectl("auth", "reconcile", "-f", "-", input=kubectl("get", "role", "reader", "-o", "json").output).output


def test_a_service_accounts_token_is_taken_and_known(kubectl, kubeconfig, tmp_path):
    kubectl("create", "serviceaccount", "robot")
    token = kubectl.text("create", "token", "robot", "--duration=20m")
    header, claims, _ = token.split(".")
    decoded = json.loads(base64.urlsafe_b64decode(claims + "=="))
    assert decoded["sub"] == f"system:serviceaccount:{kubectl.namespace}:robot"
    assert decoded["kubernetes.io"]["serviceaccount"]["name"] == "robot"
    assert decoded["exp"] - decoded["iat"] == 1200
    config = kubectl("config", "view", "--raw", "--flatten", "-o", "json").json
    for user in config["users"]:
        user["user"] = {"token": token}
    path = tmp_path / "robot"
    path.write_text(json.dumps(config))
    robot = Kubectl(path, tmp_path, kubectl.namespace)
    who = robot("auth", "whoami", "-o", "json").json["status"]["userInfo"]
    assert who["username"] == f"system:serviceaccount:{kubectl.namespace}:robot"
    assert f"system:serviceaccounts:{kubectl.namespace}" in who["groups"]
    robot("get", "pods")
    review = kubectl("create", "-o", "json", "-f", "-", input={
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": token},
    }).json["status"]
    assert review["authenticated"] is True and review["user"]["username"].endswith(":robot")
    kubectl("delete", "serviceaccount", "robot")
    assert "Unauthorized" in robot.fails("get", "pods")


def test_wrong_and_missing_tokens_are_refused(kubectl, tmp_path):
    config = kubectl("config", "view", "--raw", "--flatten", "-o", "json").json
    for user in config["users"]:
        user["user"] = {"token": confidential.secret("token of nobody")}
    path = tmp_path / "wrong"
    path.write_text(json.dumps(config))
    assert "Unauthorized" in Kubectl(path, tmp_path, "default").fails("get", "pods")
    bare = [KUBECTL, "--kubeconfig", path, "--token=", "get", "pods"]
    assert subprocess.run(bare, capture_output=True, timeout=60).returncode != 0


def test_a_certificate_of_another_authority_is_refused(kubectl, tmp_path):
    config = kubectl("config", "view", "--raw", "--flatten", "-o", "json").json
    del config["clusters"][0]["cluster"]["certificate-authority-data"]
    path = tmp_path / "untrusting"
    path.write_text(json.dumps(config))
    assert "certificate" in Kubectl(path, tmp_path, "default").fails("get", "pods")


# What is not there


@pytest.fixture
def running(kubectl):
    kubectl.apply(pod())
    kubectl("wait", "--for=condition=Ready", "pod/one", "--timeout=200s")


@pytest.mark.parametrize("arguments", [
    ["exec", "one", "--", "true"],
    ["attach", "one"],
    ["cp", "one:/etc/hosts", "hosts"],
])
def test_exec_attach_and_copy_say_that_they_are_not_there(kubectl, running, arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    complaint = kubectl.fails(*arguments)
    assert "this cluster has no" in complaint and "where most pods are simulated" in complaint, complaint


def test_port_forward_says_that_it_is_not_there(kubectl, running):
    complaint = kubectl.fails("port-forward", "pod/one", ":80")
    assert "this cluster has no portforward" in complaint, complaint


def test_top_says_that_there_are_no_metrics(kubectl):
    assert kubectl.fails("top", "pods") == "error: Metrics API not available\n"
    assert kubectl.fails("top", "nodes") == "error: Metrics API not available\n"
