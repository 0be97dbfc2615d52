"""Ways round the question who asks: methods, spellings, pages of other origins, and tokens that are nearly right."""

import base64
import json
import time

import pytest
import requests

import access
from access import issuer, trusting
from waiting import PATIENCE, until

# Nothing else answers without a token.
PUBLIC = {
    "GET /health", "GET /livez", "GET /readyz", "GET /api/health", "GET /api/health/version", "GET /api/openapi.json",
    "GET /api/oauth/huggingface/config",
}
EVIL = "https://evil.example"


def rows(server):
    return list(access.operations(requests.get(server.url + "/api/openapi.json", timeout=PATIENCE).json()))


def ask(server, method, path, **options):
    return requests.request(method, server.url + path, timeout=PATIENCE, stream=True, **options)


# Routes


def test_what_is_public_is_this_and_nothing_else(trusting):
    assert {f"{method} {path}" for method, path, _, needed, _ in rows(trusting) if needed == "public"} == PUBLIC


def test_where_nobody_need_say_who_they_are_every_route_answers(ingot):
    for method, path, filled, needed, operation in rows(ingot):
        assert {} in operation["security"] or needed == "public", path
        for token in (None, "anything"):
            status, error, _ = access.send(requests, ingot.url, method, filled, operation, token)
            assert status not in (401, 403), (method, path, status, error)


def test_head_is_judged_as_get_is(trusting, issuer):
    stranger = issuer.token(groups=["others"])
    for method, path, filled, needed, _ in rows(trusting):
        if method == "GET":
            for headers, status in (({}, 401), (access.bearer("x"), 401), (access.bearer(stranger), 403)):
                answer = ask(trusting, "HEAD", filled, headers=headers)
                assert (answer.status_code in (401, 403)) == (needed != "public"), (path, answer.status_code)
                assert needed == "public" or answer.status_code == status, path


def test_options_tells_of_methods_only(trusting):
    for _, path, filled, _, _ in rows(trusting):
        answer = ask(trusting, "OPTIONS", filled)
        assert answer.status_code == 204 and answer.content == b"" and "OPTIONS" in answer.headers["Allow"], path


def test_other_methods_reach_no_handler(trusting):
    for _, path, filled, needed, _ in rows(trusting):
        for method in ("TRACE", "CONNECT", "QUERY", "PROPFIND"):
            answer = ask(trusting, method, filled)
            assert answer.status_code in (400, 401, 404, 405, 501), (method, path, answer.status_code)


@pytest.mark.parametrize("path", [
    "//api/settings", "/api//settings", "/api/settings/", "/API/settings", "/api/SETTINGS", "/api/%73ettings", "/api/settings%2f",
    "/api/./settings", "/api/health/../settings", "/api/health/%2e%2e/settings", "/api/settings;a=b", "/api/settings%00",
    "/api/settings?token=x", "/api/settings#x", "/health/../api/settings", "/metrics/", "//metrics", "/%6detrics", "/api/settings.json",
])
def test_another_spelling_is_no_way_round(trusting, path):
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", trusting.port, timeout=PATIENCE)
    connection.request("GET", path)
    answer = connection.getresponse()
    assert answer.status in (400, 401, 404), (path, answer.status)
    connection.close()


def test_a_path_that_nobody_has_is_unknown_to_all_alike(trusting, issuer):
    for headers in ({}, access.bearer("x"), access.bearer(issuer.token(groups=["administrators"]))):
        assert ask(trusting, "GET", "/api/nothing", headers=headers).status_code == 404


# Pages of other origins


def test_a_page_of_another_origin_changes_nothing_at_any_route(trusting, issuer):
    admin = access.bearer(issuer.token(groups=["administrators"]))
    changing = [row for row in rows(trusting) if row[0] != "GET"]
    assert len(changing) > 15
    for method, path, filled, _, operation in changing:
        body = {"json": {}} if "requestBody" in operation else {}
        for fields in ({"Origin": EVIL}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            answer = ask(trusting, method, filled, headers={**admin, **fields}, **body)
            assert answer.status_code == 403, (method, path, fields, answer.status_code)
            assert "Access-Control-Allow-Origin" not in answer.headers
        if "requestBody" in operation:
            # What a form or a page can send without being asked about first.
            for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", None):
                headers = {**admin, **({"Content-Type": kind} if kind else {})}
                answer = ask(trusting, method, filled, headers=headers, data=b"{}")
                assert answer.status_code == 415, (method, path, kind, answer.status_code)


def test_a_page_of_another_origin_is_not_let_in_beforehand(trusting):
    for method, path, filled, _, _ in rows(trusting):
        asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization"}
        evil = ask(trusting, "OPTIONS", filled, headers={**asked, "Origin": EVIL})
        assert not [name for name in evil.headers if name.lower().startswith("access-control-allow")], path
        own = ask(trusting, "OPTIONS", filled, headers={**asked, "Origin": "http://localhost:5173"})
        assert own.headers["Access-Control-Allow-Origin"] == "http://localhost:5173", path
        assert method in own.headers["Access-Control-Allow-Methods"] or method == "GET", path
    read = ask(trusting, "GET", "/api/health", headers={"Origin": EVIL})
    assert read.status_code == 200 and "Access-Control-Allow-Origin" not in read.headers


# Tokens


def signed(issuer, header, claims=None, key=None):
    """A token with any header, signed with the issuer's key or another."""
    content = f"{access.b64(header)}.{access.b64(claims or issuer.claims())}"
    return f"{content}.{access.b64((key or issuer.key).sign(content.encode()))}"


def code(server, token):
    return ask(server, "GET", "/api/models", headers=access.bearer(token)).status_code


def test_a_token_brings_no_key_of_its_own(trusting, issuer):
    own = access.Key("own")
    key = own.public()
    for header in (
        {"alg": "RS256", "kid": issuer.key.name, "jwk": key}, {"alg": "RS256", "jwk": key}, {"alg": "RS256", "kid": "own", "jwk": key},
        {"alg": "RS256", "kid": issuer.key.name, "jku": issuer.url + "/mine"}, {"alg": "RS256", "x5u": issuer.url + "/mine"},
        {"alg": "RS256", "x5c": [base64.b64encode(b"certificate").decode()]},
    ):
        assert code(trusting, signed(issuer, header, key=own)) == 401, header
    # Beside a genuine signature it says nothing.
    assert code(trusting, signed(issuer, {"alg": "RS256", "kid": issuer.key.name, "jwk": key})) == 200


@pytest.mark.parametrize("algorithm", ["none", "NONE", "", "rs256", "HS256", "HS384", "HS512", "RS1", "EdDSA", "ES256K", "dir", None, 1])
def test_the_algorithm_is_one_of_two(trusting, issuer, algorithm):
    header = {"kid": issuer.key.name} if algorithm is None else {"alg": algorithm, "kid": issuer.key.name}
    assert code(trusting, signed(issuer, header)) == 401
    content = f"{access.b64(header)}.{access.b64(issuer.claims())}"
    assert code(trusting, content + ".") == 401


def test_a_name_of_a_key_is_not_taken_for_another(trusting, issuer):
    for name in ("First", "first ", "../first", "", 1, None, ["first"]):
        header = {"alg": "RS256", "kid": name}
        # What is no text is no name: then any key of the issuer may have signed.
        assert code(trusting, signed(issuer, header)) == (401 if isinstance(name, str) else 200), name
    assert code(trusting, signed(issuer, {"alg": "RS256"})) == 200
    assert code(trusting, signed(issuer, {"alg": "RS256"}, key=access.Key("first"))) == 401


def test_garbage_is_no_token(trusting, issuer):
    genuine = issuer.token()
    header, claims, signature = genuine.split(".")
    for token in (
        "a.b.c", "..", ".", "a..b", f"{header}..{signature}", f".{claims}.{signature}", f"{genuine}.", f"{genuine}.{signature}",
        f"{header}.{claims}.{signature}=", f"{header}.{claims}.{signature[:-4]}", f"{header}.{claims}.{'A' * len(signature)}",
        f"{header}.{access.b64(b'[]')}.{signature}", f"{access.b64(b'{')}.{claims}.{signature}",
        f"{access.b64(b'null')}.{claims}.{signature}", signature, base64.b64encode(b"user:password").decode(),
    ):
        assert code(trusting, token) in (401,), token
    assert code(trusting, genuine) == 200


def test_a_token_that_is_too_long_is_refused_and_costs_nothing(trusting, issuer):
    # What the server takes as a header field at all, and more.
    for size in (4_000, 12_000, 40_000, 200_000, 2_000_000):
        answer = None
        try:
            answer = ask(trusting, "GET", "/api/models", headers=access.bearer("a" * size))
        except requests.ConnectionError:
            """It was cut off before all of it was sent."""
        assert answer is None or answer.status_code in (401, 431), size
    many = issuer.token(groups=["readers", *(f"group-{number}" for number in range(200))])
    assert code(trusting, many) == 200


def test_the_clocks_may_differ_by_half_a_minute_and_no_more(trusting, issuer):
    def answer(**ages):
        """The answer to a token with times that are so far off; asked for again where they were others when it came."""
        while True:
            now = time.time()
            status = code(trusting, issuer.token(**{name: now + seconds for name, seconds in ages.items()}))
            if time.time() < now + 9:
                return status

    for ages, status in (
        ({"exp": -20}, 200), ({"exp": -31}, 401), ({"nbf": 20}, 200), ({"nbf": 60}, 401), ({"iat": 20}, 200), ({"iat": 60}, 401),
    ):
        assert answer(**ages) == status, ages
    later = time.time() + 600
    for end, status in ((1e300, 200), (-1, 401), (True, 401), (str(int(later)), 401), ([later], 401)):
        assert code(trusting, issuer.token(exp=end)) == status, end


def test_the_audience_is_compared_as_a_whole(trusting, issuer):
    for audience, status in (
        ("ingot", 200), (["ingot"], 200), (["a", "ingot"], 200), ([], 401), (["Ingot"], 401), ("ingot-other", 401), ("ing", 401),
        ({"ingot": 1}, 401), (["a", ["ingot"]], 401), ("*", 401),
    ):
        assert code(trusting, issuer.token(aud=audience)) == status, audience


def test_roles_come_from_the_claim_for_groups_alone(trusting, issuer):
    def may_configure(**claims):
        answer = ask(trusting, "PUT", "/api/settings", headers=access.bearer(issuer.token(**claims)), json={})
        return answer.status_code != 403

    assert may_configure(groups=["administrators"]) and may_configure(groups="administrators")
    for claims in (
        {"groups": ["Administrators"]}, {"groups": ["administrators "]}, {"groups": [["administrators"]]},
        {"groups": {"administrators": True}}, {"groups": [], "roles": ["administrators"]}, {"groups": [], "sub": "administrators"},
        {"groups": ["*"]}, {"groups": "readers,administrators"}, {"groups": ["admin"]},
    ):
        assert not may_configure(**claims), claims
