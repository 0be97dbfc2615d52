"""Libraries that Python programs use: the official client, kr8s, and an operator made with kopf."""

import pathlib
import subprocess
import sys

import kr8s.objects
import kubernetes
import kubernetes.dynamic
import pytest

from cluster import Output, config_map, deployment, pod


@pytest.fixture(scope="module")
def api(cluster):
    """The official client, configured for the cluster."""
    return kubernetes.config.new_client_from_config(str(cluster.kubeconfig))


def test_official_client_creates_lists_patches_and_deletes(space, api):
    core = kubernetes.client.CoreV1Api(api)
    body = kubernetes.client.V1ConfigMap(
        metadata=kubernetes.client.V1ObjectMeta(name="c", labels={"tier": "low"}), data={"a": "1"}
    )
    made = core.create_namespaced_config_map(space.namespace, body)
    assert made.metadata.uid and made.metadata.creation_timestamp.tzinfo is not None
    listed = core.list_namespaced_config_map(space.namespace, label_selector="tier=low")
    assert [item.metadata.name for item in listed.items] == ["c"] and listed.metadata.resource_version
    patched = core.patch_namespaced_config_map("c", space.namespace, {"data": {"b": "2"}})
    assert patched.data == {"a": "1", "b": "2"}
    with pytest.raises(kubernetes.client.ApiException) as stale:
        core.replace_namespaced_config_map("c", space.namespace, made)
    assert stale.value.status == 409 and '"reason":"Conflict"' in stale.value.body
    assert core.delete_namespaced_config_map("c", space.namespace).status == "Success"
    with pytest.raises(kubernetes.client.ApiException) as missing:
        core.read_namespaced_config_map("c", space.namespace)
    assert missing.value.status == 404


def test_official_client_pages(space, api):
    space.apply(*[config_map(f"c{number}", {"paged": "yes"}) for number in range(5)])
    core = kubernetes.client.CoreV1Api(api)
    names, sizes, rest = [], [], None
    while True:
        page = core.list_namespaced_config_map(space.namespace, label_selector="paged", limit=2, _continue=rest)
        names += [item.metadata.name for item in page.items]
        sizes.append(len(page.items))
        rest = page.metadata._continue
        if not rest:
            break
    assert names == ["c0", "c1", "c2", "c3", "c4"] and sizes == [2, 2, 1]


def test_official_client_watches(space, api):
    core = kubernetes.client.CoreV1Api(api)
    version = core.list_namespaced_config_map(space.namespace).metadata.resource_version
    # Made before the watch begins: it tells everything since that version.
    space.apply(config_map("c", a="1"))
    space.kubectl("delete", "configmap", "c")
    watch, seen = kubernetes.watch.Watch(), []
    stream = watch.stream(
        core.list_namespaced_config_map, space.namespace, resource_version=version, timeout_seconds=60,
        field_selector="metadata.name=c",
    )
    for event in stream:
        seen.append((event["type"], event["object"].metadata.name))
        if event["type"] == "DELETED":
            watch.stop()
    assert seen == [("ADDED", "c"), ("DELETED", "c")]


def test_official_client_scales_and_reads_logs(space, api):
    apps, core = kubernetes.client.AppsV1Api(api), kubernetes.client.CoreV1Api(api)
    apps.create_namespaced_deployment(space.namespace, deployment("web"))
    apps.patch_namespaced_deployment_scale("web", space.namespace, {"spec": {"replicas": 2}})
    assert apps.read_namespaced_deployment_scale("web", space.namespace).spec.replicas == 2
    space.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    pods = core.list_namespaced_pod(space.namespace, label_selector="app=web").items
    assert len(pods) == 2 and all(p.status.phase == "Running" for p in pods)
    assert "nginx" in core.read_namespaced_pod_log(pods[0].metadata.name, space.namespace)


def test_dynamic_client(space, api):
    dynamic = kubernetes.dynamic.DynamicClient(api)
    jobs = dynamic.resources.get(api_version="batch/v1", kind="Job")
    made = jobs.create(
        namespace=space.namespace,
        body={
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": "j"},
            "spec": {"template": {"spec": {
                "restartPolicy": "Never", "containers": [{"name": "main", "image": "busybox", "command": ["true"]}],
            }}},
        },
    )
    assert made.metadata.uid
    for event in jobs.watch(namespace=space.namespace, timeout=60):
        if event["object"].status.succeeded == 1:
            break
    else:
        pytest.fail("the job did not succeed")
    applied = dynamic.resources.get(api_version="v1", kind="ConfigMap").server_side_apply(
        namespace=space.namespace, body=config_map("c", a="1"), field_manager="dynamic"
    )
    assert applied.data.to_dict() == {"a": "1"}
    nodes = dynamic.resources.get(api_version="v1", kind="Node").get()
    assert len(nodes.items) >= 4


def test_kr8s(space):
    api = kr8s.api(kubeconfig=str(space.kubeconfig), namespace=space.namespace)
    web = kr8s.objects.Deployment({**deployment("web")}, api=api, namespace=space.namespace)
    web.create()
    assert web.exists()
    web.scale(2)
    web.wait("condition=Available", timeout=60)
    pods = list(api.get("pods", namespace=space.namespace, label_selector={"app": "web"}))
    assert {type(p).kind for p in pods} == {"Pod"} and len(pods) == 2
    web.patch({"metadata": {"annotations": {"note": "words"}}})
    assert web.annotations["note"] == "words"
    talker = kr8s.objects.Pod(pod("talker", "busybox", command=["sh", "-c", "echo hello; sleep 1000"]), api=api,
                              namespace=space.namespace)
    talker.create()
    talker.wait("condition=Ready", timeout=60)
    assert list(talker.logs()) == ["hello"]
    web.delete(propagation_policy="Foreground")
    web.wait("delete", timeout=60)
    assert not web.exists()
    with pytest.raises(kr8s.NotFoundError):
        kr8s.objects.Deployment.get("web", namespace=space.namespace, api=api)


OPERATOR = '''
import kopf

@kopf.on.startup()
def settings(settings, **_):
    settings.posting.level = 0
    settings.posting.enabled = True

@kopf.on.create("gardens")
@kopf.on.update("gardens", field="spec.trees")
def planted(spec, patch, body, **_):
    kopf.info(body, reason="Planted", message=f"{spec['trees']} trees")
    patch.status["planted"] = spec["trees"]

@kopf.on.delete("gardens")
def felled(name, **_):
    print(f"felled {name}", flush=True)
'''

GARDENS = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "gardens.kopf.example.com"},
    "spec": {
        "group": "kopf.example.com",
        "scope": "Namespaced",
        "names": {"plural": "gardens", "singular": "garden", "kind": "Garden"},
        "versions": [{
            "name": "v1",
            "served": True,
            "storage": True,
            "subresources": {"status": {}},
            "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                "spec": {"type": "object", "properties": {"trees": {"type": "integer"}}},
                "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
            }}},
        }],
    },
}


@pytest.fixture
def operator(space, tmp_path):
    """A kopf operator that looks after the gardens of the namespace, and what it prints."""
    space.apply(GARDENS)
    space.kubectl("wait", "--for=condition=Established", "crd/gardens.kopf.example.com", "--timeout=60s")
    program = tmp_path / "operator.py"
    program.write_text(OPERATOR)
    kopf = pathlib.Path(sys.executable).parent / "kopf"
    process = subprocess.Popen(
        [kopf, "run", "--standalone", "--namespace", space.namespace, program],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=space.environment,
    )
    yield Output(process)
    process.terminate()
    process.wait(timeout=60)
    space.kubectl("delete", "crd", "gardens.kopf.example.com", "--timeout=60s")


def test_kopf_operator_reacts_with_finalizer_status_and_events(space, operator):
    garden = {"apiVersion": "kopf.example.com/v1", "kind": "Garden", "metadata": {"name": "g"}, "spec": {"trees": 3}}
    space.apply(garden)
    space.kubectl("wait", "--for=jsonpath={.status.planted}=3", "garden/g", "--timeout=60s")
    found = space.json("garden", "g")
    assert found["metadata"]["finalizers"] == ["kopf.zalando.org/KopfFinalizerMarker"]
    space.kubectl("patch", "garden", "g", "--type=merge", "-p", '{"spec": {"trees": 4}}')
    space.kubectl("wait", "--for=jsonpath={.status.planted}=4", "garden/g", "--timeout=60s")
    events = space.until(lambda out: "4 trees" in out, "events", "--field-selector=reason=Planted", "-o",
                         "jsonpath={range .items[*]}{.involvedObject.name}: {.message};{end}")
    assert "g: 3 trees;" in events and "g: 4 trees;" in events
    space.kubectl("delete", "garden", "g", "--timeout=60s")
    operator.wait(lambda lines: "felled g" in lines)
    assert "NotFound" in space.refused("get", "garden", "g")
