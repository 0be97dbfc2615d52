"""`/api/oauth/huggingface`: signing in to a stand-in for huggingface.co, end to end and with each of its failures."""

import base64
import hashlib
import re
import secrets
import threading
import urllib.parse

import pytest
import requests

import hub as stand_in
from conftest import INGOT, NOWHERE, Program
from models import has_types, refusal
from waiting import PATIENCE

SECONDS = PATIENCE
CLIENT = "e05817a1-7053-4b9e-b292-29cd219fccf8"
CALLBACK = "http://localhost:3000/oauth/callback/huggingface"
USER = {"id": str, "name": str, "fullname": str, "email": str, "avatarUrl": str}


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A server and its Hub for all tests of this file."""
    with stand_in.Hub() as hub:
        flags = ["--port", "0", "--data-dir", tmp_path_factory.mktemp("oauth"), "--cluster", "none"]
        program = Program([INGOT, "serve", *flags], environment={
            "HF_ENDPOINT": hub.url, "INGOT_HUGGING_FACE_TIMEOUT": "10m",
            "INGOT_HUGGING_FACE_OAUTH_REDIRECT_ORIGINS": "https://console.example,http://inside.example:8080",
        }).ready()
        yield program, hub
        program.kill()


@pytest.fixture
def hub(shared):
    """The Hub, behaving."""
    shared[1].behave = lambda request: None
    shared[1].requests.clear()
    return shared[1]


@pytest.fixture
def server(shared, hub):
    return shared[0]


def get(server, path):
    return requests.get(f"{server.url}/api/oauth/huggingface{path}", timeout=SECONDS)


def post(server, path, body, status=200):
    answer = requests.post(f"{server.url}/api/oauth/huggingface{path}", json=body, timeout=SECONDS)
    assert answer.status_code == status, answer.text
    return answer


def problems(answer):
    error = refusal(answer, "VALIDATION_ERROR")
    return {problem["field"]: problem["message"] for problem in error["details"]["fields"]}


def pkce():
    """A verifier and its challenge, as a page makes them (RFC 7636 §4.2)."""
    verifier = secrets.token_urlsafe(32)
    digest = hashlib.sha256(verifier.encode()).digest()
    return verifier, base64.urlsafe_b64encode(digest).decode().rstrip("=")


def consent(url, redirect=CALLBACK):
    """Has the user agree, and returns what comes to the callback."""
    answer = requests.get(url, allow_redirects=False, timeout=SECONDS)
    assert answer.status_code == 302, answer.text
    location = answer.headers["Location"]
    assert location.startswith(redirect + "?")
    return {name: values[0] for name, values in urllib.parse.parse_qs(location.partition("?")[2]).items()}


def page_code(server, redirect=CALLBACK):
    """What a page that keeps the verifier itself has after the callback."""
    configuration = get(server, "/config").json()
    verifier, challenge = pkce()
    query = urllib.parse.urlencode({
        "client_id": configuration["clientId"], "redirect_uri": redirect, "response_type": "code", "state": "mine",
        "scope": " ".join(configuration["scopes"]), "code_challenge": challenge, "code_challenge_method": "S256",
    })
    back = consent(f"{configuration['authorizeUrl']}?{query}", redirect)
    assert back["state"] == "mine"
    return {"code": back["code"], "codeVerifier": verifier, "redirectUri": redirect}


def check_token(answer):
    token = answer.json()
    assert set(token) == {"accessToken", "tokenType", "expiresIn", "scope", "user"}
    has_types(token, {"accessToken": str, "tokenType": str, "expiresIn": int, "scope": str, "user": dict})
    assert token["accessToken"] == stand_in.ADA and token["tokenType"] == "Bearer" and token["expiresIn"] == 28800
    assert token["scope"] == "openid profile read-repos"
    assert set(token["user"]) == set(USER)
    has_types(token["user"], USER)
    assert (token["user"]["id"], token["user"]["name"], token["user"]["fullname"]) == ("id-ada", "ada", "Ada")
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_configuration_is_the_document_s(serve):
    # By default, and with a way to the Hub that leads nowhere.
    ingot = serve(environment={"HF_ENDPOINT": "", "HTTPS_PROXY": NOWHERE})
    assert get(ingot, "/config").json() == {
        "clientId": CLIENT, "authorizeUrl": "https://huggingface.co/oauth/authorize",
        "scopes": ["openid", "profile", "read-repos"],
    }


@pytest.mark.parametrize("variable", ["HF_CLIENT_ID", "INGOT_HUGGING_FACE_OAUTH_CLIENT_ID"])
def test_the_client_id_can_be_chosen(serve, hub, variable):
    ingot = serve(environment={"HF_ENDPOINT": hub.url, variable: "mine"})
    found = get(ingot, "/config").json()
    assert (found["clientId"], found["authorizeUrl"]) == ("mine", hub.url + "/oauth/authorize")
    url = post(ingot, "/start", {"redirectUri": CALLBACK}).json()["authorizationUrl"]
    assert urllib.parse.parse_qs(url.partition("?")[2])["client_id"] == ["mine"]


def test_a_page_exchanges_its_code(server, hub):
    sent = page_code(server)
    check_token(post(server, "/token", sent))
    (form,) = [request.form for request in hub.requests if request.path == "/oauth/token"]
    assert form == {
        "grant_type": "authorization_code", "client_id": CLIENT, "code": sent["code"], "redirect_uri": CALLBACK,
        "code_verifier": sent["codeVerifier"],
    }
    # A code is good once.
    error = refusal(post(server, "/token", sent, 400), "VALIDATION_ERROR")
    assert error["error"].startswith("Failed to exchange authorization code: 400 invalid_grant")
    # A code is good with its verifier only.
    refusal(post(server, "/token", {**page_code(server), "codeVerifier": "x" * 43}, 400), "VALIDATION_ERROR")


def test_the_server_keeps_the_verifier(server, hub):
    begun = post(server, "/start", {"redirectUri": CALLBACK}).json()
    assert set(begun) == {"authorizationUrl", "state"}
    url, _, query = begun["authorizationUrl"].partition("?")
    assert url == hub.url + "/oauth/authorize"
    asked = {name: values[0] for name, values in urllib.parse.parse_qs(query).items()}
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", asked.pop("code_challenge"))
    assert asked == {
        "client_id": CLIENT, "redirect_uri": CALLBACK, "scope": "openid profile read-repos", "response_type": "code",
        "state": begun["state"], "code_challenge_method": "S256",
    }
    back = consent(begun["authorizationUrl"])
    assert back["state"] == begun["state"]
    check_token(post(server, "/token-with-state", back))
    # A state is good once, also where the code is refused; and one that was never given is good for nothing.
    refusal(post(server, "/token-with-state", back, 404), "NOT_FOUND")
    refusal(post(server, "/token-with-state", {**back, "state": "made-up"}, 404), "NOT_FOUND")
    other = post(server, "/start", {"redirectUri": CALLBACK}).json()
    assert other["state"] != begun["state"]
    refusal(post(server, "/token-with-state", {"code": "wrong", "state": other["state"]}, 400), "VALIDATION_ERROR")
    refusal(post(server, "/token-with-state", {"code": "wrong", "state": other["state"]}, 404), "NOT_FOUND")


def test_of_two_who_use_a_state_at_once_one_gets_the_token(server):
    back = consent(post(server, "/start", {"redirectUri": CALLBACK}).json()["authorizationUrl"])
    answers = []

    def exchange():
        url = server.url + "/api/oauth/huggingface/token-with-state"
        answers.append(requests.post(url, json=back, timeout=SECONDS).status_code)

    threads = [threading.Thread(target=exchange) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] + [404] * 7


def test_wrong_fields_are_named(server):
    good = {"code": "c", "codeVerifier": "v" * 43, "redirectUri": CALLBACK}
    assert set(problems(post(server, "/token", {}, 400))) == {"code", "codeVerifier", "redirectUri"}
    assert set(problems(post(server, "/token", {**good, "verifier": "x"}, 400))) == {"verifier"}
    for verifier in ("v" * 42, "v" * 129, "v" * 42 + "+", "v" * 42 + "ä", "v" * 42 + " ", "", 1):
        assert set(problems(post(server, "/token", {**good, "codeVerifier": verifier}, 400))) == {"codeVerifier"}
    for code in ("", " ", "a\n", 1, "x" * 4097):
        assert set(problems(post(server, "/token", {**good, "code": code}, 400))) == {"code"}
    assert set(problems(post(server, "/start", {}, 400))) == {"redirectUri"}
    assert set(problems(post(server, "/token-with-state", {}, 400))) == {"code", "state"}


@pytest.mark.parametrize("uri", [
    "http://127.0.0.1/x", "http://127.8.8.8:9/x", "http://[::1]:3000/x", "https://localhost", "http://localhost?x=1",
    "https://console.example/oauth/callback/huggingface", "https://console.example:443/x", "http://inside.example:8080/x",
])
def test_people_may_be_sent_back_there(server, uri):
    url = post(server, "/start", {"redirectUri": uri}).json()["authorizationUrl"]
    assert urllib.parse.parse_qs(url.partition("?")[2])["redirect_uri"] == [uri]


def test_people_may_be_sent_back_nowhere_else(server, hub):
    for uri in (
        "https://evil.example/x", "http://localhost.evil.example/x", "http://127.0.0.1.evil.example/x",
        "http://localhost@evil.example/x", "http://evil.example#http://localhost/", "http://localhost/#x",
        "http://128.0.0.1/x", "http://localhost:x/", "http://localhost:99999/", "http:///x", "http://", "http://loc alhost/",
        "https://evil.example\\@localhost/", "http://127.1/x", "http://[::2]/x", "http://[::1/x",
    ):
        assert set(problems(post(server, "/start", {"redirectUri": uri}, 400))) == {"redirectUri"}, uri
        body = {"code": "c", "codeVerifier": "v" * 43, "redirectUri": uri}
        assert set(problems(post(server, "/token", body, 400))) == {"redirectUri"}, uri
    for uri in ("javascript:alert(1)", "/relative", "", "ftp://localhost/", 7):
        assert set(problems(post(server, "/start", {"redirectUri": uri}, 400))) == {"redirectUri"}, uri
    assert [request for request in hub.requests if request.path.startswith("/oauth")] == []


@pytest.mark.parametrize("path", ["/oauth/token", "/api/whoami-v2"])
@pytest.mark.parametrize("given, status, code", [
    ((500, {}, b"{}"), 502, "HUB_UNAVAILABLE"),
    ((503, {}, b"down"), 502, "HUB_UNAVAILABLE"),
    ((404, {}, b"{}"), 502, "HUB_BAD_ANSWER"),
    ((429, {"Retry-After": "77"}, b"{}"), 429, "HUB_RATE_LIMITED"),
    ((504, {}, b"{}"), 504, "HUB_TIMEOUT"),
    ((200, {}, b"<html>"), 502, "HUB_BAD_ANSWER"),
    ((200, {}, b"{}"), 502, "HUB_BAD_ANSWER"),
])
def test_the_hub_s_failures_keep_their_meaning(server, hub, path, given, status, code):
    sent = page_code(server)
    hub.behave = lambda request: given if request.path == path else None
    answer = post(server, "/token", sent, status)
    error = refusal(answer, code)
    assert "authorization code" in error["error"] or "user info" in error["error"]
    assert sent["code"] not in answer.text and sent["codeVerifier"] not in answer.text and stand_in.ADA not in answer.text
    if status == 429:
        assert answer.headers["Retry-After"] == "77"


@pytest.mark.parametrize("given", [
    (400, {"error": "invalid_grant"}), (401, {"error": "invalid_client"}), (403, {"error": "access_denied"}),
])
def test_a_refused_code_is_a_bad_request(server, hub, given):
    sent = page_code(server)
    hub.behave = lambda request: stand_in.reply(given[1], status=given[0]) if request.path == "/oauth/token" else None
    error = refusal(post(server, "/token", sent, 400), "VALIDATION_ERROR")
    assert error["error"] == f"Failed to exchange authorization code: {given[0]} {given[1]['error']}"
    assert error["details"]["hubStatus"] == given[0]


def test_what_was_sent_is_not_echoed(server, hub):
    sent = page_code(server)
    words = {"error": "invalid_grant", "error_description": f"no {sent['code']} or {sent['codeVerifier']}"}
    hub.behave = lambda request: stand_in.reply(words, status=400) if request.path == "/oauth/token" else None
    answer = post(server, "/token", sent, 400)
    assert sent["code"] not in answer.text and sent["codeVerifier"] not in answer.text
    assert refusal(answer, "VALIDATION_ERROR")["error"].endswith("400 invalid_grant: no (hidden) or (hidden)")


def test_a_callback_that_comes_here_by_mistake_leaves_no_code_in_the_log(server, hub):
    begun = post(server, "/start", {"redirectUri": CALLBACK}).json()
    back = consent(begun["authorizationUrl"])
    answer = requests.get(server.url + "/oauth/callback/huggingface", params={**back, "page": 1}, timeout=SECONDS)
    assert answer.status_code == 404
    server.wait_for_error(r'code=\*\*\*&state=\*\*\*&page=1')


def test_a_slow_hub_is_told_of(serve, hub):
    # One of its own has so little patience: the others' Hub may well take two seconds where the machine is busy.
    server = serve(environment={"HF_ENDPOINT": hub.url, "INGOT_HUGGING_FACE_TIMEOUT": "2s"})
    sent = page_code(server)
    held = threading.Event()
    hub.behave = lambda request: held.wait(SECONDS) and None
    refusal(post(server, "/token", sent, 504), "HUB_TIMEOUT")
    held.set()


def test_a_hub_that_cannot_be_reached_is_told_of(serve):
    # With much time: it says so at once, and must not be found to be late on a machine that stands still for a while.
    away = serve(environment={"HF_ENDPOINT": NOWHERE, "INGOT_HUGGING_FACE_TIMEOUT": "10m"})
    body = {"code": "c", "codeVerifier": "v" * 43, "redirectUri": CALLBACK}
    refusal(post(away, "/token", body, 502), "HUB_UNREACHABLE")
    begun = post(away, "/start", {"redirectUri": CALLBACK}).json()
    refusal(post(away, "/token-with-state", {"code": "c", "state": begun["state"]}, 502), "HUB_UNREACHABLE")


def test_no_secret_is_in_the_logs(server):
    sent = page_code(server)
    check_token(post(server, "/token", sent))
    begun = post(server, "/start", {"redirectUri": CALLBACK}).json()
    back = consent(begun["authorizationUrl"])
    check_token(post(server, "/token-with-state", back))
    server.wait_for_error("token-with-state")
    log = "\n".join(server.errors) + requests.get(server.url + "/metrics", timeout=SECONDS).text
    for secret in (stand_in.ADA, stand_in.REFRESH, sent["codeVerifier"], begun["state"]):
        assert secret not in log
