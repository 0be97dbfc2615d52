"""A server that installs by a stand-in for helm in a cluster that another server embeds, for the tests of that."""

import pytest

from cluster import Kubectl
from helm import Helm, by_simulation, operator, serving
from waiting import until

RELEASE = "kuberay-system/kuberay-operator"


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    """A cluster that another server embeds, and which is an ordinary one to the server under test."""
    data = tmp_path_factory.mktemp("target")
    with serving(data, "--cluster", "embedded") as server:
        server.kubectl = Kubectl(data / "embedded-cluster/kubeconfig", data)
        yield server


@pytest.fixture(scope="module")
def kubeconfig(target):
    arguments = target.program.process.args
    return f"{arguments[arguments.index('--data-dir') + 1]}/embedded-cluster/kubeconfig"


@pytest.fixture(scope="module")
def shared(tmp_path_factory, kubeconfig):
    """A server under test with its stand-in for Helm."""
    helm = Helm(tmp_path_factory.mktemp("helm"))
    data = tmp_path_factory.mktemp("data")
    with serving(data, "--kubeconfig", kubeconfig, environment=helm.environment) as server:
        server.helm = helm
        server.data = data
        yield server


@pytest.fixture
def server(shared, target):
    """The server under test, with nothing installed and no mode set."""
    shared.helm.modes({})
    # One that a chart has brought stays when what the cluster plays goes.
    target.kubectl("delete", "crd", "rayservices.ray.io", "--ignore-not-found")
    shared.helm.releases({})
    shared.helm.definitions(operator("kuberay")[0][1])
    for provider in ("kuberay", "dynamo"):
        until(lambda: shared.get(f"/installation/providers/{provider}/status").get("task") is None, "no task runs")
        target.post(f"/installation/providers/{provider}/uninstall-crds?force=true&wait=120")
        until(lambda: not shared.state(provider)["crdFound"] and not shared.state(provider)["operatorNamespaces"], "removed")
    shared.helm.forget()
    return shared


def path(verb, provider="kuberay"):
    return f"/installation/providers/{provider}/{verb}"


def brings(target, provider, release, words="upgrade"):
    """A mode by which the chart brings its operator."""
    verb = "install" if words == "upgrade" else words
    return {f"{words} {release}": {"then": by_simulation(target.url, verb, provider)}}
