"""Python's kubernetes client, kr8s and an operator written with kopf work with the embedded cluster."""

import asyncio
import pathlib
import signal
import subprocess
import sys
import threading
import time

import pytest
from cluster import config_map, deployment, pod, service, widget
from waiting import PATIENCE, until

OPERATOR = pathlib.Path(__file__).parent / "widget_operator.py"


# The official client


@pytest.fixture(scope="module")
def client(kubeconfig):
    import kubernetes

    return kubernetes.config.new_client_from_config(str(kubeconfig))


@pytest.fixture
def core(client):
    import kubernetes

    return kubernetes.client.CoreV1Api(client)


@pytest.fixture
def apps(client):
    import kubernetes

    return kubernetes.client.AppsV1Api(client)


def test_objects_are_typed_and_errors_carry_the_status(core, namespace):
    from kubernetes.client.rest import ApiException

    made = core.create_namespaced_config_map(namespace, config_map(a="1"))
    assert made.metadata.uid and made.metadata.resource_version and made.metadata.creation_timestamp.tzinfo
    assert core.read_namespaced_config_map("settings", namespace).data == {"a": "1"}
    made.data = {"a": "2"}
    changed = core.replace_namespaced_config_map("settings", namespace, made)
    assert int(changed.metadata.resource_version) > int(made.metadata.resource_version)
    with pytest.raises(ApiException) as conflict:
        core.replace_namespaced_config_map("settings", namespace, made)
    assert conflict.value.status == 409 and '"reason":"Conflict"' in conflict.value.body
    assert core.patch_namespaced_config_map("settings", namespace, {"data": {"b": "3"}}).data == {"a": "2", "b": "3"}
    patch = [{"op": "remove", "path": "/data/a"}]
    assert core.patch_namespaced_config_map("settings", namespace, patch).data == {"b": "3"}
    assert core.delete_namespaced_config_map("settings", namespace)["status"] == "Success"
    with pytest.raises(ApiException) as absent:
        core.read_namespaced_config_map("settings", namespace)
    assert absent.value.status == 404
    with pytest.raises(ApiException) as invalid:
        core.create_namespaced_pod(namespace, {"metadata": {"name": "p"}, "spec": {"containers": []}})
    assert invalid.value.status == 422


def test_lists_come_in_pages_of_one_moment(core, namespace):
    names = [f"c-{number:02}" for number in range(10)]
    for name in names:
        core.create_namespaced_config_map(namespace, {**config_map(name), "metadata": {"name": name, "labels": {"page": "1"}}})
    page = core.list_namespaced_config_map(namespace, limit=4, label_selector="page=1")
    assert page.metadata.remaining_item_count in (6, None)
    core.delete_namespaced_config_map("c-05", namespace)
    seen, version = [], page.metadata.resource_version
    while True:
        seen += [item.metadata.name for item in page.items]
        assert page.metadata.resource_version == version
        if not page.metadata._continue:
            break
        page = core.list_namespaced_config_map(namespace, limit=4, label_selector="page=1", _continue=page.metadata._continue)
    assert seen == names


def test_a_watch_goes_on_from_a_version(core, namespace):
    from kubernetes import watch

    version = core.list_namespaced_config_map(namespace).metadata.resource_version
    core.create_namespaced_config_map(namespace, config_map("a", x="1"))
    core.patch_namespaced_config_map("a", namespace, {"data": {"x": "2"}})
    core.delete_namespaced_config_map("a", namespace)
    events = []
    watcher = watch.Watch()
    for event in watcher.stream(core.list_namespaced_config_map, namespace, resource_version=version, timeout_seconds=PATIENCE):
        if event["object"].metadata.name == "a":
            events.append((event["type"], event["object"].data["x"]))
        if event["type"] == "DELETED":
            watcher.stop()
    assert events == [("ADDED", "1"), ("MODIFIED", "2"), ("DELETED", "2")]


def test_a_deployment_is_followed_scaled_and_read(core, apps, namespace):
    apps.create_namespaced_deployment(namespace, deployment())
    until(lambda: apps.read_namespaced_deployment_status("web", namespace).status.available_replicas == 2, "two pods are available")
    scale = apps.read_namespaced_deployment_scale("web", namespace)
    assert (scale.spec.replicas, scale.status.selector) == (2, "app=web")
    apps.patch_namespaced_deployment_scale("web", namespace, {"spec": {"replicas": 3}})
    until(lambda: apps.read_namespaced_deployment("web", namespace).status.ready_replicas == 3, "three pods are ready")
    pods = core.list_namespaced_pod(namespace, label_selector="app=web", field_selector="status.phase=Running").items
    assert len(pods) == 3
    assert pods[0].status.container_statuses[0].state.running.started_at
    assert "nginx" in core.read_namespaced_pod_log(pods[0].metadata.name, namespace)
    lines = core.read_namespaced_pod_log(pods[0].metadata.name, namespace, tail_lines=1, timestamps=True).splitlines()
    assert len(lines) == 1
    events = core.list_namespaced_event(namespace, field_selector="involvedObject.kind=Pod,reason=Scheduled").items
    assert len(events) == 3
    core.create_namespaced_pod_eviction(pods[0].metadata.name, namespace, {"metadata": {"name": pods[0].metadata.name}})
    until(lambda: pods[0].metadata.name not in [p.metadata.name for p in core.list_namespaced_pod(namespace).items], "the evicted pod is gone")
    apps.delete_namespaced_deployment("web", namespace, propagation_policy="Foreground")
    until(lambda: not core.list_namespaced_pod(namespace).items, "all pods are gone")


def test_custom_objects_nodes_version_and_reviews(client, core, namespace, widgets):
    import kubernetes

    custom = kubernetes.client.CustomObjectsApi(client)
    place = ("example.com", "v1", namespace, "widgets")
    custom.create_namespaced_custom_object(*place, widget())
    custom.patch_namespaced_custom_object_status(*place, "one", {"status": {"size": 1}})
    assert custom.get_namespaced_custom_object(*place, "one")["status"] == {"size": 1}
    assert len(custom.list_namespaced_custom_object(*place)["items"]) == 1
    custom.delete_namespaced_custom_object(*place, "one")
    names = {node.metadata.name: node for node in core.list_node().items}
    assert names["gpu-l4"].status.allocatable["nvidia.com/gpu"] == "4"
    assert kubernetes.client.VersionApi(client).get_code().git_version.endswith("+ingot")
    review = kubernetes.client.AuthorizationV1Api(client).create_self_subject_access_review(
        {"spec": {"resourceAttributes": {"verb": "create", "resource": "pods"}}}
    )
    assert review.status.allowed is True
    groups = [group.name for group in kubernetes.client.ApisApi(client).get_api_versions().groups]
    assert "apps" in groups and "example.com" in groups


def test_the_dynamic_client_finds_types_and_applies(client, namespace):
    import kubernetes

    dynamic = kubernetes.dynamic.DynamicClient(client)
    maps = dynamic.resources.get(api_version="v1", kind="ConfigMap")
    applied = maps.server_side_apply(config_map(a="1"), namespace=namespace, field_manager="tests")
    assert applied.data.a == "1"
    assert applied.metadata.managedFields[0].operation == "Apply"
    assert maps.get(name="settings", namespace=namespace).data.to_dict() == {"a": "1"}
    scale = dynamic.resources.get(api_version="apps/v1", kind="Deployment").subresources["scale"]
    assert scale.kind == "Scale"


def test_an_informers_view_is_that_of_the_server(core, namespace):
    """List, then watch from there, while others write: what is known in the end is what is there."""
    from kubernetes import watch

    known = {}
    listed = core.list_namespaced_config_map(namespace, label_selector="seen=1")

    def write():
        for number in range(40):
            name = f"w-{number % 8}"
            body = {**config_map(name, number=str(number)), "metadata": {"name": name, "labels": {"seen": "1"}}}
            if number < 8:
                core.create_namespaced_config_map(namespace, body)
            else:
                core.replace_namespaced_config_map(name, namespace, body)
        core.delete_namespaced_config_map("w-0", namespace)
        core.create_namespaced_config_map(namespace, {**config_map("last"), "metadata": {"name": "last", "labels": {"seen": "1"}}})

    writer = threading.Thread(target=write)
    writer.start()
    watcher = watch.Watch()
    for event in watcher.stream(
        core.list_namespaced_config_map, namespace, label_selector="seen=1",
        resource_version=listed.metadata.resource_version, timeout_seconds=PATIENCE,
    ):
        name = event["object"].metadata.name
        if event["type"] == "DELETED":
            del known[name]
        else:
            assert (event["type"] == "ADDED") == (name not in known)
            known[name] = event["object"].data
        if name == "last":
            watcher.stop()
    writer.join()
    there = {item.metadata.name: item.data for item in core.list_namespaced_config_map(namespace, label_selector="seen=1").items}
    assert known == there


# kr8s


def test_kr8s_makes_waits_reads_and_removes(kubeconfig, namespace):
    async def run():
        import kr8s.asyncio
        from kr8s.asyncio.objects import ConfigMap, Deployment, Pod, Service

        api = await kr8s.asyncio.api(kubeconfig=str(kubeconfig), namespace=namespace)
        assert (await api.version())["gitVersion"].endswith("+ingot")
        one = await Pod({**pod(), "metadata": {"name": "one", "namespace": namespace}}, api=api)
        await one.create()
        await one.wait("condition=Ready", timeout=PATIENCE)
        assert await one.ready()
        assert "nginx" in [line async for line in one.logs()][0]
        await one.label({"tier": "front"})
        found = [p.name async for p in api.get("pods", namespace=namespace, label_selector={"tier": "front"})]
        assert found == ["one"]
        web = await Deployment({**deployment(), "metadata": {"name": "web", "namespace": namespace}}, api=api)
        await web.create()
        await web.wait("condition=Available", timeout=PATIENCE)
        await web.scale(1)
        assert web.replicas == 1

        async def pods_of_web():
            return [p.name async for p in api.get("pods", namespace=namespace, label_selector={"app": "web"})]

        # kr8s lists a service's pods and then reads each, so none may be on its way out by then.
        deadline = time.monotonic() + PATIENCE
        while len(await pods_of_web()) > 1:
            assert time.monotonic() < deadline, await pods_of_web()
        svc = await Service({**service(), "metadata": {"name": "web", "namespace": namespace}}, api=api)
        await svc.create()
        deadline = time.monotonic() + PATIENCE
        while not await svc.ready_pods():
            assert time.monotonic() < deadline
        settings = await ConfigMap({**config_map(a="1"), "metadata": {"name": "settings", "namespace": namespace}}, api=api)
        await settings.create()
        await settings.patch({"data": {"b": "2"}})
        assert dict(settings.data) == {"a": "1", "b": "2"}
        await one.delete()
        await one.wait("delete", timeout=PATIENCE)
        assert not await one.exists()

    asyncio.run(run())


def test_kr8s_works_with_a_custom_resource(kubeconfig, namespace, widgets):
    async def run():
        import kr8s.asyncio
        from kr8s.asyncio.objects import new_class

        api = await kr8s.asyncio.api(kubeconfig=str(kubeconfig), namespace=namespace)
        widget_class = new_class(kind="Widget", version="example.com/v1", namespaced=True, scalable=True, scalable_spec="size")
        one = await widget_class({**widget(), "metadata": {"name": "one", "namespace": namespace}}, api=api)
        await one.create()
        await one.scale(5)
        await one.refresh()
        assert one.spec.size == 5
        kinds = {resource["kind"] for resource in await api.api_resources()}
        assert {"Widget", "Pod", "Deployment"} <= kinds

    asyncio.run(run())


# kopf


@pytest.fixture
def operator(kubeconfig, namespace, widgets, tmp_path):
    """An operator that makes a config map for each widget and keeps the widget's status."""
    log = (tmp_path / "operator.log").open("w+")
    process = subprocess.Popen(
        [sys.executable, "-m", "kopf", "run", "--standalone", "--namespace", namespace, str(OPERATOR)],
        stdout=log, stderr=subprocess.STDOUT,
        env={"KUBECONFIG": str(kubeconfig), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )
    yield process
    process.send_signal(signal.SIGTERM)
    status = process.wait(timeout=PATIENCE)
    log.seek(0)
    output = log.read()
    assert status == 0, output
    assert "Traceback" not in output, output


def test_an_operator_reconciles_its_objects(kubectl, operator):
    kubectl.apply(widget(size=2))

    def children():
        return kubectl("get", "cm", "-l", "widget=one", "-o", "jsonpath={.items[*].data.size}").output

    kubectl.until(lambda: children() == "2", "the operator made the config map")
    kubectl("wait", "--for=jsonpath={.status.size}=2", "widget/one", "--timeout=60s")
    assert kubectl("get", "widget", "one", "-o", "jsonpath={.metadata.finalizers[0]}").output
    owner = kubectl("get", "cm", "-l", "widget=one", "-o", "jsonpath={.items[0].metadata.ownerReferences[0].kind}").output
    assert owner == "Widget"
    kubectl("patch", "widget", "one", "--type=merge", "-p", '{"spec":{"size":7}}')
    kubectl.until(lambda: children() == "7", "the operator followed the change")
    kubectl.until(lambda: "made the config map" in kubectl("events", "--for", "widget/one").output, "the operator's event is there")
    kubectl("delete", "widget", "one", "--timeout=60s")
    kubectl.until(lambda: not children(), "the config map went with its owner")
    assert kubectl("get", "cm", "farewell", "-o", "jsonpath={.data.name}").output == "one"
