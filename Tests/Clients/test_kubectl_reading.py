"""kubectl, where it only reads: versions, discovery, the forms of output, selectors, watches, explanations, identities."""

import base64
import json
import re

import pytest
import yaml

from cluster import config_map, deployment, pod


def test_version_tells_of_a_server_of_a_neighbouring_release(cluster):
    versions = json.loads(cluster.kubectl("version", "-o", "json"))
    client, server = versions["clientVersion"], versions["serverVersion"]
    assert server["major"] == "1" and re.fullmatch(r"v1\.\d+\.\d+\+ingot", server["gitVersion"])
    # kubectl warns of servers that are further than one minor release away.
    assert abs(int(client["minor"]) - int(server["minor"])) <= 1
    assert cluster.run("version").stderr == ""


def test_api_versions_and_resources(cluster):
    versions = cluster.kubectl("api-versions").split("\n")
    assert {"v1", "apps/v1", "batch/v1", "apiextensions.k8s.io/v1", "rbac.authorization.k8s.io/v1"} <= set(versions)
    lines = [line.split() for line in cluster.kubectl("api-resources", "--no-headers").split("\n")]
    assert ["pods", "po", "v1", "true", "Pod"] in lines
    assert ["deployments", "deploy", "apps/v1", "true", "Deployment"] in lines
    assert ["nodes", "no", "v1", "false", "Node"] in lines
    assert ["customresourcedefinitions", "crd,crds", "apiextensions.k8s.io/v1", "false", "CustomResourceDefinition"] in lines
    wide = cluster.kubectl("api-resources", "-o", "wide", "--api-group=apps").split("\n")
    assert any(line.startswith("deployments") and "create,delete,deletecollection,get,list,patch,update,watch" in line
               and line.endswith("all") for line in wide)
    names = cluster.kubectl("api-resources", "-o", "name", "--namespaced=false").split("\n")
    assert "namespaces" in names and "pods" not in names


@pytest.fixture(scope="module")
def three(cluster):
    """A namespace with three config maps."""
    cluster.kubectl("create", "namespace", "three")
    space = cluster.within("three")
    space.apply(
        config_map("one", {"tier": "low", "odd": "yes"}, number="1"),
        config_map("two", {"tier": "low"}, number="2"),
        config_map("three", {"tier": "high", "odd": "yes"}, number="3"),
    )
    yield space
    cluster.kubectl("delete", "namespace", "three", "--wait=false")


ALL = ["one", "three", "two"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["-l", "tier=low"], ["one", "two"]),
        (["-l", "tier==low,odd"], ["one"]),
        (["-l", "tier!=low,odd=yes"], ["three"]),
        (["-l", "tier in (low, high), !odd"], ["two"]),
        (["-l", "tier notin (low),odd"], ["three"]),
        (["--field-selector", "metadata.name=two"], ["two"]),
        (["--field-selector", "metadata.name!=two", "-l", "odd"], ["one", "three"]),
        (["--chunk-size=1", "-l", "tier"], ALL),
    ],
)
def test_selectors(three, arguments, expected):
    assert three.kubectl("get", "cm", "-o", "name", *arguments).split() == [f"configmap/{name}" for name in expected]


def test_forms_of_output(three):
    table = three.kubectl("get", "configmaps", "-l", "tier", "--show-labels").split("\n")
    assert table[0].split() == ["NAME", "DATA", "AGE", "LABELS"]
    assert [line.split()[:2] for line in table[1:]] == [[name, "1"] for name in ALL]
    assert table[1].endswith("odd=yes,tier=low")
    columns = three.kubectl("get", "cm", "-l", "tier", "-L", "odd", "--no-headers")
    assert [line.split()[3:] for line in columns.split("\n")] == [["yes"], ["yes"], []]
    document = yaml.safe_load(three.kubectl("get", "cm/two", "-o", "yaml"))
    assert document["data"] == {"number": "2"} and document["apiVersion"] == "v1"
    assert document["metadata"]["uid"] and document["metadata"]["resourceVersion"]
    assert document == three.json("cm", "two")
    assert three.json("cm", "-l", "tier=low")["kind"] == "List"
    assert three.value("{.items[*].metadata.name}", "cm", "-l", "tier") == "one three two"
    custom = three.kubectl("get", "cm", "-l", "tier", "-o", "custom-columns=N:.metadata.name,V:.data.number")
    assert [line.split() for line in custom.split("\n")] == [["N", "V"], ["one", "1"], ["three", "3"], ["two", "2"]]
    template = "{{range .items}}{{.metadata.name}}={{.data.number}};{{end}}"
    assert three.kubectl("get", "cm", "-l", "tier", "-o", f"go-template={template}") == "one=1;three=3;two=2;"
    ordered = three.kubectl("get", "cm", "-l", "tier", "--sort-by={.data.number}", "-o", "name")
    assert ordered.split() == ["configmap/one", "configmap/two", "configmap/three"]


def test_what_is_not_there(three):
    assert three.refused("get", "cm", "none") == 'Error from server (NotFound): configmaps "none" not found'
    assert 'the server doesn\'t have a resource type "unheard"' in three.refused("get", "unheard")
    assert three.kubectl("get", "cm", "none", "--ignore-not-found") == ""
    assert three.run("get", "pods").stderr.strip() == "No resources found in three namespace."


def test_nodes_and_pods_in_wide_tables(space):
    header, *nodes = space.kubectl("get", "nodes", "-o", "wide").split("\n")
    assert header.split()[:5] == ["NAME", "STATUS", "ROLES", "AGE", "VERSION"] and "CONTAINER-RUNTIME" in header
    assert sum("Simulated by Ingot" in node and " Ready " in node for node in nodes) >= 3
    space.apply(pod("seen"))
    space.kubectl("wait", "--for=condition=Ready", "pod/seen", "--timeout=60s")
    header, line = space.kubectl("get", "pods", "-o", "wide").split("\n")
    assert header.split()[:9] == ["NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE", "NOMINATED", "NODE"]
    name, ready, status, restarts, _, address, node = line.split()[:7]
    assert (name, ready, status, restarts) == ("seen", "1/1", "Running", "0")
    assert space.value("{.status.podIP} {.spec.nodeName}", "pod", "seen") == f"{address} {node}"
    assert space.kubectl("get", "pods", "--field-selector", f"spec.nodeName={node},status.phase=Running", "-o", "name") == "pod/seen"
    assert space.run("get", "pods", "--field-selector", "status.phase=Failed").stdout == ""
    assert f"{space.namespace} " in space.kubectl("get", "pods", "-A")


def test_a_watch_sees_what_comes_changes_and_goes(space):
    with space.running("get", "configmaps", "-w", "--output-watch-events", "--no-headers", "-l", "seen") as watch:
        # The first comes until the watch is known to run: kubectl does not say when it does.
        for number in range(100):
            space.apply(config_map(f"first-{number}", {"seen": "yes"}))
            try:
                watch.wait(lambda lines: lines, seconds=2)
                break
            except AssertionError:
                continue
        space.apply(config_map("passing", {"seen": "yes"}, a="1"))
        space.apply(config_map("unseen", a="1"))
        space.apply(config_map("passing", {"seen": "yes"}, a="1", b="2"))
        space.kubectl("delete", "configmap", "passing")
        lines = watch.wait(lambda lines: any(line.startswith("DELETED") for line in lines))
    events = [line.split()[:3] for line in lines if "passing" in line]
    assert events == [["ADDED", "passing", "1"], ["MODIFIED", "passing", "2"], ["DELETED", "passing", "2"]]
    assert not any("unseen" in line for line in lines)


def test_explain(cluster):
    text = cluster.kubectl("explain", "deployment.spec.replicas")
    assert "KIND:       Deployment" in text and "GROUP:      apps" in text
    assert re.search(r"FIELD: replicas <integer>", text)
    pods = cluster.kubectl("explain", "pods")
    assert re.search(r"spec\t<PodSpec>", pods) and re.search(r"metadata\t<ObjectMeta>", pods)
    recursive = cluster.kubectl("explain", "pod.spec", "--recursive")
    assert re.search(r"containers\t<\[\]Container> -required-", recursive) and "nvidia" not in recursive
    assert re.search(r"containerPort\t<integer>", recursive)
    assert 'field "nothing" does not exist' in cluster.refused("explain", "pod.spec.nothing")


def test_identities_and_permissions(space):
    name = json.loads(space.kubectl("auth", "whoami", "-o", "json"))["status"]["userInfo"]
    assert "system:masters" in name["groups"] and name["username"]
    assert space.kubectl("auth", "can-i", "create", "pods") == "yes"
    assert space.kubectl("auth", "can-i", "*", "*", "--all-namespaces") == "yes"
    assert "*.*" in space.kubectl("auth", "can-i", "--list")


def test_a_token_of_a_service_account_is_one(space):
    space.kubectl("create", "serviceaccount", "robot")
    token = space.kubectl("create", "token", "robot", "--duration=20m", "--audience=somebody")
    body = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    assert claims["sub"] == f"system:serviceaccount:{space.namespace}:robot"
    assert claims["aud"] == ["somebody"] and claims["exp"] - claims["iat"] == 1200
    assert claims["kubernetes.io"]["serviceaccount"]["uid"] == space.value("{.metadata.uid}", "serviceaccount", "robot")
    token = space.kubectl("create", "token", "robot")
    # The flag takes the place of the kubeconfig's credentials only where that has no token of its own.
    config = yaml.safe_load(space.kubeconfig.read_text())
    config["users"] = [{"name": user["name"], "user": {"token": token}} for user in config["users"]]
    own = space.folder / "robot.kubeconfig"
    own.write_text(yaml.safe_dump(config))
    assert f"system:serviceaccount:{space.namespace}:robot" in space.kubectl("--kubeconfig", own, "auth", "whoami")
    assert "not found" in space.refused("create", "token", "nobody")


def test_descriptions(space):
    space.apply(deployment("web", replicas=2))
    space.kubectl("expose", "deployment", "web", "--port=80", "--target-port=8080")
    space.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    text = space.kubectl("describe", "deployment", "web")
    assert re.search(r"Replicas: +2 desired \| 2 updated \| 2 total \| 2 available \| 0 unavailable", text)
    assert re.search(r"Available +True +MinimumReplicasAvailable", text)
    assert re.search(r"Normal +ScalingReplicaSet .*Scaled up replica set web-\w+ from 0 to 2", text)
    first = space.value("{.items[0].metadata.name}", "pods", "-l", "app=web")
    text = space.kubectl("describe", "pod", first)
    assert re.search(r"Controlled By: +ReplicaSet/web-", text) and re.search(r"Image: +nginx:1.27", text)
    for reason in ["Scheduled", "Pulling|Pulled", "Created", "Started"]:
        assert re.search(rf"Normal +(?:{reason}) ", text), text
    text = space.kubectl("describe", "service", "web")
    assert re.search(r"Selector: +app=web", text) and re.search(r"TargetPort: +8080/TCP", text)
    endpoints = re.search(r"Endpoints: +(\S+)", text)[1].split(",")
    addresses = space.value("{.items[*].status.podIP}", "pods", "-l", "app=web").split()
    assert sorted(endpoints) == sorted(f"{address}:8080" for address in addresses)
    node = space.value("{.items[0].spec.nodeName}", "pods")
    text = space.kubectl("describe", "node", node)
    assert re.search(r"Ready +True .*KubeletReady", text) and "Allocated resources:" in text
    assert re.search(rf"{space.namespace} +web-", text)


def test_events(space):
    space.apply(pod("eventful"))
    space.kubectl("wait", "--for=condition=Ready", "pod/eventful", "--timeout=60s")
    text = space.kubectl("events", "--for", "pod/eventful")
    assert re.search(r"Normal +Scheduled +Pod/eventful +Successfully assigned .*eventful to ", text)
    assert re.search(r"Normal +Started +Pod/eventful ", text)
    reasons = space.value("{.items[*].reason}", "events", "--field-selector", "involvedObject.name=eventful")
    assert {"Scheduled", "Started"} <= set(reasons.split())
