"""`/api/autoscaler`: what makes the cluster larger and smaller, by the objects that it leaves in the cluster."""

import datetime

import pytest
import requests

import embedded
from models import has_types, refusal
from waiting import PATIENCE

pytestmark = embedded.not_on_a_named_cluster("nodes and a kube-system that nobody else uses; test_documented.py asks there")
GROUPS = "https://content.googleapis.com/compute/v1/projects/p/zones/us-east1-b/instanceGroups/pool-a"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with embedded.running(tmp_path_factory.mktemp("autoscaler")) as started:
        yield started


@pytest.fixture
def api(server):
    """The server, with all that a test has made undone."""
    yield server
    server.kubectl("--namespace", "kube-system", "delete", "configmap,deployment", "--ignore-not-found",
                   "cluster-autoscaler-status", "cluster-autoscaler")
    for node in server.kubectl.text("get", "nodes", "-o", "name").split():
        server.kubectl("label", node, "kubernetes.azure.com/cluster-", "kubernetes.azure.com/agentpool-",
                       "cluster-autoscaler.kubernetes.io/enabled-", "karpenter.sh/nodepool-")
    server.until(lambda: detection(server)["type"] == "none", "no autoscaler is left")


def get(server, path, status=200):
    answer = requests.get(f"{server.url}/api/autoscaler{path}", timeout=PATIENCE)
    assert answer.status_code == status, answer.text
    return answer


def detection(server):
    found = get(server, "/detection").json()
    has_types(found, {"type": str, "detected": bool, "healthy": bool, "message": str})
    assert set(found) - {"nodeGroupCount"} == {"type", "detected", "healthy", "message"}
    assert found["message"] and type(found.get("nodeGroupCount", 0)) is int
    return found


def detected(server, **wanted):
    def look():
        last[0] = detection(server)
        return all(last[0].get(key) == value for key, value in wanted.items()) and last[0]

    last = [None]
    try:
        return server.until(look, f"{wanted} is detected")
    except AssertionError as failure:
        raise AssertionError(f"{failure}: {last[0]}") from None


def go_time(ago=0):
    time = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=ago)
    return time.strftime("%Y-%m-%d %H:%M:%S.%f000 +0000 UTC")


def report(server, text):
    """The config map that the cluster autoscaler keeps its status in."""
    server.kubectl.apply({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "cluster-autoscaler-status", "namespace": "kube-system"}, "data": {"status": text},
    })


def as_yaml(time, health="Healthy"):
    return f"""time: {time}
autoscalerStatus: Running
clusterWide:
  health:
    status: {health}
    nodeCounts:
      registered:
        total: 5
        ready: 4
        notStarted: 1
      longUnregistered: 0
      unregistered: 0
    lastProbeTime: "2020-11-25T08:19:44.088071148Z"
  scaleUp:
    status: NoActivity
nodeGroups:
- name: {GROUPS}
  health:
    status: Healthy
    nodeCounts:
      registered:
        total: 2
        ready: 2
    cloudProviderTarget: 3
    minSize: 1
    maxSize: 8
- name: gpu
  health:
    status: Unhealthy
    nodeCounts:
      registered:
        total: 4
    minSize: 0
    maxSize: 4
"""


def as_text(time, health="Healthy"):
    return f"""Cluster-autoscaler status at {time}:
Cluster-wide:
  Health:      {health} (ready=3 unready=0 notStarted=0 longNotStarted=0 registered=3 longUnregistered=0)
               LastProbeTime:      2022-06-12 12:11:02.151651586 +0000 UTC m=+54.671652928
               LastTransitionTime: 2022-06-12 12:10:22.083690777 +0000 UTC m=+14.603692120
  ScaleUp:     NoActivity (ready=3 registered=3)
  ScaleDown:   NoCandidates (candidates=0)

NodeGroups:
  Name:        {GROUPS}
  Health:      Healthy (ready=3 unready=0 notStarted=0 longNotStarted=0 registered=2 longUnregistered=0 cloudProviderTarget=3 (minSize=1, maxSize=8))
               LastProbeTime:      2022-06-12 12:11:02.151651586 +0000 UTC m=+54.671652928
  ScaleUp:     NoActivity (ready=3 cloudProviderTarget=3)
  ScaleDown:   NoCandidates (candidates=0)

  Name:        gpu
  Health:      Unhealthy (ready=4 unready=0 notStarted=0 longNotStarted=0 registered=4 longUnregistered=0 cloudProviderTarget=4 (minSize=0, maxSize=4))
"""


def test_without_one_none_is_found(api):
    assert detection(api) == {
        "type": "none", "detected": False, "healthy": False, "message": "No cluster autoscaler detected",
    }
    error = refusal(get(api, "/status", 404), "NOT_FOUND")
    assert error["error"] == "Autoscaler status not available"


@pytest.mark.parametrize("write", [as_yaml, as_text])
def test_the_cluster_autoscaler_s_own_report_is_read(api, write):
    time = go_time()
    report(api, write(time))
    found = detected(api, type="cluster-autoscaler")
    assert found == {
        "type": "cluster-autoscaler", "detected": True, "healthy": True, "nodeGroupCount": 2,
        "message": "Cluster autoscaler is running with 2 node groups",
    }
    status = get(api, "/status").json()
    assert set(status) == {"health", "lastUpdateTime", "nodeGroups"}
    assert status == {
        "health": "Healthy", "lastUpdateTime": status["lastUpdateTime"],
        "nodeGroups": [
            {"name": GROUPS, "minSize": 1, "maxSize": 8, "currentSize": 3},
            {"name": "gpu", "minSize": 0, "maxSize": 4, "currentSize": 4},
        ],
    }
    written = datetime.datetime.strptime(time[:23], "%Y-%m-%d %H:%M:%S.%f")
    told = datetime.datetime.strptime(status["lastUpdateTime"], "%Y-%m-%dT%H:%M:%S.%fZ")
    assert abs(written - told) < datetime.timedelta(milliseconds=2)

    # What it has not renewed for five minutes is no sign of health, and what it calls unhealthy is none either.
    report(api, write(go_time(ago=400)))
    assert "has not reported for" in detected(api, healthy=False)["message"]
    report(api, write(go_time(), health="Unhealthy"))
    assert "unhealthy" in detected(api, healthy=False, message="Cluster autoscaler says that the cluster is unhealthy")["message"]
    assert get(api, "/status").json()["health"] == "Unhealthy"


def test_a_report_that_only_begins_is_read(api):
    report(api, f"time: {go_time()}\nautoscalerStatus: Initializing\n")
    assert detected(api, type="cluster-autoscaler")["nodeGroupCount"] == 0
    status = get(api, "/status").json()
    assert (status["health"], status["nodeGroups"]) == ("Initializing", [])


def test_what_cannot_be_understood_is_no_report(api):
    report(api, as_yaml(go_time()))
    detected(api, type="cluster-autoscaler")
    report(api, "[1, 2")
    detected(api, type="none")
    get(api, "/status", 404)


def test_an_autoscaler_without_a_report_is_known_by_its_deployment(api):
    labels = {"k8s-app": "cluster-autoscaler"}
    api.kubectl.apply({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "cluster-autoscaler", "namespace": "kube-system", "labels": labels},
        "spec": {
            "replicas": 1, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "a", "image": "a"}]}},
        },
    })
    found = detected(api, type="cluster-autoscaler", healthy=True)
    assert found["detected"] is True and "1 of 1 replicas are ready" in found["message"]
    get(api, "/status", 404)
    api.kubectl("--namespace", "kube-system", "scale", "deployment", "cluster-autoscaler", "--replicas=0")
    detected(api, type="cluster-autoscaler", healthy=False)


def test_azure_s_node_pools_are_known_by_their_labels(api):
    nodes = api.kubectl.text("get", "nodes", "-o", "name").split()
    for node in nodes:
        api.kubectl("label", node, "kubernetes.azure.com/cluster=c")
    for node, pool in zip(nodes, ["a", "a", "b"]):
        api.kubectl("label", node, "cluster-autoscaler.kubernetes.io/enabled=true", f"kubernetes.azure.com/agentpool={pool}")
    found = detected(api, type="aks-managed", nodeGroupCount=2)
    assert found == {
        "type": "aks-managed", "detected": True, "healthy": True, "nodeGroupCount": 2,
        "message": "Azure scales 2 node groups",
    }
    get(api, "/status", 404)
    # Azure's autoscaler reports too.
    report(api, as_text(go_time()))
    assert "Azure's" in detected(api, type="aks-managed", message="Azure's cluster autoscaler is running with 2 node groups")["message"]
    assert get(api, "/status").json()["nodeGroups"][1]["maxSize"] == 4


def test_karpenter_is_known_by_its_node_pools(api):
    api.kubectl.apply({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "nodepools.karpenter.sh"},
        "spec": {
            "group": "karpenter.sh", "scope": "Cluster",
            "names": {"plural": "nodepools", "singular": "nodepool", "kind": "NodePool", "listKind": "NodePoolList"},
            "versions": [{
                "name": "v1", "served": True, "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            }],
        },
    })
    api.kubectl("wait", "--for=condition=Established", "crd/nodepools.karpenter.sh")
    # The definition alone scales nothing.
    assert detection(api)["type"] == "none"

    def pool(name, ready, **spec):
        return {
            "apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": name}, "spec": spec,
            "status": {"conditions": [{"type": "Ready", "status": ready}]},
        }

    api.kubectl.apply(pool("gpu", "True", limits={"cpu": "1000", "nodes": "6"}), pool("all", "True"))
    nodes = api.kubectl.text("get", "nodes", "-o", "name").split()
    for node in nodes[:2]:
        api.kubectl("label", node, "karpenter.sh/nodepool=gpu")
    found = detected(api, type="karpenter", nodeGroupCount=2)
    assert (found["detected"], found["healthy"], found["message"]) == (True, True, "Karpenter scales 2 node pools")
    wanted = [{"name": "all", "minSize": 0, "currentSize": 0}, {"name": "gpu", "minSize": 0, "maxSize": 6, "currentSize": 2}]
    api.until(lambda: get(api, "/status").json() == {"health": "Healthy", "nodeGroups": wanted}, "the nodes are counted")

    api.kubectl.apply(pool("gpu", "False"))
    found = detected(api, type="karpenter", healthy=False)
    assert found["message"] == "Karpenter's node pools are not ready: gpu"
    assert get(api, "/status").json()["health"] == "Unhealthy"
    api.kubectl("delete", "crd", "nodepools.karpenter.sh")


def test_without_a_cluster_nothing_is_made_up(ingot):
    for path in ("/detection", "/status"):
        refusal(get(ingot, path, 503), "CLUSTER_UNAVAILABLE")
