"""curl, h2load, wrk and Chromium."""

import json
import re
import subprocess

from waiting import PATIENCE


def run(*arguments, **options):
    return subprocess.run([str(a) for a in arguments], capture_output=True, timeout=PATIENCE, **options)


def test_curl_in_both_versions(ingot, tool):
    curl = tool("curl", "curl")
    for flag, line in [("--http1.0", b"HTTP/1.1 200 OK"), ("--http1.1", b"HTTP/1.1 200 OK")]:
        done = run(curl, "-si", flag, ingot.url + "/api/health")
        assert done.returncode == 0
        head, body = done.stdout.split(b"\r\n\r\n", 1)
        assert head.startswith(line)
        assert json.loads(body)["status"] == "healthy"


def test_curl_head_compressed_upload_and_odd_targets(fixture, tool, tmp_path):
    curl = tool("curl", "curl")
    assert b"content-length" in run(curl, "-sI", fixture.url + "/text").stdout.lower()
    assert len(json.loads(run(curl, "-s", "--compressed", fixture.url + "/large").stdout)) == 20_000
    upload = tmp_path / "upload"
    upload.write_bytes(b"z" * (3 << 20))
    assert run(curl, "-s", "-T", upload, fixture.url + "/echo").stdout == upload.read_bytes()
    chunked = run(curl, "-s", "-H", "Transfer-Encoding: chunked", "-T", upload, fixture.url + "/echo")
    assert chunked.stdout == upload.read_bytes()
    expected = run(curl, "-sv", "-H", "Expect: 100-continue", "-T", upload, fixture.url + "/echo")
    assert b"HTTP/1.1 100 Continue" in expected.stderr and expected.stdout == upload.read_bytes()
    climbing = run(curl, "-s", "-o", "/dev/null", "-w", "%{http_code}", "--path-as-is", fixture.url + "/../text")
    assert climbing.stdout == b"400"
    asterisk = run(curl, "-si", "-X", "OPTIONS", "--request-target", "*", fixture.url)
    assert asterisk.stdout.startswith(b"HTTP/1.1 204")
    assert b"POST" in asterisk.stdout


def test_curl_keeps_one_connection_for_several_urls(ingot, tool):
    done = run(tool("curl", "curl"), "-sv", *[ingot.url + "/api/health"] * 5)
    assert done.stderr.count(b"Re-using existing connection") + done.stderr.count(b"Re-using existing http") >= 4


def test_h2load_in_http_1_mode(ingot, tool):
    done = run(tool("h2load", "nghttp2-client"), "--h1", "-n", "5000", "-c", "20", ingot.url + "/api/health")
    assert b"5000 succeeded, 0 failed, 0 errored, 0 timeout" in done.stdout, done.stdout


def test_wrk_sees_no_error(ingot, tool):
    # Left alone it calls an answer that takes two seconds an error.
    done = run(tool("wrk", "wrk"), "-t1", "-c64", "-d5s", "--timeout", "100s", ingot.url + "/api/health")
    assert re.search(rb" [1-9]\d* requests in ", done.stdout), done.stdout
    assert b"Socket errors" not in done.stdout and b"Non-2xx" not in done.stdout, done.stdout


def chromium(tool, url):
    done = run(
        tool("chromium", "chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--virtual-time-budget=10000", "--dump-dom", url,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def test_chromium_fetches_listens_and_talks(fixture, tool):
    page = chromium(tool, fixture.url + "/page")
    assert '<p id="fetch">fetched hello</p>' in page
    assert '<p id="post">echoed posted</p>' in page
    assert '<p id="events">events 1=event/number 1 2=event/number 2 3=event/number 3</p>' in page
    assert '<p id="socket">socket grüße echo.v1</p>' in page


def test_chromium_shows_the_health_answer(ingot, tool):
    assert '"status":"healthy"' in chromium(tool, ingot.url + "/api/health")
