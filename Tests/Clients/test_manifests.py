"""`ingot manifests` prints what runs Ingot in a cluster, with the rights that its features need and no others."""

import subprocess

import pytest
import yaml
from cluster import Kubectl
from conftest import INGOT
from waiting import PATIENCE


def manifests(*flags):
    done = subprocess.run([INGOT, "manifests", *flags], capture_output=True, text=True, timeout=PATIENCE)
    return done, list(yaml.safe_load_all(done.stdout)) if done.returncode == 0 else []


def named(objects, kind, name="ingot"):
    found, = [o for o in objects if o["kind"] == kind and o["metadata"]["name"] == name]
    return found


def test_the_pod_may_write_to_its_data_only_and_is_nobody_special():
    done, objects = manifests("--image", "registry.example/ingot:1")
    assert done.returncode == 0, done.stderr
    assert [o["kind"] for o in objects] == [
        "Namespace", "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "PersistentVolumeClaim",
        "Deployment", "Service",
    ]
    pod = named(objects, "Deployment")["spec"]["template"]["spec"]
    container, = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] != 0
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }
    variables = {v["name"]: v["value"] for v in container["env"]}
    assert variables["INGOT_AUTH_MODE"] == "token-review" and variables["INGOT_PORT"] == "3001"
    check = subprocess.run(
        [INGOT, "config", "check"], capture_output=True, text=True, timeout=PATIENCE, env={**variables, "HOME": "/"}
    )
    assert check.returncode == 0, check.stderr
    assert container["image"] == "registry.example/ingot:1"
    assert manifests()[0].returncode == 64
    assert manifests("--image", "a b")[0].returncode == 64
    assert manifests("--image", "a", "--namespace", "Not-One")[0].returncode == 64
    assert manifests("--image", "a", "--feature", "everything")[0].returncode == 64


@pytest.fixture
def allowed(kubeconfig, tmp_path):
    """Applies the manifests and tells what the service account may do then."""
    kubectl = Kubectl(kubeconfig, tmp_path)

    def apply(*features):
        flags = [flag for feature in features for flag in ("--feature", feature)]
        done, objects = manifests("--image", "registry.example/ingot:1", "--namespace", "ingot-test", *flags)
        kubectl("apply", "-f", "-", input=done.stdout)

        def ask(verb, resource, namespace=None, group="", subresource=""):
            review = {
                "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
                "spec": {
                    "user": "system:serviceaccount:ingot-test:ingot",
                    "resourceAttributes": {
                        "verb": verb, "resource": resource, "group": group, "subresource": subresource,
                        "namespace": namespace or "",
                    },
                },
            }
            return kubectl("create", "-o", "json", "-f", "-", input=review).json["status"]["allowed"]

        return ask

    yield apply
    for kind, name in (("clusterrolebinding", "ingot"), ("clusterrolebinding", "ingot-installer"), ("clusterrole", "ingot")):
        kubectl.run("delete", kind, name)
    kubectl.run("delete", "namespace", "ingot-test", "--wait=false")


def test_the_rights_are_those_of_the_features(allowed):
    ask = allowed("serving")
    assert ask("list", "nodes") and ask("watch", "pods") and ask("get", "pods", "team", subresource="log")
    assert ask("create", "tokenreviews", group="authentication.k8s.io")
    assert ask("watch", "nodepools", group="karpenter.sh") and not ask("create", "namespaces")
    assert ask("create", "services", "team", subresource="proxy")
    assert not ask("create", "deployments", "team", "apps")
    assert not ask("get", "secrets", "team") and not ask("delete", "pods", "team")
    assert ask("update", "configmaps", "ingot-test") and not ask("update", "configmaps", "team")
    ask = allowed("deployments")
    for group, resource in (
        ("apps", "deployments"), ("ray.io", "rayservices"), ("kaito.sh", "workspaces"),
        ("nvidia.com", "dynamographdeployments"), ("serving.kserve.io", "inferenceservices"),
    ):
        assert all(ask(verb, resource, "team", group) for verb in ("create", "patch", "delete", "list")), resource
    assert not ask("create", "services", "team", subresource="proxy")
    assert not ask("create", "clusterroles", group="rbac.authorization.k8s.io")
    ask = allowed("secrets")
    assert ask("create", "secrets", "team") and ask("create", "namespaces") and not ask("create", "deployments", "team", "apps")


def test_the_rights_of_an_installer_are_a_binding_of_their_own():
    _, objects = manifests("--image", "i", "--feature", "installation")
    assert named(objects, "ClusterRoleBinding", "ingot-installer")["roleRef"]["name"] == "cluster-admin"
    _, objects = manifests("--image", "i")
    assert not [o for o in objects if o["metadata"]["name"] == "ingot-installer"]
