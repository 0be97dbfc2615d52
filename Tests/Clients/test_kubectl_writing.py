"""kubectl, where it writes objects: create, apply, patch, label, delete."""

import json

from cluster import config_map, deployment


def test_create_from_flags(space):
    out = space.kubectl("create", "configmap", "settings", "--from-literal=a=1", "--from-literal=b=2")
    assert out == "configmap/settings created"
    assert space.json("configmap", "settings")["data"] == {"a": "1", "b": "2"}
    space.kubectl("create", "secret", "generic", "password", "--from-literal=word=hush")
    secret = space.json("secret", "password")
    assert secret["type"] == "Opaque" and secret["data"] == {"word": "aHVzaA=="}
    assert "hush" not in space.kubectl("describe", "secret", "password")
    assert 'configmaps "settings" already exists' in space.refused("create", "configmap", "settings")
    dry = space.kubectl("create", "configmap", "never", "--dry-run=server", "-o", "json")
    assert json.loads(dry)["metadata"]["uid"]
    assert "NotFound" in space.refused("get", "configmap", "never")


def test_create_checks_fields_and_values(space):
    wrong = deployment("wrong")
    wrong["spec"]["replicas"] = "many"
    assert "replicas" in space.refused("create", "-f", "-", input=wrong)
    wrong = deployment("wrong")
    wrong["spec"]["replica"] = 2
    assert 'unknown field "spec.replica"' in space.refused("create", "-f", "-", input=wrong)
    wrong = deployment("wrong")
    wrong["spec"]["selector"]["matchLabels"] = {"app": "other"}
    text = space.refused("create", "-f", "-", input=wrong)
    assert "spec.template.metadata.labels" in text and "`selector` does not match template `labels`" in text
    text = space.refused("create", "configmap", "Not_A_Name")
    assert "metadata.name: Invalid value" in text and "RFC 1123 subdomain" in text
    assert space.run("get", "deployments").stdout == ""


def test_apply_on_the_client(space):
    assert space.apply(config_map("c", a="1", b="2")) == "configmap/c created"
    assert space.apply(config_map("c", a="1", b="2")) == "configmap/c unchanged"
    space.kubectl("patch", "configmap", "c", "-p", '{"data": {"other": "x"}}')
    assert space.apply(config_map("c", a="3")) == "configmap/c configured"
    # What the last application had and this one lacks goes; what others wrote stays.
    assert space.json("configmap", "c")["data"] == {"a": "3", "other": "x"}


def test_apply_on_the_client_merges_lists_by_their_keys(space):
    first = deployment("web", replicas=0)
    first["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    space.apply(first)
    space.kubectl("set", "env", "deployment/web", "C=3")
    first["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "A", "value": "9"}]
    space.apply(first)
    env = space.json("deployment", "web")["spec"]["template"]["spec"]["containers"][0]["env"]
    assert {entry["name"]: entry["value"] for entry in env} == {"A": "9", "C": "3"}


def test_apply_on_the_server_and_its_conflicts(space):
    def apply(owner, *flags, **data):
        arguments = ["apply", "--server-side", f"--field-manager={owner}", *flags, "-f", "-"]
        return space.run(*arguments, input=config_map("shared", **data))

    assert apply("alice", a="1", b="1").stdout == "configmap/shared serverside-applied\n"
    assert apply("bob", b="1", c="1").returncode == 0
    done = apply("bob", b="2", c="1")
    assert done.returncode == 1
    assert 'Apply failed with 1 conflict: conflict with "alice": .data.b' in done.stderr
    assert apply("bob", "--force-conflicts", b="2", c="1").returncode == 0
    # Alice owns `a` alone now; when she no longer applies it, it goes.
    assert apply("alice").returncode == 0
    assert space.json("configmap", "shared")["data"] == {"b": "2", "c": "1"}
    fields = space.json("configmap", "shared", "--show-managed-fields")["metadata"]["managedFields"]
    owned = {entry["manager"]: entry["fieldsV1"] for entry in fields}
    assert set(owned["bob"]["f:data"]) - {"."} == {"f:b", "f:c"}


def test_diff_shows_what_apply_would_change(space):
    space.apply(config_map("c", a="before"))
    same = space.run("diff", "-f", "-", input=config_map("c", a="before"))
    assert same.returncode == 0 and same.stdout == ""
    other = space.run("diff", "-f", "-", input=config_map("c", a="after"))
    assert other.returncode == 1, other.stderr
    assert "-  a: before" in other.stdout and "+  a: after" in other.stdout
    assert space.value("{.data.a}", "configmap", "c") == "before"


def test_the_three_kinds_of_patch(space):
    space.apply(deployment("web", replicas=0))
    template = '{"spec": {"template": {"spec": {"containers": [%s]}}}}'
    out = space.kubectl("patch", "deployment", "web", "-p", template % '{"name": "side", "image": "busybox"}')
    assert out == "deployment.apps/web patched"
    path = "{.spec.template.spec.containers[*].name}"
    assert sorted(space.value(path, "deployment", "web").split()) == ["main", "side"]
    space.kubectl("patch", "deployment", "web", "--type=merge", "-p", template % '{"name": "only", "image": "busybox"}')
    assert space.value(path, "deployment", "web") == "only"
    change = [
        {"op": "test", "path": "/spec/replicas", "value": 0},
        {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "alpine"},
        {"op": "add", "path": "/metadata/labels", "value": {"patched": "yes"}},
    ]
    space.kubectl("patch", "deployment", "web", "--type=json", "-p", json.dumps(change))
    assert space.value("{.spec.template.spec.containers[0].image} {.metadata.labels.patched}", "deployment", "web") == "alpine yes"
    change[0]["value"] = 5
    space.refused("patch", "deployment", "web", "--type=json", "-p", json.dumps(change))
    unchanged = space.kubectl("patch", "deployment", "web", "--type=merge", "-p", '{"spec": {"replicas": 0}}')
    assert unchanged == "deployment.apps/web patched (no change)"


def test_labels_and_annotations(space):
    space.apply(config_map("c"))
    assert space.kubectl("label", "configmap", "c", "tier=low", "x=1") == "configmap/c labeled"
    assert "already has a value (low)" in space.refused("label", "configmap", "c", "tier=high")
    space.kubectl("label", "configmap", "c", "tier=high", "x-", "--overwrite")
    assert space.json("configmap", "c")["metadata"]["labels"] == {"tier": "high"}
    assert "a valid label must be" in space.refused("label", "configmap", "c", "tier=not valid", "--overwrite")
    assert space.kubectl("annotate", "configmap", "c", "note=some words") == "configmap/c annotated"
    assert space.value("{.metadata.annotations.note}", "configmap", "c") == "some words"
    space.kubectl("annotate", "configmap", "c", "note-")
    assert space.value("{.metadata.annotations.note}", "configmap", "c") == ""


def test_a_stale_update_conflicts(space):
    space.kubectl("create", "configmap", "c", "--from-literal=a=1")
    stale = space.json("configmap", "c")
    space.kubectl("patch", "configmap", "c", "-p", '{"data": {"a": "2"}}')
    stale["data"]["a"] = "3"
    text = space.refused("replace", "-f", "-", input=stale)
    assert "Error from server (Conflict)" in text
    assert "the object has been modified; please apply your changes to the latest version and try again" in text
    assert space.value("{.data.a}", "configmap", "c") == "2"
    del stale["metadata"]["resourceVersion"]
    assert space.kubectl("replace", "-f", "-", input=stale) == "configmap/c replaced"
    assert space.value("{.data.a}", "configmap", "c") == "3"


def with_pods(space, name):
    """A deployment whose replica set and pods are there."""
    space.apply(deployment(name, replicas=2))
    space.kubectl("rollout", "status", f"deployment/{name}", "--timeout=60s")


def remaining(space):
    return sorted(space.kubectl("get", "deployments,replicasets,pods", "-o", "name").split())


def test_background_deletion_takes_dependents_later(space):
    with_pods(space, "web")
    assert len(remaining(space)) == 4
    out = space.kubectl("delete", "deployment", "web", "--cascade=background")
    assert out == f'deployment.apps "web" deleted from {space.namespace} namespace'
    assert space.run("get", "deployment", "web").returncode == 1
    space.until(lambda out: out == "", "replicasets,pods", "-o", "name")


def test_foreground_deletion_takes_dependents_first(space):
    with_pods(space, "web")
    space.kubectl("delete", "deployment", "web", "--cascade=foreground", "--timeout=60s")
    # kubectl waits until the deployment is gone, which is after all of its pods.
    assert remaining(space) == []


def test_orphaning_deletion_leaves_dependents(space):
    with_pods(space, "web")
    before = [name for name in remaining(space) if not name.startswith("deployment")]
    space.kubectl("delete", "deployment", "web", "--cascade=orphan")
    assert remaining(space) == before
    owners = space.value("{.items[*].metadata.ownerReferences}", "replicasets")
    assert owners == ""
    assert space.value("{.items[*].status.readyReplicas}", "replicasets") == "2"


def test_finalizers_hold_an_object_back(space):
    held = config_map("held")
    held["metadata"]["finalizers"] = ["example.com/hold"]
    space.apply(held)
    space.kubectl("delete", "configmap", "held", "--wait=false")
    assert space.value("{.metadata.deletionTimestamp}", "configmap", "held") != ""
    space.kubectl("patch", "configmap", "held", "--type=json", "-p", '[{"op": "remove", "path": "/metadata/finalizers"}]')
    assert "NotFound" in space.refused("get", "configmap", "held")


def test_several_are_deleted_by_label(space):
    space.apply(*[config_map(f"c{n}", {"odd": "yes"} if n % 2 else None) for n in range(6)])
    space.kubectl("delete", "configmaps", "-l", "odd=yes")
    names = space.kubectl("get", "configmaps", "-o", "name").split()
    assert [name for name in names if "/c" in name] == ["configmap/c0", "configmap/c2", "configmap/c4"]


def test_a_namespace_goes_with_its_contents(cluster):
    cluster.kubectl("create", "namespace", "doomed")
    space = cluster.within("doomed")
    space.apply(config_map("c"), deployment("web", replicas=1))
    space.until(lambda out: out, "pods", "-o", "name")
    assert cluster.kubectl("delete", "namespace", "doomed", "--timeout=60s") == 'namespace "doomed" deleted'
    assert "NotFound" in cluster.refused("get", "namespace", "doomed")
    assert space.run("get", "all,configmaps", "-o", "name").stdout == ""
    assert 'namespaces "doomed" not found' in space.refused("create", "configmap", "late")
