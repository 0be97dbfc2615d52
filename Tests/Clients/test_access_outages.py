"""Those who say who callers are and what they may do are away, or talk nonsense: nobody is let in for that."""

import http.server
import json
import threading

import pytest
import requests

import access
from conftest import INGOT, Program
from waiting import PATIENCE

USER = {"username": "ada", "groups": ["team"]}
KNOWN = {"authenticated": True, "user": USER}
ALLOWED = {"allowed": True}
# A route for everybody who is known, and one for those who may list nodes.
OPEN, GUARDED = "/api/settings", "/api/cluster/status"


class Cluster:
    """An API server that knows reviews only, and answers them as a test wants: with a status code and JSON or bytes."""

    def __init__(self):
        self.answers = {}
        self.asked = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                length = int(self.headers.get("Content-Length", 0))
                content = self.rfile.read(length)
                resource = self.path.split("?")[0].rsplit("/", 1)[1]
                if self.command == "POST":
                    outer.asked.append((resource, json.loads(content)["spec"]))
                status, body = outer.answers.get(resource, (404, {"kind": "Status", "code": 404, "reason": "NotFound"}))
                if status is None:
                    self.close_connection = True
                    return
                if isinstance(body, dict) and status < 300:
                    body = {"kind": resource, "status": body}
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def say(self, review=(201, KNOWN), decision=(201, ALLOWED)):
        self.answers = {"tokenreviews": review, "subjectaccessreviews": decision}

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def serving(cluster, folder, **auth):
    """A server that asks that cluster."""
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "c", "clusters": [{"name": "c", "cluster": {"server": cluster.url}}],
        "users": [{"name": "u", "user": {}}], "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
    }))
    config = access.written(folder, auth={"mode": "token-review", **auth})
    flags = ["--port", "0", "--data-dir", folder / "data", "--kubeconfig", kubeconfig, "--config", config]
    return Program([INGOT, "serve", *flags]).ready()


@pytest.fixture(scope="module")
def cluster():
    stand_in = Cluster()
    yield stand_in
    stand_in.close()


@pytest.fixture(scope="module")
def forgetful(cluster, tmp_path_factory):
    """A server that remembers nothing."""
    program = serving(cluster, tmp_path_factory.mktemp("forgetful"), cacheDuration="0s")
    yield program
    program.kill()


def ask(server, path, token="word"):
    return requests.get(server.url + path, headers=access.bearer(token), timeout=PATIENCE)


def unavailable(answer):
    assert answer.status_code == 503, answer.text
    assert answer.json()["code"] == "AUTH_UNAVAILABLE" and int(answer.headers["Retry-After"]) > 0
    return True


FAILURES = [
    (500, {"kind": "Status", "code": 500}), (503, b"away"), (403, {"kind": "Status", "code": 403, "reason": "Forbidden"}),
    (404, {"kind": "Status", "code": 404, "reason": "NotFound"}), (401, b""), (201, b""), (201, b"{"), (201, b"[]"), (201, b"null"),
    (201, b"{}"), (201, b'{"status": null}'), (302, b""), (None, b""),
]


@pytest.mark.parametrize("failure", [*FAILURES, (201, {"authenticated": True}), (201, {"authenticated": True, "user": {}}),
                                     (201, {"authenticated": True, "user": {"username": ""}})])
def test_where_it_is_not_said_whose_a_token_is_nobody_is_let_in(cluster, forgetful, failure):
    cluster.say(review=failure)
    for path in (OPEN, GUARDED):
        assert unavailable(ask(forgetful, path))
    assert requests.get(forgetful.url + "/api/health", timeout=PATIENCE).status_code == 200
    cluster.say()
    assert ask(forgetful, OPEN).status_code == 200


@pytest.mark.parametrize("failure", [*FAILURES, (201, {"reason": "x"}), (201, {"allowed": "true"}), (201, {"allowed": 1})])
def test_where_it_is_not_said_what_somebody_may_they_may_not(cluster, forgetful, failure):
    cluster.say(decision=failure)
    assert ask(forgetful, OPEN).status_code == 200
    assert unavailable(ask(forgetful, GUARDED))
    cluster.say()
    assert ask(forgetful, GUARDED).status_code == 200


@pytest.mark.parametrize("answer", [
    {"authenticated": False}, {"authenticated": False, "user": USER}, {"user": USER}, {"authenticated": "true", "user": USER},
    {"authenticated": 1, "user": USER}, {"error": "no such token"},
])
def test_who_is_not_said_to_be_known_is_nobody(cluster, forgetful, answer):
    cluster.say(review=(201, answer))
    refused = ask(forgetful, OPEN)
    assert refused.status_code == 401 and 'error="invalid_token"' in refused.headers["WWW-Authenticate"]


@pytest.mark.parametrize("answer", [{"allowed": False}, {"allowed": False, "denied": True}, {"allowed": True, "denied": True}])
def test_who_is_not_said_to_be_allowed_may_not(cluster, forgetful, answer):
    cluster.say(decision=(201, {**answer, "reason": "it is night"}))
    refused = ask(forgetful, GUARDED)
    assert refused.status_code == 403 and "it is night" in refused.json()["error"]
    assert refused.json()["details"] == {
        "permission": "list nodes in the whole cluster", "user": "ada", "requestId": refused.json()["details"]["requestId"],
    }


def test_the_cluster_is_asked_for_the_user_with_all_that_it_said_of_them(cluster, forgetful):
    user = {**USER, "uid": "7", "extra": {"scopes.example.com/only": ["read"]}}
    cluster.say(review=(201, {"authenticated": True, "user": user}))
    cluster.asked.clear()
    assert ask(forgetful, GUARDED, "word").status_code == 200
    (first, token), (second, subject) = cluster.asked
    assert (first, token) == ("tokenreviews", {"token": "word"})
    assert second == "subjectaccessreviews"
    assert (subject["user"], subject["groups"], subject["uid"]) == ("ada", ["team"], "7")
    assert subject["extra"] == {"scopes.example.com/only": ["read"]}
    assert subject["resourceAttributes"]["verb"] == "list" and subject["resourceAttributes"]["resource"] == "nodes"


def test_a_token_for_nobody_in_particular_is_not_for_ingot(cluster, tmp_path):
    server = serving(cluster, tmp_path, cacheDuration="0s", audiences=["ingot", "other"])
    try:
        for audiences, status in (
            (None, 401), ([], 401), (["https://kubernetes.default.svc"], 401), (["ingot"], 200), (["x", "other"], 200),
        ):
            cluster.say(review=(201, KNOWN if audiences is None else {**KNOWN, "audiences": audiences}))
            cluster.asked.clear()
            assert ask(server, OPEN).status_code == status, audiences
            assert cluster.asked[0] == ("tokenreviews", {"token": "word", "audiences": ["ingot", "other"]})
    finally:
        server.kill()


def test_what_is_known_is_known_while_the_cluster_is_away_and_nothing_else(cluster, tmp_path):
    cluster.say()
    server = serving(cluster, tmp_path, cacheDuration="5m")
    try:
        assert ask(server, GUARDED).status_code == 200
        cluster.say(review=(500, b""), decision=(500, b""))
        cluster.asked.clear()
        assert ask(server, GUARDED).status_code == 200 and ask(server, OPEN).status_code == 200
        assert cluster.asked == []
        # Another permission, and another token.
        assert unavailable(ask(server, "/api/runtimes/status"))
        assert unavailable(ask(server, OPEN, "another"))
    finally:
        server.kill()


def test_known_keys_of_an_issuer_go_on_to_work_while_it_is_away(serve, tmp_path):
    issuer = access.Issuer()
    try:
        server = serve("--config", access.written(tmp_path, auth=issuer.configuration(cacheDuration="0s")))
        assert ask(server, OPEN, issuer.token()).status_code == 200
        issuer.status = 500
        assert ask(server, OPEN, issuer.token(sub="bob")).status_code == 200
        stranger = ask(server, OPEN, issuer.token(key=access.Key("unknown")))
        assert stranger.status_code in (401, 503), stranger.text
        assert ask(server, OPEN, issuer.token(exp=1)).status_code == 401
    finally:
        issuer.close()
