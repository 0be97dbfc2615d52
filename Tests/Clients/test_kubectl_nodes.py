"""kubectl with nodes: cordon, drain, taint."""

import re

import pytest

from cluster import deployment, pod


@pytest.fixture
def node(space):
    """A simulated node, left as it was."""
    name = space.value("{.items[0].metadata.name}", "nodes", "-l", "nvidia.com/gpu.present=true")
    yield name
    space.kubectl("uncordon", name)
    space.run("taint", "node", name, "test/only-")


def on(node, **spec):
    """A selector of that node alone."""
    return {"nodeSelector": {"kubernetes.io/hostname": node}, **spec}


def test_cordon_and_uncordon(space, node):
    assert space.kubectl("cordon", node) == f"node/{node} cordoned"
    assert space.kubectl("cordon", node) == f"node/{node} already cordoned"
    assert "Ready,SchedulingDisabled" in space.kubectl("get", "node", node)
    tolerant = [{"key": "nvidia.com/gpu", "operator": "Exists"}]
    space.apply(pod("p", **on(node, tolerations=tolerant)))
    space.kubectl("wait", "--for=jsonpath={.status.conditions[0].reason}=Unschedulable", "pod/p", "--timeout=60s")
    assert "1 node(s) were unschedulable" in space.value("{.status.conditions[0].message}", "pod", "p")
    assert space.kubectl("uncordon", node) == f"node/{node} uncordoned"
    space.kubectl("wait", "--for=condition=Ready", "pod/p", "--timeout=60s")
    assert space.value("{.spec.nodeName}", "pod", "p") == node


def test_drain_evicts_what_a_controller_replaces(space, node):
    web = deployment("web", replicas=2)
    web["spec"]["template"]["spec"]["tolerations"] = [{"key": "nvidia.com/gpu", "operator": "Exists"}]
    web["spec"]["template"]["spec"]["nodeSelector"] = {"kubernetes.io/hostname": node}
    space.apply(web)
    space.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    before = set(space.kubectl("get", "pods", "-o", "name").split())
    out = space.kubectl("drain", node, "--ignore-daemonsets", "--timeout=60s", "--pod-selector=app=web")
    assert out.endswith(f"node/{node} drained")
    for name in before:
        assert f"{name.removeprefix('pod/')} evicted" in out or f"{name} evicted" in out
        assert "NotFound" in space.refused("get", name)
    space.kubectl("wait", "--for=jsonpath={.status.replicas}=2", "deployment/web", "--timeout=60s")
    assert space.value("{.items[*].status.phase}", "pods") == "Pending Pending"
    space.kubectl("uncordon", node)
    space.kubectl("rollout", "status", "deployment/web", "--timeout=60s")


def test_drain_refuses_a_pod_of_nobody_and_heeds_a_budget(space, node):
    tolerant = [{"key": "nvidia.com/gpu", "operator": "Exists"}]
    space.apply(pod("alone", **on(node, tolerations=tolerant)))
    space.kubectl("wait", "--for=condition=Ready", "pod/alone", "--timeout=60s")
    text = space.refused("drain", node, "--ignore-daemonsets", "--pod-selector=app=alone", "--timeout=30s")
    assert "cannot delete" in text and "that declare no controller (use --force to override)" in text
    space.kubectl("create", "poddisruptionbudget", "keep", "--selector=app=alone", "--min-available=1")
    space.until(lambda out: out == "1", "pdb", "keep", "-o", "jsonpath={.status.currentHealthy}")
    flags = ["--ignore-daemonsets", "--force", "--pod-selector=app=alone"]
    text = space.refused("drain", node, *flags, "--timeout=3s")
    assert "Cannot evict pod as it would violate the pod's disruption budget" in text
    space.kubectl("delete", "pdb", "keep")
    space.kubectl("drain", node, *flags, "--timeout=60s")
    assert "NotFound" in space.refused("get", "pod", "alone")


def test_taints_keep_pods_off_and_drive_them_out(space, node):
    tolerant = [{"key": "nvidia.com/gpu", "operator": "Exists"}]
    space.apply(pod("inside", **on(node, tolerations=tolerant)))
    space.kubectl("wait", "--for=condition=Ready", "pod/inside", "--timeout=60s")
    assert space.kubectl("taint", "node", node, "test/only=me:NoExecute") == f"node/{node} tainted"
    space.kubectl("wait", "--for=delete", "pod/inside", "--timeout=60s")
    space.apply(pod("outside", **on(node, tolerations=tolerant)))
    space.kubectl("wait", "--for=jsonpath={.status.conditions[0].reason}=Unschedulable", "pod/outside", "--timeout=60s")
    message = space.value("{.status.conditions[0].message}", "pod", "outside")
    assert re.search(r"1 node\(s\) had untolerated taint\(s\)|1 node\(s\) had untolerated taint \{test/only: me\}", message)
    assert space.kubectl("taint", "node", node, "test/only:NoExecute-") == f"node/{node} untainted"
    space.kubectl("wait", "--for=condition=Ready", "pod/outside", "--timeout=60s")
