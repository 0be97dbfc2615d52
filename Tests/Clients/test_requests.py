"""Python's requests, over urllib3."""

import concurrent.futures
import re

import requests

from waiting import PATIENCE, until


def test_a_session_keeps_its_connection_for_a_thousand_requests(ingot):
    with requests.Session() as session:
        for _ in range(1000):
            answer = session.get(ingot.url + "/api/health", timeout=PATIENCE)
            assert answer.status_code == 200
            assert answer.json()["status"] == "healthy"
        # Those of other tests may just be closing.
        until(lambda: re.search(r"^http_connections 1$", session.get(ingot.url + "/metrics", timeout=PATIENCE).text, re.M),
              "the session's connection is the only one")
        pools = session.get_adapter(ingot.url).poolmanager.pools
        assert [pools[key].num_connections for key in pools.keys()] == [1], "the session used one connection"


def test_health_answers_as_documented(ingot):
    body = requests.get(ingot.url + "/api/health", timeout=PATIENCE).json()
    assert list(body) == ["status", "timestamp"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", body["timestamp"])
    version = requests.get(ingot.url + "/api/health/version", timeout=PATIENCE).json()
    assert list(version) == ["version", "buildTime", "gitCommit"]
    assert re.fullmatch(r"v\d+\.\d+\.\d+", version["version"])
    assert re.fullmatch(r"[0-9a-f]{7}|unknown", version["gitCommit"])


def test_many_threads_at_once(ingot):
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda _: requests.get(ingot.url + "/health", timeout=PATIENCE), range(400)))
    assert all(a.status_code == 200 for a in answers)
    assert len({a.headers["X-Request-Id"] for a in answers}) == 400


def test_a_large_body_comes_back_as_it_was(fixture):
    body = bytes(range(256)) * 4096
    answer = requests.post(fixture.url + "/echo", data=body, headers={"Content-Type": "image/png"}, timeout=PATIENCE)
    assert answer.content == body
    assert answer.headers["Content-Type"] == "image/png"


def test_a_generator_is_sent_in_chunks(fixture):
    answer = requests.post(fixture.url + "/echo", data=(b"x" * n for n in range(1, 200)), timeout=PATIENCE)
    assert answer.content == b"x" * sum(range(1, 200))


def test_a_body_over_the_limit_is_refused_and_the_server_goes_on(fixture):
    try:
        answer = requests.post(fixture.url + "/echo", data=b"x" * (9 << 20), timeout=PATIENCE)
        assert answer.status_code == 413
    except requests.ConnectionError:
        pass  # requests gives up when its upload is cut, and does not always read the answer.
    assert requests.get(fixture.url + "/text", timeout=PATIENCE).text == "hello"


def test_gzip_is_undone_by_the_client(fixture):
    plain = requests.get(fixture.url + "/large", headers={"Accept-Encoding": "identity"}, timeout=PATIENCE)
    packed = requests.get(fixture.url + "/large", timeout=PATIENCE)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.content == plain.content
    assert len(packed.json()) == 20_000


def test_a_stream_is_read_piece_by_piece(fixture):
    with requests.get(fixture.url + "/stream?chunks=500&size=1000", stream=True, timeout=PATIENCE) as answer:
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert sum(len(piece) for piece in answer.iter_content(777)) == 500_000


def test_head_and_options(ingot):
    head = requests.head(ingot.url + "/api/health", timeout=PATIENCE)
    assert head.status_code == 200 and head.content == b""
    assert head.headers["Content-Length"] == "59"
    options = requests.options(ingot.url + "/api/health", timeout=PATIENCE)
    assert options.status_code == 204
    assert options.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_errors_have_the_documented_shape(ingot):
    answer = requests.get(ingot.url + "/api/nothing", headers={"X-Request-Id": "mine-1"}, timeout=PATIENCE)
    body = answer.json()
    assert answer.status_code == 404
    assert body["code"] == "NOT_FOUND"
    assert body["error"] == body["message"]
    assert body["details"] == {"requestId": "mine-1"}
    assert answer.headers["X-Request-Id"] == "mine-1"
    refused = requests.delete(ingot.url + "/api/health", timeout=PATIENCE)
    assert refused.status_code == 405 and refused.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_an_entity_tag_saves_the_second_answer(ingot):
    first = requests.get(ingot.url + "/api/openapi.json", timeout=PATIENCE)
    again = requests.get(ingot.url + "/api/openapi.json", headers={"If-None-Match": first.headers["ETag"]}, timeout=PATIENCE)
    assert again.status_code == 304 and again.content == b""
