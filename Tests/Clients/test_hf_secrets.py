"""`/api/secrets/huggingface`: one token in all namespaces where models are served, over HTTP."""

import base64
import json
import pathlib
import stat
import threading

import pytest
import requests

import confidential
import embedded
from cluster import Kubectl
from hf_secrets import ALL, FOREIGN, NAME, SECONDS, Server, another, api, hub, server
from hub import ADA, BOB, NOBODY
from models import has_types, refusal

USER = {"id": "id-ada", "name": "ada", "fullname": "Ada", "email": "ada@example.com"}


def asked(hub):
    return [request for request in hub.requests if request.path == "/api/whoami-v2"]


def test_a_token_is_saved_told_of_and_deleted_as_the_document_shows(api, hub):
    found = api.status()
    assert found == {
        "configured": False, "namespaces": [{"name": name, "exists": False, "foreign": False} for name in ALL],
    }

    saved = api.save().json()
    assert set(saved) == {"success", "message", "user", "results"}
    has_types(saved, {"success": bool, "message": str, "user": dict, "results": list})
    assert (saved["success"], saved["message"]) == (True, "HuggingFace token saved successfully")
    assert saved["user"] == {**USER, "avatarUrl": f"{hub.url}/avatars/ada.svg"}
    assert saved["results"] == [{"namespace": name, "success": True} for name in ALL]

    # Without a wait: who has written finds it. And the Hub is not asked.
    count = len(asked(hub))
    found = api.status()
    assert found == {
        "configured": True, "namespaces": [{"name": name, "exists": True, "foreign": False} for name in ALL],
        "user": saved["user"],
    }
    assert len(asked(hub)) == count
    for name in ALL:
        secret = api.secret(name)
        assert secret["type"] == "Opaque"
        assert secret["metadata"]["labels"] == {
            "app.kubernetes.io/managed-by": "ingot", "ingot.dev/secret-type": "huggingface-token",
        }
        assert set(secret["data"]) == {"HF_TOKEN"} and api.token(name) == ADA
        assert "ada" not in json.dumps({**secret["metadata"], "namespace": None})

    deleted = api.delete()
    assert deleted == {
        "success": True, "message": "HuggingFace secrets deleted successfully",
        "results": [{"namespace": name, "success": True} for name in ALL],
    }
    found = api.status()
    assert found["configured"] is False and "user" not in found
    assert not any(place["exists"] for place in found["namespaces"])
    assert api.tokens() == {}
    # What is not there is gone.
    assert api.delete()["success"] is True


def test_another_token_takes_the_place_of_the_first(api):
    api.save(ADA)
    saved = api.save(BOB).json()
    assert saved["user"]["name"] == "bob"
    assert set(api.tokens().values()) == {BOB}
    assert api.status()["user"]["name"] == "bob"


def test_namespaces_of_deployments_and_of_the_settings_and_kaito_s_have_it_too(api):
    api.kubectl("create", "namespace", "team")
    api.kubectl("create", "namespace", "kaito-workspace")
    url = api.url + "/api/settings"
    try:
        api.until(lambda: any(p["name"] == "kaito-workspace" for p in api.status()["namespaces"]), "KAITO's is known")
        api.until(lambda: requests.post(api.url + "/api/deployments/preview", timeout=SECONDS, json={
            "name": "one", "namespace": "team", "modelId": "Qwen/Qwen3-0.6B", "provider": "vllm"}).status_code == 200, "ready")
        api.create("one", "team", replicas=0)
        assert requests.put(url, json={"defaultNamespace": "chosen"}, timeout=SECONDS).status_code == 200
        names = ["dynamo-system", "kuberay-system", "kaito-workspace", "default", "chosen", "team"]
        api.until(lambda: [place["name"] for place in api.status()["namespaces"]] == names, "the deployment is known")
        assert api.status()["configured"] is False
        saved = api.save().json()
        assert [result["namespace"] for result in saved["results"]] == names
        assert set(api.tokens()) == set(names)
        assert api.status()["configured"] is True
    finally:
        requests.put(url, json={"defaultNamespace": None}, timeout=SECONDS)
        requests.delete(api.url + "/api/deployments/one", params={"namespace": "team"}, timeout=SECONDS)
        api.delete()
        api.kubectl("delete", "namespace", "kaito-workspace", "team", "chosen")
        api.until(lambda: [place["name"] for place in api.status()["namespaces"]] == ALL, "they are gone")


@embedded.not_on_a_named_cluster("an operator that an embedded cluster plays")
def test_the_namespace_of_an_installed_provider_has_it_too(api):
    url = api.url + "/api/installation/providers/kserve"
    requests.post(url + "/install?wait=120", timeout=SECONDS).raise_for_status()
    try:
        names = ["dynamo-system", "kuberay-system", "default", "kserve", "kubefoundry"]
        api.until(lambda: [place["name"] for place in api.status()["namespaces"]] == names, "KServe's is among them")
        assert [result["namespace"] for result in api.save().json()["results"]] == names
        assert api.token("kserve") == ADA
    finally:
        api.delete()
        requests.post(url + "/uninstall?wait=60", timeout=SECONDS)
        requests.post(url + "/uninstall-crds?wait=60", timeout=SECONDS)
        api.until(lambda: [place["name"] for place in api.status()["namespaces"]] == ALL, "it is gone")


@pytest.mark.parametrize("body, field", [
    ({}, "accessToken"), ({"accessToken": ""}, "accessToken"), ({"accessToken": 1}, "accessToken"),
    ({"accessToken": "a b"}, "accessToken"), ({"accessToken": "x" * 4097}, "accessToken"), ({"accessToken": "hf_a\n"}, "accessToken"),
    ({"accessToken": ADA, "token": "x"}, "token"),
])
def test_wrong_fields_are_named(api, body, field):
    error = refusal(api.call("POST", 400, json=body), "VALIDATION_ERROR")
    assert [problem["field"] for problem in error["details"]["fields"]] == [field]
    assert api.tokens() == {}


def test_a_token_that_is_nobody_s_is_refused(api, hub):
    error = refusal(api.save(NOBODY, 400), "VALIDATION_ERROR")
    assert error["error"].startswith("Invalid HuggingFace token: ") and NOBODY not in json.dumps(error)
    assert api.tokens() == {}


@pytest.mark.parametrize("given, status, code", [
    ((500, {}, b"{}"), 502, "HUB_UNAVAILABLE"),
    ((503, {}, b"{}"), 502, "HUB_UNAVAILABLE"),
    ((504, {}, b"{}"), 504, "HUB_TIMEOUT"),
    ((429, {"Retry-After": "77"}, b"{}"), 429, "HUB_RATE_LIMITED"),
    ((404, {}, b"{}"), 502, "HUB_BAD_ANSWER"),
    ((200, {}, b"<html>"), 502, "HUB_BAD_ANSWER"),
    ((403, {}, b"{}"), 400, "VALIDATION_ERROR"),
])
def test_while_the_hub_fails_nothing_is_saved(api, hub, given, status, code):
    hub.behave = lambda request: given
    refusal(api.save(status=status), code)
    assert api.tokens() == {}


def test_while_the_hub_is_slow_nothing_is_saved(api, hub, tmp_path):
    # One of its own has so little patience: the others' Hub may well take two seconds where the machine is busy.
    other = another(api, hub, tmp_path / "other", hub_timeout="2s")
    held = threading.Event()
    hub.behave = lambda request: held.wait(SECONDS) and None
    try:
        refusal(other.save(status=504), "HUB_TIMEOUT")
        assert api.tokens() == {}
    finally:
        held.set()
        other.program.kill()


def test_secrets_of_others_are_left_as_they_are(api):
    api.foreign("default")
    api.until(lambda: {"name": "default", "exists": True, "foreign": True} in api.status()["namespaces"], "it is known")
    body = api.save(status=502).json()
    assert set(body) == {"success", "message", "error", "code", "details", "user", "results"}
    assert (body["success"], body["code"]) == (False, "PARTIAL_FAILURE")
    assert body["message"] == body["error"] and "default: " in body["error"] and body["details"]["requestId"]
    for result in body["results"]:
        if result["namespace"] == "default":
            assert result["success"] is False and "not Ingot's" in result["error"]
        else:
            assert result == {"namespace": result["namespace"], "success": True}
    assert api.tokens() == {**dict.fromkeys(ALL, ADA), "default": FOREIGN}
    # Pods find a token everywhere, and this one's owner is known.
    assert api.status()["configured"] is True and api.status()["user"]["name"] == "ada"

    deleted = api.delete()
    assert (deleted["success"], deleted["message"]) == (False, "Some secrets could not be deleted")
    (failed,) = [result for result in deleted["results"] if not result["success"]]
    assert failed["namespace"] == "default" and "not Ingot's" in failed["error"]
    assert api.tokens() == {"default": FOREIGN}


def test_a_namespace_that_is_ending_is_a_partial_failure_that_heals(api):
    api.kubectl.run("create", "namespace", "kuberay-system")
    api.kubectl("--namespace", "kuberay-system", "create", "configmap", "held")
    api.kubectl("--namespace", "kuberay-system", "patch", "configmap", "held", "--type=merge", "-p",
                '{"metadata": {"finalizers": ["example.com/held"]}}')
    api.kubectl("delete", "namespace", "kuberay-system", "--wait=false")
    api.until(lambda: "Terminating" in api.kubectl.text("get", "namespace", "kuberay-system"), "it is ending")
    body = api.save(status=502).json()
    results = {result["namespace"]: result for result in body["results"]}
    assert (body["success"], results["kuberay-system"]["success"]) == (False, False)
    assert results["kuberay-system"]["error"]
    assert all(results[name]["success"] for name in ALL if name != "kuberay-system")
    assert api.status()["configured"] is False
    api.kubectl("--namespace", "kuberay-system", "patch", "configmap", "held", "--type=merge", "-p",
                '{"metadata": {"finalizers": null}}')
    api.until(lambda: api.kubectl.run("get", "namespace", "kuberay-system").status != 0, "it has ended")
    assert api.save().json()["success"] is True
    assert api.status()["configured"] is True


def test_what_others_do_to_the_secrets_is_seen(api):
    api.save()
    api.kubectl("--namespace", "default", "delete", "secret", NAME)
    api.until(lambda: not api.status()["configured"], "the deletion is seen")
    assert {"name": "default", "exists": False, "foreign": False} in api.status()["namespaces"]
    api.save()
    # Another token than the one whose owner is known.
    api.kubectl("--namespace", "default", "patch", "secret", NAME, "--type=merge", "-p",
                json.dumps({"stringData": {"HF_TOKEN": confidential.secret("another token of the Hub", "hf_")}}))
    api.until(lambda: "user" not in api.status(), "it is told of nobody")
    assert api.status()["configured"] is True
    # A secret without the token is of no use.
    api.kubectl("--namespace", "default", "patch", "secret", NAME, "--type=json", "-p", '[{"op": "remove", "path": "/data/HF_TOKEN"}]')
    api.until(lambda: not api.status()["configured"], "it is told of")
    assert api.save().json()["success"] is True
    assert api.token("default") == ADA


def test_the_user_is_kept_sealed_and_known_after_a_restart(tmp_path, start, hub):
    hub.behave = lambda request: None
    data = tmp_path / "data"

    def serve():
        program = start("serve", "--port", "0", "--data-dir", data, "--embedded-cluster",
                        environment={"HF_ENDPOINT": hub.url}).ready()
        return Server(program, Kubectl(data / "embedded-cluster/kubeconfig", tmp_path), hub, data).until_ready()

    server = serve()
    server.save()
    files = {path.name: path for path in data.iterdir() if path.name.startswith("huggingface-user")}
    assert set(files) == {"huggingface-user.key", "huggingface-user.sealed"}
    for path in files.values():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(files["huggingface-user.key"].read_bytes()) == 32
    for word in (b"ada", b"hf_", b"Ada"):
        assert word not in files["huggingface-user.sealed"].read_bytes()
    server.program.kill()

    count = len(asked(hub))
    server = serve()
    server.until(lambda: server.status().get("user", {}).get("name") == "ada", "the user is known")
    assert server.status()["configured"] is True and len(asked(hub)) == count
    server.program.kill()
    # A record that was tampered with is none.
    sealed = bytearray(files["huggingface-user.sealed"].read_bytes())
    sealed[-1] ^= 1
    files["huggingface-user.sealed"].write_bytes(sealed)
    server = serve()
    server.until(lambda: server.status()["configured"], "the token is known")
    assert "user" not in server.status()
    server.delete()
    assert not files["huggingface-user.sealed"].exists()


def test_without_a_cluster_nothing_is_saved(ingot):
    for method, path, options in [("GET", "/status", {}), ("POST", "", {"json": {"accessToken": ADA}}), ("DELETE", "", {})]:
        answer = requests.request(method, f"{ingot.url}/api/secrets/huggingface{path}", timeout=SECONDS, **options)
        assert answer.status_code == 503
        refusal(answer, "CLUSTER_UNAVAILABLE")


def test_no_token_is_in_logs_metrics_or_files(api):
    api.save(BOB)
    api.status()
    api.program.wait_for_error("DELETE")
    log = "\n".join(api.program.errors)
    assert "/api/secrets/huggingface" in log
    told = requests.get(api.url + "/metrics", timeout=SECONDS).text
    for path in ("/api/secrets/huggingface/status", "/api/settings", "/api/cluster/status", "/api/deployments"):
        told += requests.get(api.url + path, timeout=SECONDS).text
    for token in (ADA, BOB, base64.b64encode(BOB.encode()).decode()):
        assert token not in log
        assert token not in told
    for path in pathlib.Path(api.data).rglob("*"):
        # The embedded cluster keeps its objects in a folder of its own.
        if path.is_file() and "embedded-cluster" not in path.parts:
            assert BOB.encode() not in path.read_bytes(), path


def test_a_deployment_in_another_namespace_gets_the_token_that_is_saved(api):
    api.kubectl("create", "namespace", "later")
    try:
        api.until(lambda: requests.post(api.url + "/api/deployments/preview", timeout=SECONDS, json={
            "name": "one", "namespace": "later", "modelId": "Qwen/Qwen3-0.6B", "provider": "vllm"}).status_code == 200, "ready")
        # Without a token there is none to give, and that is said.
        made = api.create("before", "later", replicas=0, hfTokenSecret=NAME)
        assert any(NAME in warning for warning in made["warnings"])
        assert api.token("later") is None
        api.save()
        api.kubectl("--namespace", "later", "delete", "secret", NAME, "--ignore-not-found")
        made = api.create("after", "later", replicas=0, hfTokenSecret=NAME)
        assert not any(NAME in warning for warning in made["warnings"])
        assert api.token("later") == ADA
    finally:
        for name in ("before", "after"):
            requests.delete(f"{api.url}/api/deployments/{name}", params={"namespace": "later"}, timeout=SECONDS)
        api.delete()
        api.kubectl("delete", "namespace", "later")
        api.until(lambda: [place["name"] for place in api.status()["namespaces"]] == ALL, "it is gone")
