"""Who may call which route: every route for every role, with tokens of a cluster and of an OpenID Connect issuer."""

import json
import time

import access
import pytest
import requests
from access import issuer, trusting
from cluster import Kubectl
from conftest import INGOT, Program
from waiting import PATIENCE, until_answer

ROLES = ["stranger", "viewer", "operator", "admin"]
# What neither reveals nor changes anything.
PUBLIC = {
    "/health", "/livez", "/readyz", "/api/health", "/api/health/version", "/api/openapi.json", "/api/oauth/huggingface/config",
}


def expected(role, needed, path, mode):
    """Whether a user is let through to the handler."""
    if needed == "public":
        return True
    if mode == "token-review" and needed == "viewer" and access.is_about_models(path):
        return True
    return access.RANK[role] >= access.RANK[needed]


def check_cell(session, url, row, role, token, mode):
    method, path, filled, needed, operation = row
    status, error, headers = access.send(session, url, method, filled, operation, token)
    cell = f"{mode} {role} {method} {path} ({needed}): {status} {error}"
    if expected(role, needed, path, mode):
        assert status not in (401, 403), cell
        return
    assert status == 403, cell
    assert error["code"] == "FORBIDDEN" and error["details"]["permission"], cell
    assert error["details"]["user"], cell
    assert 'error="insufficient_scope"' in headers["WWW-Authenticate"], cell


def check_table(url, tokens, mode):
    """Checks every cell, and that without a token and with a false one nothing but what is public answers."""
    document = requests.get(url + "/api/openapi.json", timeout=PATIENCE).json()
    rows = list(access.operations(document))
    assert {row[3] for row in rows} >= {"public", "viewer", "operator"}
    assert {row[1] for row in rows if row[3] == "public"} == PUBLIC
    session = requests.Session()
    for row in rows:
        method, path, filled, needed, operation = row
        assert operation["security"] == ([] if needed == "public" else [{"bearer": [needed]}]), path
        for token, mark in ((None, 'Bearer realm="ingot"'), ("not-a-token", 'error="invalid_token"')):
            status, error, headers = access.send(session, url, method, filled, operation, token)
            if needed == "public":
                assert status not in (401, 403), (method, path, status)
                continue
            assert status == 401 and error["code"] == "UNAUTHORIZED", (method, path, status, error)
            assert mark in headers["WWW-Authenticate"], (method, path, headers)
            assert error["error"] == error["message"] and error["details"]["requestId"]
        for role, token in tokens.items():
            check_cell(session, url, row, role, token, mode)


# Tokens of the cluster


@pytest.fixture(scope="module")
def review(tmp_path_factory):
    """A server with an embedded cluster that says who its callers are."""
    folder = tmp_path_factory.mktemp("review")
    data = folder / "data"
    config = access.written(folder, auth={"mode": "token-review", "cacheDuration": "1s"})
    program = Program([INGOT, "serve", "--port", "0", "--data-dir", data, "--cluster", "embedded", "--config", config]).ready()
    program.kubectl = Kubectl(data / "embedded-cluster" / "kubeconfig", folder, "default")
    program.data = data
    program.kubectl.until(
        lambda: program.kubectl.run("get", "serviceaccount", "default").status == 0, "there is a service account"
    )
    program.tokens = {}
    for role in ROLES:
        program.tokens[role] = access.service_account(program.kubectl, role)
        access.bind(program.kubectl, role, access.RULES[role])
    until_answer(program.url + "/readyz", lambda answer: answer.status_code == 200)
    yield program
    program.kill()


def status(server, path, token, method="GET", **options):
    return requests.request(method, server.url + path, headers=access.bearer(token), timeout=PATIENCE, **options)


def test_every_route_for_every_role_with_the_clusters_tokens(review):
    check_table(review.url, review.tokens, "token-review")


def test_a_user_sees_only_the_namespaces_that_the_cluster_lets_them_see(review):
    kubectl = review.kubectl
    kubectl.run("create", "namespace", "team-a")
    token = access.service_account(kubectl, "member")
    access.bind(kubectl, "member", access.VIEWER[:1], namespace="team-a")
    assert status(review, "/api/deployments?namespace=team-a", token).status_code == 200
    refused = status(review, "/api/deployments?namespace=default", token)
    assert refused.status_code == 403
    assert refused.json()["details"]["permission"] == "list pods in the namespace default"
    assert "system:serviceaccount:default:member" in refused.json()["error"]
    assert status(review, "/api/deployments", token).json()["details"]["permission"] == "list pods in the whole cluster"
    missing = status(review, "/api/deployments/nothing?namespace=team-a", token)
    assert missing.status_code == 404
    wish = {"name": "small", "modelId": "Qwen/Qwen3-0.6B", "namespace": "team-a", "provider": "vllm"}
    made = status(review, "/api/deployments", token, "POST", json=wish)
    assert made.status_code == 403
    assert made.json()["details"]["permission"] == "create deployments.apps in the namespace team-a"


def test_who_may_save_a_token_of_the_hub_may_sign_in_there(review):
    body = {"redirectUri": "http://localhost:3000/oauth/callback/huggingface"}
    path = "/api/oauth/huggingface/start"
    token = access.service_account(review.kubectl, "saver")
    refused = status(review, path, token, "POST", json=body)
    assert refused.status_code == 403 and refused.json()["details"]["permission"] == "create secrets in the whole cluster"
    access.bind(review.kubectl, "saver", [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["create", "update"]}])
    review.kubectl.until(lambda: status(review, path, token, "POST", json=body).status_code == 200, "it may begin a sign-in")


def test_a_permission_that_is_given_or_taken_away_counts_after_a_moment(review):
    kubectl = review.kubectl
    token = access.service_account(kubectl, "changing")
    assert status(review, "/api/cluster/nodes", token).status_code == 403
    access.bind(kubectl, "changing", access.VIEWER)
    kubectl.until(lambda: status(review, "/api/cluster/nodes", token).status_code == 200, "the permission counts")
    kubectl("delete", "clusterrolebinding", "test-changing")
    kubectl.until(lambda: status(review, "/api/cluster/nodes", token).status_code == 403, "the permission is gone")
    kubectl("delete", "serviceaccount", "changing")
    kubectl.until(lambda: status(review, "/api/models", token).status_code == 401, "the token is nobody's")


def test_the_name_of_the_user_is_in_the_servers_log_and_the_token_is_not(review):
    token = review.tokens["viewer"]
    assert status(review, "/api/models?limit=1", token).status_code in (200, 400)
    review.wait_for_error(r"path=/api/models .*user=system:serviceaccount:default:viewer")
    assert not any(token in line for line in review.errors)


def test_several_authorization_fields_and_other_schemes_are_no_token(review):
    connection = requests.Session()
    for field in ("Basic YWRhOnNlY3JldA==", "Bearer", "Bearer ", "Bearer a b", review.tokens["admin"]):
        answer = connection.get(review.url + "/api/models", headers={"Authorization": field}, timeout=PATIENCE)
        assert answer.status_code == 401, field


def test_a_body_without_a_token_is_not_waited_for(review):
    import socket

    with socket.create_connection(("127.0.0.1", review.port), timeout=PATIENCE) as connection:
        connection.sendall(
            b"POST /api/deployments HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 900000\r\nExpect: 100-continue\r\n\r\n"
        )
        assert connection.recv(4096).startswith(b"HTTP/1.1 401 ")


def test_tokens_for_another_audience_are_refused(serve, tmp_path):
    config = access.written(tmp_path, auth={"mode": "token-review", "audiences": ["ingot"]})
    server = serve("--config", config, cluster="embedded")
    kubectl = Kubectl(tmp_path / "data" / "embedded-cluster" / "kubeconfig", tmp_path, "default")
    kubectl.until(lambda: kubectl.run("get", "serviceaccount", "default").status == 0, "there is a service account")
    assert status(server, "/api/models", access.service_account(kubectl, "ada")).status_code == 401
    assert status(server, "/api/models", access.service_account(kubectl, "ada", "other")).status_code == 401
    assert status(server, "/api/models", access.service_account(kubectl, "ada", "ingot")).status_code == 200


def test_while_the_cluster_is_away_nobody_is_let_in(start, tmp_path):
    data = tmp_path / "cluster"
    away = start("serve", "--port", "0", "--data-dir", data, "--cluster", "embedded").ready()
    kubeconfig = data / "embedded-cluster" / "kubeconfig"
    kubectl = Kubectl(kubeconfig, tmp_path, "default")
    kubectl.until(lambda: kubectl.run("get", "serviceaccount", "default").status == 0, "there is a service account")
    token = access.service_account(kubectl, "ada")
    config = access.written(tmp_path, auth={"mode": "token-review", "cacheDuration": "0s"})
    server = start(
        "serve", "--port", "0", "--data-dir", tmp_path / "data", "--kubeconfig", kubeconfig, "--config", config
    ).ready()
    assert status(server, "/api/models", token).status_code == 200
    away.kill()
    for given in (token, "another"):
        refused = status(server, "/api/models", given)
        assert refused.status_code == 503 and refused.json()["code"] == "AUTH_UNAVAILABLE", refused.text
        assert refused.headers["Retry-After"]
    assert requests.get(server.url + "/api/health", timeout=PATIENCE).status_code == 200


# Tokens of an issuer


GROUPS = {"stranger": ["others"], "viewer": ["readers"], "operator": ["x", "deployers"], "admin": ["administrators"]}


def test_every_route_for_every_role_with_the_issuers_tokens(trusting, issuer):
    tokens = {role: issuer.token(sub=role, groups=groups) for role, groups in GROUPS.items()}
    check_table(trusting.url, tokens, "oidc")


def test_a_genuine_token_is_taken_and_forged_ones_are_not(trusting, issuer):
    def code(token):
        return status(trusting, "/api/models", token).status_code

    genuine = issuer.token()
    assert code(genuine) == 200
    header, claims, signature = genuine.split(".")
    other = access.Key(issuer.key.name)
    now = int(time.time())
    forged = {
        "another key under the same name": issuer.token(key=other),
        "a key that the issuer does not have": issuer.token(key=access.Key("unknown")),
        "expired": issuer.token(exp=now - 3600),
        "not yet": issuer.token(nbf=now + 3600),
        "issued later": issuer.token(iat=now + 3600),
        "without an end": issuer.token(exp=None),
        "an end that is no number": issuer.token(exp="never"),
        "another audience": issuer.token(aud="other"),
        "no audience": issuer.token(aud=None),
        "another issuer": issuer.token(iss="https://issuer.example"),
        "no user": issuer.token(sub=None),
        "a user that breaks a line": issuer.token(sub="ada\nadmin"),
        "other claims": f"{header}.{access.b64(issuer.claims(groups=['administrators']))}.{signature}",
        "no signature": f"{header}.{claims}.",
        "alg none": f"{access.b64({'alg': 'none'})}.{claims}.",
        "alg None with a signature": f"{access.b64({'alg': 'None', 'kid': issuer.key.name})}.{claims}.{signature}",
        "a critical header": issuer.token(header={"crit": ["exp"]}),
        "two parts": f"{header}.{claims}",
        "no JSON": f"{header}.{access.b64(b'nothing')}.{signature}",
    }
    for what, token in forged.items():
        answer = status(trusting, "/api/models", token)
        assert answer.status_code == 401, what
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"], what
    assert code(issuer.token(aud=["other", "ingot"])) == 200
    assert code(issuer.token(exp=int(time.time()) - 5)) == 200, "within the clocks' difference"


def test_the_issuers_public_key_is_no_shared_secret(trusting, issuer):
    import hashlib
    import hmac

    from cryptography.hazmat.primitives import serialization

    public = issuer.key.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    for secret in (public, json.dumps(issuer.key.public()).encode(), b""):
        content = f"{access.b64({'alg': 'HS256', 'kid': issuer.key.name})}.{access.b64(issuer.claims())}"
        signature = hmac.new(secret, content.encode(), hashlib.sha256).digest()
        assert status(trusting, "/api/models", f"{content}.{access.b64(signature)}").status_code == 401


def test_a_key_is_for_one_algorithm(trusting, issuer):
    for named in ("ES256", "RS384", "PS256", "RS512"):
        token = issuer.token(header={"alg": named})
        assert status(trusting, "/api/models", token).status_code == 401, named


def test_keys_are_exchanged_and_unknown_ones_cause_few_fetches(issuer, serve, tmp_path):
    issuer.published = [issuer.key.public()]
    server = serve("--config", access.written(tmp_path, auth=issuer.configuration()))
    kubectl = Kubectl("none", tmp_path)
    assert status(server, "/api/models", issuer.token()).status_code == 200
    before, begin = issuer.fetches, time.monotonic()
    for number in range(30):
        stranger = access.Key(f"unknown-{number}", "EC")
        assert status(server, "/api/models", issuer.token(key=stranger)).status_code == 401
    # One every five seconds, however long the thirty take here.
    assert issuer.fetches - before <= 1 + (time.monotonic() - begin) / 5, "a token's word is enough to bother the issuer"
    second = access.Key("second", "EC")
    issuer.published = [second.public(), {"kty": "oct", "k": "c2VjcmV0"}, {"kty": "RSA", "n": "AQAB", "e": "AQAB"}]
    kubectl.until(
        lambda: status(server, "/api/models", issuer.token(key=second)).status_code == 200, "the new key is known"
    )
    assert status(server, "/api/models", issuer.token(jti="another")).status_code == 401
    issuer.published = [issuer.key.public()]


def test_without_the_issuers_keys_nobody_is_let_in(issuer, serve, tmp_path):
    issuer.status = 500
    try:
        server = serve("--config", access.written(tmp_path, auth=issuer.configuration()))
        refused = status(server, "/api/models", issuer.token())
        assert refused.status_code == 503 and refused.json()["code"] == "AUTH_UNAVAILABLE"
        assert refused.headers["Retry-After"]
    finally:
        issuer.status = 200


# The configuration


def test_another_address_than_a_loopback_one_needs_callers_to_say_who_they_are(start, tmp_path, issuer):
    refused = start("serve", "--port", "0", "--data-dir", tmp_path / "data", "--cluster", "none", "--host", "0.0.0.0")
    assert refused.end() == 78
    refused.wait_for_error("while auth.mode is none")
    config = access.written(tmp_path, auth=issuer.configuration())
    allowed = start(
        "serve", "--port", "0", "--data-dir", tmp_path / "data", "--cluster", "none", "--host", "0.0.0.0", "--config", config
    )
    line = allowed.lines.get(timeout=PATIENCE)
    port = line.rsplit(":", 1)[1]
    assert requests.get(f"http://127.0.0.1:{port}/api/models", timeout=PATIENCE).status_code == 401


@pytest.mark.parametrize("auth, complaint", [
    ({"mode": "oidc", "audiences": ["a"]}, "auth.oidc.issuer"),
    ({"mode": "oidc", "audiences": ["a"], "oidc": {"issuer": "http://issuer.example"}}, "auth.oidc.issuer"),
    ({"mode": "oidc", "oidc": {"issuer": "https://issuer.example"}}, "auth.audiences"),
    ({"mode": "oidc", "audiences": ["a"], "oidc": {"issuer": "https://i.example", "roles": {"boss": []}}}, "boss"),
    ({"mode": "token-review"}, "token-review needs a cluster"),
])
def test_settings_that_nobody_could_be_known_by_are_refused(start, tmp_path, auth, complaint):
    config = access.written(tmp_path, auth=auth)
    program = start(
        "serve", "--port", "0", "--data-dir", tmp_path / "data", "--cluster", "none", "--config", config
    )
    assert program.end() == 78
    program.wait_for_error(complaint)


# Pages of other origins


@pytest.mark.parametrize("headers, code", [
    ({}, 404),
    ({"Origin": "http://localhost:5173"}, 404),
    ({"Origin": "https://evil.example"}, 403),
    ({"Origin": "null"}, 403),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "same-site"}, 403),
    ({"Sec-Fetch-Site": "same-origin"}, 404),
    ({"Sec-Fetch-Site": "none"}, 404),
])
def test_pages_of_other_origins_change_nothing(ingot, headers, code):
    answer = requests.post(ingot.url + "/api/deployments/nothing/restart", headers=headers, timeout=PATIENCE)
    expected_codes = (code, 503) if code == 404 else (code,)
    assert answer.status_code in expected_codes, answer.text
    assert requests.get(ingot.url + "/api/health", headers=headers, timeout=PATIENCE).status_code == 200
    form = requests.post(ingot.url + "/api/deployments", data={"name": "x"}, headers=headers, timeout=PATIENCE)
    assert form.status_code == (403 if code == 403 else 415)
