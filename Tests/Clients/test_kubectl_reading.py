"""kubectl asks: what there is, in all forms, and what the API says of itself."""

import json
import re

import pytest
import yaml
from cluster import config_map, deployment, pod, service, widget


@pytest.fixture
def web(kubectl):
    """A deployment of two pods that run, with a service."""
    kubectl.apply(deployment(), service())
    kubectl("rollout", "status", "deployment/web", "--timeout=200s")


# What the API says of itself


def test_version_fits_this_kubectl_and_says_that_it_is_ingot(kubectl):
    version = kubectl("version", "-o", "json").json
    assert re.fullmatch(r"v1\.\d+\.\d+\+ingot", version["serverVersion"]["gitVersion"])
    assert version["serverVersion"]["platform"].startswith(("linux/", "darwin/"))
    difference = int(version["clientVersion"]["minor"]) - int(version["serverVersion"]["minor"])
    assert abs(difference) <= 1
    assert "WARNING" not in kubectl("version").errors


def test_api_resources_have_names_versions_and_verbs(kubectl, widgets):
    rows = {line.split()[0]: line for line in kubectl("api-resources", "-o", "wide", "--no-headers").lines}
    assert re.search(r"^pods +po +v1 +true +Pod +create,delete,deletecollection,get,list,patch,update,watch +all", rows["pods"])
    assert re.search(r"^deployments +deploy +apps/v1 +true +Deployment", rows["deployments"])
    assert re.search(r"^nodes +no +v1 +false +Node", rows["nodes"])
    assert re.search(r"^widgets +wd +example.com/v1 +true +Widget", rows["widgets"])
    assert re.search(r"^tokenreviews +authentication.k8s.io/v1 +false +TokenReview +create", rows["tokenreviews"])
    apps = kubectl("api-resources", "--api-group=apps", "-o", "name").lines
    assert sorted(apps) == [f"{name}.apps" for name in ("controllerrevisions", "daemonsets", "deployments", "replicasets", "statefulsets")]
    assert "pods" not in kubectl("api-resources", "--namespaced=false", "-o", "name").lines
    listable = kubectl("api-resources", "--verbs=list", "-o", "name").lines
    assert "pods" in listable and "tokenreviews.authentication.k8s.io" not in listable
    assert "pods" in kubectl("api-resources", "--categories=all", "-o", "name").lines


def test_api_versions_are_sorted_and_whole(kubectl):
    versions = kubectl("api-versions").lines
    assert versions == sorted(versions)
    assert {"v1", "apps/v1", "batch/v1", "apiextensions.k8s.io/v1", "rbac.authorization.k8s.io/v1"} <= set(versions)


def test_cluster_info_names_the_server(kubectl):
    assert re.search(r"control plane.* is running at .*https://127\.0\.0\.1:\d+", kubectl("cluster-info").output)


def test_raw_requests_reach_the_probes_and_discovery(kubectl):
    assert kubectl("get", "--raw", "/healthz").output == "ok"
    assert kubectl("get", "--raw", "/readyz").output == "ok"
    assert kubectl("get", "--raw", "/livez").output == "ok"
    groups = kubectl("get", "--raw", "/apis").json
    assert groups["kind"] == "APIGroupList"
    assert "apps" in [group["name"] for group in groups["groups"]]
    resources = kubectl("get", "--raw", "/apis/apps/v1").json["resources"]
    scale = next(r for r in resources if r["name"] == "deployments/scale")
    assert (scale["kind"], scale["group"], scale["version"]) == ("Scale", "autoscaling", "v1")
    assert kubectl("get", "--raw", "/api").json["versions"] == ["v1"]
    assert "(NotFound)" in kubectl.fails("get", "--raw", "/apis/absent.example.com/v1")


def test_explain_tells_of_fields(kubectl, widgets):
    assert re.search(r"KIND: +Deployment\nVERSION: +v1", kubectl("explain", "deployment").output)
    field = kubectl("explain", "deployment.spec.replicas").output
    assert "FIELD: replicas <integer>" in field
    assert "containers" in kubectl("explain", "pod.spec").output
    assert "<[]Container>" in kubectl("explain", "pod.spec").output
    assert "-required-" in kubectl("explain", "pod.spec").output
    assert re.search(r"limits\t<", kubectl("explain", "pods.spec.containers.resources", "--recursive").output)
    size = kubectl("explain", "widget.spec.size").output
    assert "FIELD: size <integer>" in size and "How large it should be." in size
    assert 'field "absent" does not exist' in kubectl.fails("explain", "pod.spec.absent")


# Objects in all forms


def test_get_pods_as_tables(kubectl, web):
    done = kubectl("get", "pods")
    assert done.lines[0].split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    for name, ready, status, restarts, age in done.table:
        assert re.fullmatch(r"web-[bcdf-hj-np-tv-z2456789]+-[bcdf-hj-np-tv-z2456789]{5}", name)
        assert (ready, status, restarts) == ("1/1", "Running", "0")
        assert re.fullmatch(r"\d+s", age)
    assert len(done.table) == 2
    wide = kubectl("get", "pods", "-o", "wide")
    assert wide.lines[0].split("  ")[-1].strip() == "READINESS GATES"
    assert re.fullmatch(r"10\.\d+\.\d+\.\d+", wide.table[0][5])
    assert kubectl("get", "pods", "--no-headers").output.count("\n") == 2
    labelled = kubectl("get", "pods", "--show-labels", "-L", "app")
    assert labelled.lines[0].split()[-2:] == ["APP", "LABELS"]
    assert "app=web,pod-template-hash=" in labelled.lines[1]


def test_get_several_kinds_and_all(kubectl, web):
    output = kubectl("get", "all").output
    for start in ("pod/web-", "service/web ", "deployment.apps/web ", "replicaset.apps/web-"):
        assert re.search(f"^{re.escape(start)}", output, re.MULTILINE), output
    both = kubectl("get", "deployment/web", "service/web").output
    assert "deployment.apps/web" in both and "service/web" in both
    assert kubectl("get", "deployments", "web", "-o", "name").output == "deployment.apps/web\n"
    assert kubectl("get", "deploy", "--all-namespaces").lines[0].startswith("NAMESPACE")


def test_get_as_json_yaml_and_templates(kubectl, web):
    found = kubectl("get", "deployment", "web", "-o", "json").json
    assert (found["apiVersion"], found["kind"], found["spec"]["replicas"]) == ("apps/v1", "Deployment", 2)
    assert "managedFields" not in found["metadata"]
    shown = kubectl("get", "deployment", "web", "-o", "json", "--show-managed-fields").json
    managers = {entry["manager"]: entry for entry in shown["metadata"]["managedFields"]}
    assert "kubectl-client-side-apply" in managers
    assert managers["kubectl-client-side-apply"]["fieldsV1"]["f:spec"]["f:replicas"] == {}
    assert yaml.safe_load(kubectl("get", "deployment", "web", "-o", "yaml").output) == {
        **found, "status": yaml.safe_load(kubectl("get", "deployment", "web", "-o", "yaml").output)["status"],
    }
    items = kubectl("get", "pods", "-o", "json").json
    assert items["kind"] == "List" and len(items["items"]) == 2
    assert kubectl("get", "deploy", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}").output == "nginx:1.27"
    assert kubectl("get", "pods", "-o", "jsonpath={.items[*].status.phase}").output == "Running Running"
    assert kubectl("get", "deploy", "web", "-o", "go-template={{.metadata.name}}").output == "web"
    columns = kubectl("get", "deploy", "-o", "custom-columns=NAME:.metadata.name,WANTED:.spec.replicas")
    assert columns.table == [["web", "2"]]
    assert kubectl("get", "pods", "-o", "name").lines[0].startswith("pod/web-")
    raw = kubectl("get", "--raw", f"/apis/apps/v1/namespaces/{kubectl.namespace}/deployments/web").json
    assert raw["metadata"]["uid"] == found["metadata"]["uid"]


def test_get_sorted(kubectl):
    kubectl.apply(config_map("b", key="1"), config_map("c", key="3"), config_map("a", key="2"))
    names = [row[0] for row in kubectl("get", "configmaps", "--sort-by=.data.key").table]
    assert [name for name in names if name in "abc"] == ["b", "a", "c"]


def test_get_with_label_selectors(kubectl):
    for name, tier, level in [("a", "front", "1"), ("b", "back", "2"), ("c", "back", "7")]:
        kubectl.apply({**config_map(name), "metadata": {"name": name, "labels": {"tier": tier, "level": level}}})
    kubectl.apply({**config_map("d"), "metadata": {"name": "d", "labels": {"plain": ""}}})

    def names(selector):
        return [name.removeprefix("configmap/") for name in kubectl("get", "cm", "-l", selector, "-o", "name").lines]

    assert names("tier=back") == ["b", "c"]
    assert names("tier==back,level=7") == ["c"]
    assert names("tier!=back,level") == ["a"]
    assert names("tier in (front, back)") == ["a", "b", "c"]
    assert names("tier notin (front),tier") == ["b", "c"]
    assert names("!tier,plain") == ["d"]
    assert names("tier=absent") == []
    assert "unable to parse" in kubectl.fails("get", "cm", "-l", "a in b")


def test_get_with_field_selectors(kubectl, web):
    assert len(kubectl("get", "pods", "--field-selector=status.phase=Running", "-o", "name").lines) == 2
    assert kubectl("get", "pods", "--field-selector=status.phase!=Running", "-o", "name").lines == []
    node = kubectl("get", "pods", "-o", "jsonpath={.items[0].spec.nodeName}").output
    on_node = kubectl("get", "pods", f"--field-selector=spec.nodeName={node}", "-o", "name").lines
    assert on_node
    assert kubectl("get", "deploy", "--field-selector=metadata.name=web", "-o", "name").lines == ["deployment.apps/web"]
    reasons = kubectl("get", "events", "--field-selector=involvedObject.kind=Deployment", "-o", "jsonpath={.items[*].reason}")
    assert reasons.output == "ScalingReplicaSet"
    assert "field label not supported" in kubectl.fails("get", "pods", "--field-selector=spec.absent=1")


def test_get_in_chunks_gives_everything_once(kubectl):
    names = [f"item-{number:02}" for number in range(25)]
    kubectl.apply(*[config_map(name) for name in names])
    for size in (1, 7, 24, 25, 26, 500):
        found = kubectl("get", "configmaps", f"--chunk-size={size}", "-l", "!absent", "-o", "name").lines
        assert [f"configmap/{name}" for name in names] == [line for line in found if "item-" in line]


def test_what_is_not_there_is_said_in_kubernetes_words(kubectl):
    assert kubectl("get", "pods").errors == f"No resources found in {kubectl.namespace} namespace.\n"
    assert kubectl.fails("get", "pod", "absent") == 'Error from server (NotFound): pods "absent" not found\n'
    assert kubectl.fails("get", "absents") == 'error: the server doesn\'t have a resource type "absents"\n'
    assert kubectl("get", "pod", "absent", "--ignore-not-found").output == ""
    assert kubectl.fails("get", "deploy", "absent") == 'Error from server (NotFound): deployments.apps "absent" not found\n'


# Watches


def test_get_watch_shows_each_change(kubectl):
    # One that no node takes: once it is listed, every change is seen.
    kubectl.apply(pod("early", nodeSelector={"example.com/no": "such"}))
    with kubectl.start("get", "pods", "-w") as watch:
        assert watch.line().split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
        watch.line_with("early")
        kubectl.apply(pod(image="example.com/watched:1"))
        for status in ("Pending", "ContainerCreating", "Running"):
            watch.line_with(status)
        kubectl("delete", "pod", "one", "--wait=false")
        watch.line_with("Terminating")


def test_get_watch_of_one_object_and_its_events(kubectl):
    kubectl.apply(config_map(colour="red"))
    with kubectl.start("get", "cm", "settings", "-w", "--output-watch-events", "-o", "json") as watch:
        def event():
            text = ""
            while True:
                text += watch.line() + "\n"
                try:
                    return json.loads(text)
                except json.JSONDecodeError:
                    continue

        assert event()["type"] == "ADDED"
        kubectl("patch", "cm", "settings", "-p", '{"data":{"colour":"green"}}')
        changed = event()
        assert (changed["type"], changed["object"]["data"]) == ("MODIFIED", {"colour": "green"})
        kubectl("delete", "cm", "settings")
        assert event()["type"] == "DELETED"


def test_get_watch_with_a_selector_sees_objects_enter_and_leave(kubectl):
    arguments = ["get", "cm", "-l", "on=yes", "-w", "--output-watch-events", "--no-headers"]
    kubectl.apply(config_map("a"))
    with kubectl.start(*arguments) as watch:
        kubectl("label", "cm", "a", "on=yes")
        assert watch.line().split()[:2] == ["ADDED", "a"]
        kubectl("annotate", "cm", "a", "note=1")
        assert watch.line().split()[:2] == ["MODIFIED", "a"]
        kubectl("label", "cm", "a", "on=no", "--overwrite")
        assert watch.line().split()[:2] == ["DELETED", "a"]


# Describe and events


def test_describe_a_pod_with_its_events(kubectl):
    kubectl.apply(pod(container={
        "resources": {"requests": {"cpu": "100m"}, "limits": {"memory": "64Mi"}},
        "env": [{"name": "MODE", "value": "fast"}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 80}},
    }))
    kubectl("wait", "--for=condition=Ready", "pod/one", "--timeout=200s")
    kubectl.until(lambda: "Started" in kubectl("events", "--for", "pod/one").output, "the start is an event")
    text = kubectl("describe", "pod", "one").output
    for pattern in [
        r"^Name: +one$", r"^Status: +Running$", r"^Node: +\S+/172\.", r"^IP: +10\.", r"Image: +nginx:1\.27",
        r"Image ID: +docker\.io/library/nginx@sha256:[0-9a-f]{64}", r"State: +Running", r"Ready: +True",
        r"Restart Count: +0", r"cpu: +100m", r"memory: +64Mi", r"MODE: +fast", r"Readiness: +http-get http://:80/ready",
        r"^QoS Class: +Burstable", r"Normal +Scheduled .* default-scheduler +Successfully assigned \S+/one to \S+",
        r"Normal +Pulled ", r"Normal +Started ",
    ]:
        assert re.search(pattern, text, re.MULTILINE), f"{pattern} is not in\n{text}"


def test_describe_a_deployment_a_service_and_a_node(kubectl, web):
    text = kubectl("describe", "deployment", "web").output
    assert re.search(r"^Replicas: +2 desired \| 2 updated \| 2 total \| 2 available \| 0 unavailable$", text, re.MULTILINE)
    assert re.search(r"Available +True +MinimumReplicasAvailable", text)
    assert re.search(r"NewReplicaSet: +web-\S+ \(2/2 replicas created\)", text)
    assert re.search(r"ScalingReplicaSet .* deployment-controller +Scaled up replica set web-\S+ from 0 to 2", text)
    # A controller of its own writes them, whenever it has seen that the pods are ready.
    endpoints = re.compile(r"^Endpoints: +10\.\S+:80,10\.\S+:80$", re.MULTILINE)
    kubectl.until(lambda: endpoints.search(kubectl("describe", "service", "web").output), "both pods are behind the service")
    node = kubectl("get", "pods", "-o", "jsonpath={.items[0].spec.nodeName}").output
    text = kubectl("describe", "node", node).output
    assert re.search(r"Ready +True .* KubeletReady", text)
    assert re.search(rf"{kubectl.namespace} +web-\S+ ", text)
    assert re.search(r"Allocated resources:", text)
    assert re.search(r"HolderIdentity: +" + re.escape(node), text)


def test_describe_a_definition_and_a_custom_object(kubectl, widgets):
    text = kubectl("describe", "crd", "widgets.example.com").output
    assert re.search(r"Plural: +widgets", text) and re.search(r"Type: +Established", text)
    kubectl.apply(widget())
    text = kubectl("describe", "widget", "one").output
    assert re.search(r"^Kind: +Widget$", text, re.MULTILINE) and re.search(r"Size: +3", text)


def test_events_of_an_object_and_of_a_type(kubectl, web):
    mine = kubectl("events", "--for", "deployment/web").output
    assert "ScalingReplicaSet" in mine and "Scheduled" not in mine
    assert kubectl("events", "--types=Warning").output == "" or "Normal" not in kubectl("events", "--types=Warning").output
    table = kubectl("get", "events")
    assert table.lines[0].split() == ["LAST", "SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]
    assert any("pod/web-" in line and "Scheduled" in line for line in table.lines)


def test_events_of_both_groups_are_the_same_events(kubectl, web):
    def names(*arguments):
        return sorted(kubectl.text("get", *arguments, "-o", "name").replace(".events.k8s.io", "").split())

    newer = ["events.events.k8s.io", "--field-selector", "regarding.name=web"]
    older = ["events", "--field-selector", "involvedObject.name=web"]
    assert names(*newer) == names(*older) != []
    event = kubectl("get", *newer, "-o", "json").json["items"][0]
    assert event["apiVersion"] == "events.k8s.io/v1" and event["regarding"]["kind"] == "Deployment"
    assert "Scaled up replica set" in event["note"] and "message" not in event


def test_nodes_show_their_state_and_what_they_have(kubectl):
    table = kubectl("get", "nodes")
    assert table.lines[0].split() == ["NAME", "STATUS", "ROLES", "AGE", "VERSION"]
    assert {row[1] for row in table.table} == {"Ready"}
    simulated = ["-l", "ingot.dev/simulated=true"]
    gpus = kubectl("get", "nodes", *simulated, "-o", r"jsonpath={range .items[*]}{.status.allocatable.nvidia\.com/gpu},{end}").output
    assert sorted(gpus.removesuffix(",").split(",")) == ["", "4", "8", "8"]
    assert "simulated" in kubectl("get", "nodes", "--show-labels").output
