"""What runtimes render of deployments, as it is on record, in a cluster: taken as it is, and brought to serving."""

import pathlib

import pytest
import yaml

import machine
from cluster import Kubectl
from hub import ADA
from waiting import PATIENCE

LIMIT = f"--timeout={PATIENCE}s"
TESTS = pathlib.Path(__file__).resolve().parents[1] / "RuntimesTests"
FOLDER = TESTS / "Golden/1"
FILES = sorted(FOLDER.glob("*.yaml"))


def objects(file, namespace):
    """The objects of a file, in a namespace of the test's own."""
    documents = list(yaml.safe_load_all(file.read_text()))
    for document in documents:
        document["metadata"]["namespace"] = namespace
    return documents


def manifest(*documents):
    return {"apiVersion": "v1", "kind": "List", "items": list(documents)}


@pytest.fixture(scope="module")
def definitions(kubeconfig, tmp_path_factory):
    """The custom resources of all operators, with the schemas that upstream has for the fields in use."""
    kubectl = Kubectl(kubeconfig, tmp_path_factory.mktemp("home"))
    files = sorted((TESTS / "Schemas").glob("*.json"))
    for file in files:
        kubectl("create", "-f", file)
        kubectl("wait", "--for=condition=Established", "-f", file, LIMIT)
    yield
    kubectl("delete", *[part for file in files for part in ("-f", file)])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_object_is_taken_as_it_is(kubectl, definitions, namespace, file):
    done = kubectl(
        "create", "--dry-run=server", "--validate=strict", "-f", "-", input=manifest(*objects(file, namespace))
    )
    assert "unknown field" not in done.errors


def rendered(name, namespace):
    return objects(FOLDER / f"{name}.yaml", namespace)


@pytest.mark.parametrize(
    "name", ["vllm-vllm-usual", "vllm-sglang-usual", "vllm-trtllm-usual", "vllm-vllm-hostile", "llamacpp-gpu"]
)
def test_a_plain_deployment_comes_to_serving(kubectl, namespace, name):
    deployment, *others = rendered(name, namespace)
    kubectl("create", "secret", "generic", "hf-token", f"--from-literal=HF_TOKEN={ADA}")
    kubectl("create", "-f", "-", input=manifest(deployment, *others))
    title = deployment["metadata"]["name"]
    kubectl("rollout", "status", f"deployment/{title}", LIMIT)

    def ready():
        """The ports of the service's pods that are ready, which another controller finds."""
        subsets = kubectl("get", "endpoints", title, "-o", "json").json.get("subsets", [])
        return [port["port"] for subset in subsets if "addresses" in subset for port in subset["ports"]]

    assert kubectl.until(ready, "the service has endpoints") == [8080 if name.startswith("llama") else 8000]


def test_a_file_on_this_machine_is_served_by_llama_cpp(serve, tmp_path):
    serve(cluster="embedded", environment={"PATH": machine.search_path()})
    kubectl = Kubectl(tmp_path / "data/embedded-cluster/kubeconfig", tmp_path, "default")
    deployment, service = rendered("llamacpp-this-machine", "default")
    pod = deployment["spec"]["template"]["spec"]
    text = yaml.safe_dump(pod).replace("/srv/models/SmolLM2-135M-Instruct-Q4_K_M.gguf", str(machine.model_file()))
    deployment["spec"]["template"]["spec"] = yaml.safe_load(text)
    kubectl("create", "-f", "-", input=manifest(deployment, service))
    kubectl.until(
        lambda: kubectl.run("rollout", "status", "deployment/this-machine", "--timeout=20s").status == 0,
        "the deployment serves", PATIENCE,
    )
    proxied = "/api/v1/namespaces/default/services/this-machine:http/proxy"
    chat = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 8, "temperature": 0}
    answer = kubectl("create", "--raw", f"{proxied}/v1/chat/completions", "-f", "-", input=chat).json
    assert answer["model"] == "smollm2" and answer["choices"][0]["message"]["content"].strip()
    assert "llamacpp:tokens_predicted_total" in kubectl("get", "--raw", f"{proxied}/metrics").output
