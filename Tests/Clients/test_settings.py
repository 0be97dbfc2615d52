"""`/api/settings`: what people choose for all of Ingot, kept in the cluster and shared by every Ingot there."""

import concurrent.futures
import json
import signal
import threading

import pytest
import requests

import access
import embedded
from between import Between
from cluster import Kubectl, reserved
from conftest import INGOT, Program
from embedded import ENVIRONMENT, OWN
from history import History
from models import has_types, refusal
from waiting import PATIENCE

CONFIG_MAP = "ingot-settings"
PROVIDERS = ["dynamo", "kuberay", "kaito", "kserve"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with embedded.running(tmp_path_factory.mktemp("settings")) as started:
        yield started


@pytest.fixture
def api(server):
    """The server with no settings."""
    server.kubectl("--namespace", OWN, "delete", "configmap", CONFIG_MAP, "--ignore-not-found")
    server.until(lambda: read(server)["config"] == {}, "nothing is chosen")
    return server


def read(server):
    answer = requests.get(server.url + "/api/settings", timeout=PATIENCE)
    assert answer.status_code == 200, answer.text
    return answer.json()


def put(server, body, status=200):
    answer = requests.put(server.url + "/api/settings", json=body, timeout=PATIENCE)
    assert answer.status_code == status, answer.text
    return answer


def stored(server):
    """The config map."""
    return server.kubectl("--namespace", OWN, "get", "configmap", CONFIG_MAP, "-o", "json").json


def document(server):
    return json.loads(stored(server)["data"]["config.json"])


def test_every_documented_field_is_there(api):
    found = read(api)
    assert found == {
        "activeProviderId": None, "config": {}, "auth": {"enabled": False}, "problem": None,
        "providers": found["providers"],
    }
    assert [provider["id"] for provider in found["providers"]] == PROVIDERS
    for provider in found["providers"]:
        assert set(provider) == {"id", "name", "description", "defaultNamespace"}
        has_types(provider, {"id": str, "name": str, "description": str, "defaultNamespace": str})
        assert all(provider.values())
    assert found["providers"][0] == {
        "id": "dynamo", "name": "NVIDIA Dynamo",
        "description": "GPU-accelerated inference with disaggregated serving", "defaultNamespace": "dynamo-system",
    }
    listed = requests.get(api.url + "/api/settings/providers", timeout=PATIENCE)
    assert listed.status_code == 200
    assert listed.json() == {"providers": found["providers"]}


def test_what_is_saved_is_told_at_once_and_kept_in_the_cluster(api):
    saved = put(api, {"activeProviderId": "dynamo"}).json()
    assert saved == {
        "message": "Settings updated successfully", "activeProviderId": "dynamo",
        "config": {"activeProviderId": "dynamo"},
    }
    # Without a wait: who has written finds it.
    found = read(api)
    assert (found["activeProviderId"], found["config"]) == ("dynamo", {"activeProviderId": "dynamo"})

    saved = put(api, {"defaultNamespace": "models"}).json()
    assert saved["config"] == {"activeProviderId": "dynamo", "defaultNamespace": "models"}
    assert read(api)["config"] == saved["config"]
    kept = stored(api)
    assert kept["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "ingot"
    assert json.loads(kept["data"]["config.json"]) == saved["config"]

    # What changes nothing writes nothing.
    assert put(api, {}).json()["config"] == saved["config"]
    assert put(api, {"activeProviderId": "dynamo"}).json()["config"] == saved["config"]
    assert stored(api)["metadata"]["resourceVersion"] == kept["metadata"]["resourceVersion"]

    assert put(api, {"activeProviderId": None, "defaultNamespace": ""}).json()["config"] == {}
    assert read(api)["activeProviderId"] is None
    assert document(api) == {}


def test_what_is_wrong_is_named_field_by_field(api):
    put(api, {"activeProviderId": "vllm", "defaultNamespace": "kept"})

    def refused(body):
        error = refusal(put(api, body, 400), "VALIDATION_ERROR")
        return {problem["field"]: problem["message"] for problem in error["details"]["fields"]}

    problems = refused({"activeProviderId": "dynamoo", "defaultNamespace": "Not.A-Label", "activeProvider": 1})
    assert set(problems) == {"activeProviderId", "defaultNamespace", "activeProvider"}
    assert "did you mean dynamo?" in problems["activeProviderId"]
    assert "did you mean activeProviderId?" in problems["activeProvider"]
    for wrong in ("-a", "a-", "a.b", "a_b", "x" * 64, 1, True, {}):
        assert set(refused({"defaultNamespace": wrong})) == {"defaultNamespace"}, wrong
    for wrong in ("", "Dynamo", 1, []):
        assert set(refused({"activeProviderId": wrong})) == {"activeProviderId"}, wrong
    refused([])
    answer = requests.put(api.url + "/api/settings", data="{", headers={"Content-Type": "application/json"}, timeout=PATIENCE)
    assert answer.status_code == 400
    assert read(api)["config"] == {"activeProviderId": "vllm", "defaultNamespace": "kept"}
    put(api, {"defaultNamespace": "x" * 63})


def test_what_others_change_is_seen_here(api):
    put(api, {"activeProviderId": "vllm"})
    edited = json.dumps({"activeProviderId": "kuberay", "theme": "dark"})
    api.kubectl("--namespace", OWN, "patch", "configmap", CONFIG_MAP, "--type=merge", "-p",
                json.dumps({"data": {"config.json": edited}}))
    api.until(lambda: read(api)["activeProviderId"] == "kuberay", "the change is seen")
    # A member that this version does not know is kept.
    put(api, {"defaultNamespace": "models"})
    assert document(api) == {"activeProviderId": "kuberay", "theme": "dark", "defaultNamespace": "models"}
    api.kubectl("--namespace", OWN, "delete", "configmap", CONFIG_MAP)
    api.until(lambda: read(api)["config"] == {}, "the deletion is seen")


def test_what_cannot_be_understood_is_not_written_over(api):
    put(api, {"activeProviderId": "vllm"})

    def write(text):
        api.kubectl("--namespace", OWN, "patch", "configmap", CONFIG_MAP, "--type=merge", "-p",
                    json.dumps({"data": {"config.json": text}}))

    write("{not json")
    api.until(lambda: read(api)["problem"], "the problem is told")
    assert read(api)["config"] == {}
    refusal(put(api, {"activeProviderId": "dynamo"}, 409), "CONFLICT")
    assert stored(api)["data"]["config.json"] == "{not json"

    # A value that cannot be is told of, and may be replaced.
    write('{"activeProviderId": "nothing", "defaultNamespace": "models"}')
    api.until(lambda: "nothing" in (read(api)["problem"] or ""), "the value is told of")
    assert read(api)["config"] == {"defaultNamespace": "models"}
    put(api, {"activeProviderId": "dynamo"})
    assert read(api)["problem"] is None


def test_deployments_and_the_cluster_status_go_by_the_settings(api):
    def preview(status=200, **fields):
        wish = {"name": "some", "modelId": "Qwen/Qwen3-0.6B", **fields}
        answer = requests.post(api.url + "/api/deployments/preview", json=wish, timeout=PATIENCE)
        assert answer.status_code == status, answer.text
        return answer.json()

    def status():
        return requests.get(api.url + "/api/cluster/status", timeout=PATIENCE).json()

    plan = preview()
    assert (plan["provider"], plan["namespace"]) == ("vllm", "kubefoundry")
    assert (status()["providerId"], status()["namespace"]) == ("dynamo", "kubefoundry")

    put(api, {"activeProviderId": "dynamo", "defaultNamespace": "models"})
    # The active provider counts, also where it is not there.
    error = preview(409)
    assert error["code"] == "PROVIDER_NOT_INSTALLED" and error["details"]["provider"] == "dynamo"
    found = status()
    assert (found["providerId"], found["namespace"], found["providerInstalled"]) == ("dynamo", "models", False)
    # What the wish itself says goes before.
    plan = preview(provider="vllm", namespace="default")
    assert (plan["provider"], plan["namespace"]) == ("vllm", "default")
    # What it does not serve at all goes to another one.
    assert preview(engine="llamacpp", ggufFile="a.gguf")["provider"] == "llamacpp"

    put(api, {"activeProviderId": "vllm"})
    plan = preview()
    assert (plan["provider"], plan["namespace"]) == ("vllm", "models")
    assert "active provider vllm" in plan["choice"]
    found = status()
    assert (found["providerId"], found["provider"]) == ("vllm", {"id": "vllm", "name": "vLLM"})
    assert found["providerInstalled"] is True
    # The default namespace is made for the first deployment.
    api.create("first", None, provider=None)
    assert api.kubectl("get", "namespace", "models").status == 0
    api.delete_deployment("first", "models")


def test_without_a_cluster_nothing_is_saved(ingot):
    found = requests.get(ingot.url + "/api/settings", timeout=PATIENCE).json()
    assert found["config"] == {} and "no cluster" in found["problem"]
    answer = requests.put(ingot.url + "/api/settings", json={"activeProviderId": "dynamo"}, timeout=PATIENCE)
    assert answer.status_code == 503
    refusal(answer, "CLUSTER_UNAVAILABLE")


def second(server, data, kubeconfig=None):
    """Another Ingot on the cluster of the first."""
    flags = ["--port", "0", "--data-dir", data, "--cluster", "kubernetes",
             "--kubeconfig", kubeconfig or server.kubectl.kubeconfig]
    program = Program([INGOT, "serve", *flags], environment=ENVIRONMENT).ready()
    return program, embedded.Server(program.url, server.kubectl).until_ready()


def test_while_the_cluster_is_away_the_last_settings_are_told_and_none_are_saved(tmp_path, start):
    def cluster():
        return start("serve", "--port", "0", "--data-dir", tmp_path / "cluster",
                     "--embedded-cluster").ready()

    first = cluster()
    api = embedded.Server(first.url, Kubectl(tmp_path / "cluster/embedded-cluster/kubeconfig", tmp_path))
    api.until_ready()
    program, other = second(api, tmp_path / "other")
    try:
        put(other, {"defaultNamespace": "before"})
        first.kill()
        with reserved(api.kubectl.kubeconfig):
            other.until(lambda: not requests.get(other.url + "/api/cluster/status", timeout=PATIENCE).json()["connected"], "away")
            assert read(other)["config"] == {"defaultNamespace": "before"}
            refusal(put(other, {"defaultNamespace": "after"}, 503), "CLUSTER_UNAVAILABLE")
            assert read(other)["config"] == {"defaultNamespace": "before"}
            cluster()
        other.until_ready()
        assert read(other)["config"] == {"defaultNamespace": "before"}
        put(other, {"defaultNamespace": "after"})
    finally:
        program.kill()


def test_of_200_changes_by_two_processes_none_is_lost(api, tmp_path):
    program, other = second(api, tmp_path / "other")
    put(api, {"activeProviderId": "dynamo", "defaultNamespace": "start"})
    history = History(api.kubectl, "configmaps", CONFIG_MAP)
    changes = []
    for number in range(100):
        changes.append((api if number % 2 else other, {"defaultNamespace": f"n-{number}"}))
        changes.append((other if number % 2 else api, {"activeProviderId": ["kuberay", "kaito"][number % 2]}))
    try:
        with concurrent.futures.ThreadPoolExecutor(40) as pool:
            answers = list(pool.map(lambda change: put(*change).json(), changes))
        for (_, body), answer in zip(changes, answers):
            assert body.items() <= answer["config"].items()
            assert set(answer["config"]) == {"activeProviderId", "defaultNamespace"}
        # Each of the hundred names was the stored one at some time, exactly once, and each step changed one setting only.
        def content(state):
            return json.loads(state["data"]["config.json"])

        # All have been answered, but the watch may still be on its way to the last.
        last = stored(api)["metadata"]["resourceVersion"]
        states = [content(state) for state in history.until(
            lambda states: states and states[-1]["metadata"]["resourceVersion"] == last
        )]
        names = [state["defaultNamespace"] for state in states if state["defaultNamespace"] != "start"]
        runs = [name for index, name in enumerate(names) if index == 0 or names[index - 1] != name]
        assert sorted(runs) == sorted(f"n-{number}" for number in range(100))
        before = {"activeProviderId": "dynamo", "defaultNamespace": "start"}
        for state in states:
            assert sum(before[key] != state[key] for key in before) == 1, (before, state)
            before = state
        for server in (api, other):
            server.until(lambda: read(server)["config"] == before, "both tell the same")
    finally:
        program.kill()


def test_a_kill_in_the_middle_of_a_save_leaves_the_old_settings_or_the_new(api, tmp_path):
    put(api, {"activeProviderId": "dynamo", "defaultNamespace": "old"})
    for round in range(5):
        program, other = second(api, tmp_path / f"other-{round}")
        sent = []

        def save(number):
            sent.append(number)
            try:
                requests.put(other.url + "/api/settings", timeout=PATIENCE,
                             json={"activeProviderId": "kaito", "defaultNamespace": f"new-{round}-{number}"})
            except requests.RequestException:
                """It was killed."""

        threads = [threading.Thread(target=save, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        api.until(lambda: len(sent) >= 10, "saves are under way")
        program.signal(signal.SIGKILL)
        program.end()
        for thread in threads:
            thread.join()
        legal = [{"activeProviderId": "dynamo", "defaultNamespace": "old"}] + [
            {"activeProviderId": "kaito", "defaultNamespace": f"new-{old}-{number}"}
            for old in range(round + 1) for number in range(20)
        ]

        def is_told():
            # The cluster may still be at a write of the one that was killed.
            found = document(api)
            assert found in legal
            return read(api)["config"] == found

        api.until(is_told, "the API says which")


@pytest.mark.parametrize("when, left", [("before", "old"), ("after", "new")])
@pytest.mark.parametrize("first", [False, True], ids=["change", "first"])
def test_after_a_kill_while_the_cluster_has_the_write_the_api_says_which_settings_are_there(api, tmp_path, when, left, first):
    old = {"activeProviderId": "dynamo", "defaultNamespace": "old"}
    if not first:
        put(api, old)
    with Between(api.kubectl.kubeconfig, tmp_path) as between:
        program, other = second(api, tmp_path / "other", between.kubeconfig)
        held = between.hold(*(("POST", "/configmaps") if first else ("PUT", f"/configmaps/{CONFIG_MAP}")), when)

        def save():
            with pytest.raises(requests.RequestException):
                put(other, {"activeProviderId": "kaito", "defaultNamespace": "new"})

        saving = threading.Thread(target=save)
        saving.start()
        held.wait()
        program.signal(signal.SIGKILL)
        program.end()
        saving.join()
    legal = {"old": {} if first else old, "new": {"activeProviderId": "kaito", "defaultNamespace": "new"}}
    program, again = second(api, tmp_path / "other")
    try:
        again.until(lambda: not (read(again)["problem"] or "").startswith("the settings have not been read"), "they are read")
        assert read(again)["config"] == legal[left] and read(again)["problem"] is None
        assert put(again, {}).json()["config"] == legal[left]
    finally:
        program.kill()


def test_the_web_front_end_is_told_whether_callers_sign_in(serve, tmp_path):
    issuer = access.Issuer()
    try:
        ingot = serve("--config", access.written(tmp_path, auth=issuer.configuration()))
        answer = requests.get(ingot.url + "/api/settings", headers=access.bearer(issuer.token()), timeout=PATIENCE)
        assert answer.json()["auth"] == {"enabled": True}
        assert requests.get(ingot.url + "/api/settings", timeout=PATIENCE).status_code == 401
    finally:
        issuer.close()
