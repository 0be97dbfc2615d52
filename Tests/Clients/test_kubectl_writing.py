"""kubectl makes, changes and removes objects in all the ways it has."""

import base64
import json
import os
import re

import confidential
import pytest
import yaml
from cluster import config_map, deployment, pod, service

PASSWORD = confidential.secret("password in a Secret")


def data(kubectl, name="settings"):
    return kubectl("get", "configmap", name, "-o", "json").json["data"]


# Create


def test_create_from_a_file_and_again(kubectl):
    assert kubectl("create", "-f", "-", input=config_map()).output == "configmap/settings created\n"
    assert kubectl.fails("create", "-f", "-", input=config_map()) == (
        'Error from server (AlreadyExists): error when creating "STDIN": configmaps "settings" already exists\n'
    )


def test_create_with_a_generated_name(kubectl):
    prefixed = {**config_map(), "metadata": {"generateName": "part-"}}
    names = {kubectl("create", "-f", "-", "-o", "name", input=prefixed).output.strip() for _ in range(3)}
    assert len(names) == 3
    assert all(re.fullmatch("configmap/part-[bcdfghjklmnpqrstvwxz2456789]{5}", name) for name in names)


def test_create_config_maps_and_secrets_from_literals_and_files(kubectl, tmp_path):
    (tmp_path / "key.txt").write_text("from a file")
    (tmp_path / "binary").write_bytes(bytes(range(256)))
    kubectl("create", "configmap", "cm", "--from-literal=a=1", f"--from-file={tmp_path}/key.txt", f"--from-file={tmp_path}/binary")
    found = kubectl("get", "cm", "cm", "-o", "json").json
    assert found["data"] == {"a": "1", "key.txt": "from a file"}
    assert list(found["binaryData"]) == ["binary"]
    kubectl("create", "secret", "generic", "word", f"--from-literal=password={PASSWORD}")
    assert kubectl("get", "secret", "word", "-o", "jsonpath={.data.password}").output == base64.b64encode(PASSWORD.encode()).decode()
    assert kubectl("get", "secret", "word").table[0][:3] == ["word", "Opaque", "1"]
    assert PASSWORD not in kubectl("describe", "secret", "word").output
    kubectl("create", "secret", "docker-registry", "pull", "--docker-server=r", "--docker-username=u", f"--docker-password={PASSWORD}")
    assert kubectl("get", "secret", "pull", "-o", "jsonpath={.type}").output == "kubernetes.io/dockerconfigjson"
    kubectl.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "plain"}, "stringData": {"a": "b"}})
    assert kubectl("get", "secret", "plain", "-o", "json").json["data"] == {"a": "Yg=="}


@pytest.mark.parametrize(
    "arguments, name",
    [
        (["deployment", "d", "--image=nginx", "--replicas=0"], "deployment.apps/d"),
        (["job", "j", "--image=busybox", "--", "true"], "job.batch/j"),
        (["service", "clusterip", "s", "--tcp=80:8080"], "service/s"),
        (["service", "nodeport", "n", "--tcp=80"], "service/n"),
        (["service", "externalname", "e", "--external-name=example.com"], "service/e"),
        (["serviceaccount", "sa"], "serviceaccount/sa"),
        (["role", "r", "--verb=get,list", "--resource=pods"], "role.rbac.authorization.k8s.io/r"),
        (["rolebinding", "rb", "--role=r", "--user=u"], "rolebinding.rbac.authorization.k8s.io/rb"),
        (["poddisruptionbudget", "p", "--selector=app=a", "--min-available=1"], "poddisruptionbudget.policy/p"),
        (["quota", "q", "--hard=pods=5"], "resourcequota/q"),
    ],
)
def test_create_by_kind(kubectl, arguments, name):
    assert kubectl("create", *arguments).output == f"{name} created\n"
    assert kubectl("get", name, "-o", "name").output == f"{name}\n"
    kubectl("describe", name)


def test_create_is_refused_for_what_is_wrong(kubectl):
    assert 'namespaces "absent" not found' in kubectl.fails("create", "configmap", "a", "-n", "absent")
    bad = kubectl.fails("create", "configmap", "Not_A_Name")
    assert "is invalid: metadata.name: Invalid value" in bad and "RFC 1123" in bad
    missing = kubectl.fails("create", "--validate=false", "-f", "-", input={
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": []},
    })
    assert 'Pod "p" is invalid: spec.containers: Required value' in missing
    assert 'no matches for kind "Thing" in version "example.org/v1"' in kubectl.fails(
        "create", "-f", "-", input={"apiVersion": "example.org/v1", "kind": "Thing", "metadata": {"name": "t"}},
    )


def test_unknown_and_doubled_fields_are_refused_warned_of_or_dropped(kubectl):
    unknown = config_map() | {"extra": 1}
    assert 'unknown field "extra"' in kubectl.fails("create", "-f", "-", input=unknown)
    warned = kubectl("create", "--validate=warn", "-f", "-", input=unknown)
    assert 'Warning: unknown field "extra"' in warned.errors
    assert "extra" not in kubectl("get", "cm", "settings", "-o", "json").json
    kubectl("create", "--validate=ignore", "-f", "-", input=config_map("b") | {"extra": 1})
    wrong = deployment() | {}
    wrong["spec"]["replicas"] = "many"
    assert "spec.replicas" in kubectl.fails("create", "-f", "-", input=wrong)
    doubled = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"1"},"data":{"b":"2"}}'
    # kubectl itself keeps the last of two equal keys, so the text goes to the server as it is.
    path = f"/api/v1/namespaces/{kubectl.namespace}/configmaps?fieldValidation="
    strict = kubectl.fails("create", "--raw", path + "Strict", "-f", "-", input=doubled)
    assert 'strict decoding error: duplicate field "data"' in strict
    assert '"b":"2"' in kubectl.text("create", "--raw", path + "Ignore", "-f", "-", input=doubled)


# Apply


def test_apply_creates_changes_and_leaves_alone(kubectl):
    assert kubectl.apply(deployment(), service()).output == "deployment.apps/web created\nservice/web created\n"
    assert kubectl.apply(deployment(), service()).output == "deployment.apps/web unchanged\nservice/web unchanged\n"
    assert kubectl.apply(deployment(replicas=1), service()).output == "deployment.apps/web configured\nservice/web unchanged\n"
    assert kubectl("get", "deploy", "web", "-o", "jsonpath={.spec.replicas}").output == "1"


def test_apply_removes_what_it_applied_before_and_nothing_else(kubectl):
    kubectl.apply(config_map(a="1", b="2"))
    kubectl("patch", "cm", "settings", "-p", '{"data":{"other":"3"}}')
    kubectl.apply(config_map(a="1"))
    assert data(kubectl) == {"a": "1", "other": "3"}


def test_apply_merges_lists_by_their_keys(kubectl):
    kubectl.apply(deployment(replicas=0))
    kubectl("patch", "deploy", "web", "-p", '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"busybox"}]}}}}')
    kubectl.apply(deployment(replicas=0, image="nginx:1.28"))
    containers = kubectl("get", "deploy", "web", "-o", "json").json["spec"]["template"]["spec"]["containers"]
    assert {c["name"]: c["image"] for c in containers} == {"main": "nginx:1.28", "side": "busybox"}


def test_apply_of_a_folder_with_pruning(kubectl, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("a", "b"):
        labelled = {**config_map(name), "metadata": {"name": name, "labels": {"set": "one"}}}
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(labelled))
    kubectl("apply", "-f", folder)
    (folder / "b.yaml").unlink()
    arguments = ["apply", "-f", folder, "--prune", "-l", "set=one", "--prune-allowlist=core/v1/ConfigMap"]
    assert "configmap/b pruned" in kubectl(*arguments).output
    assert "configmap/b" not in kubectl("get", "cm", "-o", "name").lines


def test_apply_of_what_get_gave(kubectl):
    kubectl.apply(deployment(replicas=0))
    # What is applied names the state that it is of: nobody may have changed the object since, its controller neither.
    kubectl("rollout", "status", "deployment/web", "--timeout=200s")
    given = kubectl("get", "deployment,configmap", "-o", "yaml").output
    assert "deployment.apps/web" in kubectl("apply", "-f", "-", input=given).output


def test_apply_of_a_stale_object_is_a_conflict(kubectl):
    kubectl.apply(config_map(a="1"))
    stale = kubectl("get", "cm", "settings", "-o", "json").json
    kubectl("patch", "cm", "settings", "-p", '{"data":{"a":"2"}}')
    stale["data"]["a"] = "3"
    assert "the object has been modified" in kubectl.fails("replace", "-f", "-", input=stale)
    assert data(kubectl) == {"a": "2"}


def test_apply_with_dry_runs_changes_nothing(kubectl):
    assert kubectl("apply", "--dry-run=server", "-f", "-", input=config_map()).output == "configmap/settings created (server dry run)\n"
    assert kubectl("apply", "--dry-run=client", "-f", "-", input=config_map()).output == "configmap/settings created (dry run)\n"
    assert kubectl.run("get", "cm", "settings").status == 1
    kubectl.apply(config_map(a="1"))
    shown = kubectl("apply", "--dry-run=server", "-o", "json", "-f", "-", input=config_map(a="2")).json
    assert shown["data"] == {"a": "2"}
    assert data(kubectl) == {"a": "1"}
    kubectl("delete", "cm", "settings", "--dry-run=server")
    assert data(kubectl) == {"a": "1"}


def test_server_side_apply_owns_fields_and_tells_of_conflicts(kubectl):
    first = ["apply", "--server-side", "--field-manager=first", "-f", "-"]
    second = ["apply", "--server-side", "--field-manager=second", "-f", "-"]
    assert kubectl(*first, input=config_map(a="1", b="1")).output == "configmap/settings serverside-applied\n"
    complaint = kubectl.fails(*second, input=config_map(a="2"))
    assert 'Apply failed with 1 conflict: conflict with "first": .data.a' in complaint
    assert data(kubectl) == {"a": "1", "b": "1"}
    kubectl(*second, "--force-conflicts", input=config_map(a="2"))
    assert data(kubectl) == {"a": "2", "b": "1"}
    kubectl(*first, input=config_map())
    assert data(kubectl) == {"a": "2"}
    managers = kubectl("get", "cm", "settings", "-o", "json", "--show-managed-fields").json["metadata"]["managedFields"]
    applied = {m["manager"]: m["fieldsV1"] for m in managers if m["operation"] == "Apply"}
    assert applied["second"] == {"f:data": {"f:a": {}}}


def test_server_side_apply_shares_equal_values_and_merges_lists(kubectl):
    apply = lambda manager, containers: kubectl(
        "apply", "--server-side", f"--field-manager={manager}", "-f", "-",
        input={"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {
            "replicas": 0, "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": containers}},
        }},
    )
    apply("first", [{"name": "a", "image": "one"}])
    apply("second", [{"name": "b", "image": "two"}])
    containers = kubectl("get", "deploy", "web", "-o", "json").json["spec"]["template"]["spec"]["containers"]
    assert [(c["name"], c["image"]) for c in containers] == [("a", "one"), ("b", "two")]
    apply("first", [{"name": "a", "image": "three", "env": [{"name": "X", "value": "1"}]}])
    containers = kubectl("get", "deploy", "web", "-o", "json").json["spec"]["template"]["spec"]["containers"]
    assert [(c["name"], c["image"]) for c in containers] == [("a", "three"), ("b", "two")]


def test_server_side_apply_takes_over_from_client_side_apply(kubectl):
    kubectl.apply(config_map(a="1", b="2"))
    kubectl("apply", "--server-side", "-f", "-", input=config_map(a="1"))
    assert data(kubectl) == {"a": "1"}


def test_diff_tells_what_would_change(kubectl):
    kubectl.apply(config_map(a="1"))
    assert kubectl("diff", "-f", "-", input=config_map(a="1")).output == ""
    changed = kubectl.run("diff", "-f", "-", input=config_map(a="2"))
    assert changed.status == 1
    assert "\n-  a: \"1\"\n+  a: \"2\"\n" in changed.output
    assert not [line for line in changed.lines if line[:1] in "+-" and "resourceVersion" in line]
    absent = kubectl.run("diff", "-f", "-", input=config_map("new", x="1"))
    assert absent.status == 1 and "+kind: ConfigMap" in absent.output
    assert "resourceVersion" not in absent.output
    served = kubectl.run("diff", "--server-side", "--field-manager=other", "--force-conflicts", "-f", "-", input=config_map(a="5"))
    assert served.status == 1 and '+  a: "5"' in served.output
    assert data(kubectl) == {"a": "1"}


# Changes


def test_patch_in_all_three_ways(kubectl):
    kubectl.apply(deployment(replicas=0))
    container = "{.spec.template.spec.containers[*].name}"
    kubectl("patch", "deploy", "web", "--type=strategic", "-p",
            '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"busybox"}]}}}}')
    assert kubectl("get", "deploy", "web", "-o", f"jsonpath={container}").output == "side main"
    kubectl("patch", "deploy", "web", "-p",
            '{"spec":{"template":{"spec":{"containers":[{"name":"side","$patch":"delete"}]}}}}')
    assert kubectl("get", "deploy", "web", "-o", f"jsonpath={container}").output == "main"
    kubectl("patch", "deploy", "web", "--type=merge", "-p",
            '{"metadata":{"labels":{"app":null,"tier":"front"}},"spec":{"template":{"spec":{"containers":[{"name":"only","image":"x"}]}}}}')
    assert kubectl("get", "deploy", "web", "-o", f"jsonpath={container}").output == "only"
    assert kubectl("get", "deploy", "web", "-o", "jsonpath={.metadata.labels}").output == '{"tier":"front"}'
    kubectl("patch", "deploy", "web", "--type=json", "-p", json.dumps([
        {"op": "test", "path": "/spec/replicas", "value": 0},
        {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "y"},
        {"op": "add", "path": "/metadata/annotations/example.com~1note", "value": "1"},
        {"op": "remove", "path": "/metadata/labels/tier"},
    ]))
    assert kubectl("get", "deploy", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}").output == "y"
    # kubectl compares what it read before with the answer, so the controller must be done with the change of the image.
    kubectl("rollout", "status", "deployment/web", "--timeout=200s")
    assert kubectl("patch", "deploy", "web", "-p", "{}").output == "deployment.apps/web patched (no change)\n"
    refused = kubectl.fails("patch", "deploy", "web", "--type=json", "-p", '[{"op":"test","path":"/spec/replicas","value":9}]')
    assert "test" in refused.lower()
    assert "is invalid" in kubectl.fails("patch", "deploy", "web", "-p", '{"spec":{"replicas":-1}}')


def test_patch_of_the_status_subresource(kubectl):
    kubectl.apply(service(type="LoadBalancer"))
    assert kubectl("get", "svc", "web").table[0][3] == "<pending>"
    kubectl("patch", "svc", "web", "--subresource=status", "-p", '{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}')
    assert kubectl("get", "svc", "web").table[0][3] == "192.0.2.1"
    kubectl("patch", "svc", "web", "-p", '{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.9"}]}}}')
    assert kubectl("get", "svc", "web").table[0][3] == "192.0.2.1"
    assert kubectl("get", "svc", "web", "--subresource=status", "-o", "name").output == "service/web\n"


def test_label_and_annotate(kubectl):
    kubectl.apply(config_map("a"), config_map("b"))
    assert kubectl("label", "cm", "a", "tier=front").output == "configmap/a labeled\n"
    assert "already has a value" in kubectl.fails("label", "cm", "a", "tier=back")
    kubectl("label", "cm", "a", "tier=back", "--overwrite")
    assert kubectl("get", "cm", "-l", "tier=back", "-o", "name").output == "configmap/a\n"
    assert kubectl("label", "cm", "a", "tier=back", "--overwrite").output == "configmap/a not labeled\n"
    assert kubectl("label", "cm", "a", "tier-").output == "configmap/a unlabeled\n"
    kubectl("label", "cm", "--all", "everywhere=yes")
    assert {"configmap/a", "configmap/b"} <= set(kubectl("get", "cm", "-l", "everywhere=yes", "-o", "name").lines)
    assert "a valid label" in kubectl.fails("patch", "cm", "a", "-p", '{"metadata":{"labels":{"x":"not valid!"}}}')
    assert kubectl("annotate", "cm", "a", "example.com/note=any text at all").output == "configmap/a annotated\n"
    assert kubectl("get", "cm", "a", "-o", r"jsonpath={.metadata.annotations.example\.com/note}").output == "any text at all"
    kubectl("annotate", "cm", "a", "example.com/note-")
    assert "example.com/note" not in kubectl("get", "cm", "a", "-o", "json").output


def test_edit_and_replace(kubectl, tmp_path):
    kubectl.apply(config_map(colour="red"))
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsed -i s/red/green/ "$1"\n')
    editor.chmod(0o755)
    assert kubectl("edit", "cm", "settings", environment={"KUBE_EDITOR": str(editor)}).output == "configmap/settings edited\n"
    assert data(kubectl) == {"colour": "green"}
    assert kubectl("replace", "-f", "-", input=config_map(size="1")).output == "configmap/settings replaced\n"
    assert data(kubectl) == {"size": "1"}
    uid = kubectl("get", "cm", "settings", "-o", "jsonpath={.metadata.uid}").output
    kubectl("replace", "--force", "-f", "-", input=config_map(size="2"))
    assert kubectl("get", "cm", "settings", "-o", "jsonpath={.metadata.uid}").output != uid


def test_what_must_not_change_is_refused(kubectl):
    kubectl.apply(deployment(replicas=0))
    complaint = kubectl.fails("patch", "deploy", "web", "-p", '{"spec":{"selector":{"matchLabels":{"app":"other"}}}}')
    assert "spec.selector" in complaint and "field is immutable" in complaint, complaint
    kubectl.apply(pod())
    complaint = kubectl.fails("patch", "pod", "one", "-p", '{"spec":{"nodeName":"other"}}')
    assert "Forbidden: pod updates may not change fields other than" in complaint
    frozen = {**config_map("frozen", a="1"), "immutable": True}
    kubectl.apply(frozen)
    assert "field is immutable" in kubectl.fails("patch", "cm", "frozen", "-p", '{"data":{"a":"2"}}')


# Deletion


def test_delete_by_name_selector_file_and_all(kubectl):
    kubectl.apply(*[config_map(name) for name in "abcde"])
    assert kubectl("delete", "cm", "a").output == f'configmap "a" deleted from {kubectl.namespace} namespace\n'
    assert "NotFound" in kubectl.fails("delete", "cm", "a")
    kubectl("delete", "cm", "a", "--ignore-not-found")
    kubectl("label", "cm", "b", "on=yes")
    assert '"b" deleted' in kubectl("delete", "cm", "-l", "on=yes").output
    kubectl("delete", "-f", "-", input=config_map("c"))
    left = kubectl("get", "cm", "-o", "name").lines
    assert "configmap/d" in left and not {"configmap/a", "configmap/b", "configmap/c"} & set(left)
    kubectl("delete", "cm", "--all")
    assert "configmap/d" not in kubectl("get", "cm", "-o", "name").lines


def owned(kubectl, kind):
    return kubectl("get", kind, "-l", "app=web", "-o", "name").lines


@pytest.fixture
def web(kubectl):
    kubectl.apply(deployment())
    kubectl("rollout", "status", "deploy/web", "--timeout=200s")


def test_delete_in_the_background_takes_what_was_owned_later(kubectl, web):
    kubectl("delete", "deploy", "web", "--cascade=background")
    kubectl.until(lambda: not owned(kubectl, "rs") and not owned(kubectl, "pods"), "all that the deployment owned is gone")


def test_delete_in_the_foreground_waits_for_what_is_owned(kubectl, web):
    kubectl("delete", "deploy", "web", "--cascade=foreground", "--timeout=200s")
    assert not owned(kubectl, "rs") and not owned(kubectl, "pods")


def test_delete_of_an_owner_alone_leaves_orphans(kubectl, web):
    kubectl("delete", "deploy", "web", "--cascade=orphan")
    replica_set, = owned(kubectl, "rs")
    assert kubectl("get", replica_set, "-o", "jsonpath={.metadata.ownerReferences}").output == ""
    assert len(owned(kubectl, "pods")) == 2
    kubectl.apply(deployment())
    kubectl("rollout", "status", "deploy/web", "--timeout=200s")
    assert owned(kubectl, "rs") == [replica_set]


def test_delete_waits_for_finalizers(kubectl):
    kept = config_map("kept")
    kept["metadata"]["finalizers"] = ["example.com/wait"]
    kubectl.apply(kept)
    kubectl("delete", "cm", "kept", "--wait=false")
    assert kubectl("get", "cm", "kept", "-o", "jsonpath={.metadata.deletionTimestamp}").output
    assert "timed out" in kubectl.fails("delete", "cm", "kept", "--timeout=1s")
    kubectl("patch", "cm", "kept", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    assert kubectl.run("get", "cm", "kept").status == 1


def test_delete_of_a_pod_takes_its_grace_period(kubectl):
    kubectl.apply(pod("slow"), pod("fast"))
    kubectl("wait", "--for=condition=Ready", "pod", "--all", "--timeout=200s")
    kubectl("delete", "pod", "fast", "--grace-period=0", "--force")
    assert kubectl.run("get", "pod", "fast").status == 1
    kubectl("delete", "pod", "slow", "--timeout=200s")
    assert kubectl.run("get", "pod", "slow").status == 1


def test_delete_of_a_namespace_takes_all_that_is_in_it(kubectl):
    name = kubectl.namespace + "-inner"
    kubectl("create", "namespace", name)
    for value in (deployment(), service(), config_map()):
        kubectl("apply", "-n", name, "-f", "-", input=value)
    kubectl("delete", "namespace", name, "--timeout=200s")
    assert "NotFound" in kubectl.fails("get", "namespace", name)
    assert kubectl("get", "cm,deploy,pods,rs", "-n", name).output == ""
    assert "not found" in kubectl.fails("create", "cm", "x", "-n", name)
