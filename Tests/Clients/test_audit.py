"""What was changed, and by whom: the audit log of a running server, and its examination."""

import concurrent.futures
import json
import os
import stat
import subprocess

import access
import pytest
import requests
from cluster import Kubectl
from conftest import INGOT
from waiting import PATIENCE


@pytest.fixture
def issuer():
    stand_in = access.Issuer()
    yield stand_in
    stand_in.close()


def lines(folder):
    return [line for path in sorted(folder.glob("audit-*.jsonl")) for line in path.read_text().splitlines()]


def entries(folder):
    return [json.loads(line) for line in lines(folder)]


def verify(folder):
    return subprocess.run([INGOT, "audit", "verify", folder], capture_output=True, text=True, timeout=PATIENCE)


def test_every_change_is_written_down_before_it_is_answered(serve, tmp_path, issuer):
    config = access.written(tmp_path, auth=issuer.configuration())
    server = serve("--config", config)
    folder = tmp_path / "data" / "audit"
    token = issuer.token(sub="ada", groups=["deployers"])
    headers = {**access.bearer(token), "X-Request-Id": "a-request"}
    body = {"name": "small", "namespace": "team-a", "modelId": "org/model", "hfTokenSecret": "hf_secretsecretsecret"}
    answer = requests.post(server.url + "/api/deployments", json=body, headers=headers, timeout=PATIENCE)
    entry = entries(folder)[-1]
    del entry["number"], entry["previous"]
    remote, time = entry.pop("remote"), entry.pop("time")
    assert entry == {
        "user": "ada", "method": "POST", "route": "/api/deployments", "object": {"name": "small", "namespace": "team-a"},
        "status": answer.status_code, "refused": False, "requestId": "a-request",
    }
    assert remote.startswith("127.0.0.1:") and time.endswith("Z")
    viewer = access.bearer(issuer.token(sub="eve", groups=["readers"]))
    gone = requests.delete(server.url + "/api/deployments/small?namespace=team-b", headers=viewer, timeout=PATIENCE)
    assert gone.status_code == 403
    entry = entries(folder)[-1]
    assert (entry["user"], entry["status"], entry["refused"]) == ("eve", 403, True)
    assert entry["object"] == {"name": "small", "namespace": "team-b"}
    count = len(lines(folder))
    requests.get(server.url + "/api/models", headers=viewer, timeout=PATIENCE)
    requests.options(server.url + "/api/deployments", timeout=PATIENCE)
    assert requests.delete(server.url + "/api/deployments/small", timeout=PATIENCE).status_code == 401
    assert requests.post(server.url + "/api/nothing", headers=viewer, timeout=PATIENCE).status_code == 404
    assert len(lines(folder)) == count
    text = "\n".join(lines(folder))
    assert token not in text and "secretsecret" not in text
    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    assert all(stat.S_IMODE(os.stat(path).st_mode) == 0o600 for path in folder.iterdir())


def test_many_changes_at_once_make_one_chain_over_several_files(serve, tmp_path):
    config = access.written(tmp_path, audit={"fileSize": "64KiB", "files": 3})
    server = serve("--config", config)
    folder = tmp_path / "data" / "audit"

    def change(number):
        url = f"{server.url}/api/deployments/deployment-number-{number}/restart"
        return requests.post(url, headers={"X-Request-Id": f"change-{number}"}, timeout=PATIENCE).status_code

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert set(pool.map(change, range(900))) <= {404, 503}
    files = sorted(path.name for path in folder.glob("audit-*.jsonl"))
    assert len(files) == 3 and files[0] != "audit-000001.jsonl"
    assert all((folder / name).stat().st_size <= 64 * 1024 for name in files)
    found = [entry["number"] for entry in entries(folder)]
    assert found == list(range(found[0], 901))
    done = verify(folder)
    assert done.returncode == 0, done.stderr
    assert f"{len(found)} lines in 3 files are whole; line 900 has the hash" in done.stdout
    server.stop()
    again = serve("--config", config)
    assert requests.post(again.url + "/api/deployments/another/restart", timeout=PATIENCE).status_code in (404, 503)
    assert entries(folder)[-1]["number"] == 901
    assert verify(folder).returncode == 0


def test_a_line_that_was_changed_taken_away_or_put_in_shows(serve, tmp_path):
    server = serve()
    folder = tmp_path / "data" / "audit"
    for name in ("one", "two", "three", "four"):
        requests.post(f"{server.url}/api/deployments/{name}/restart", timeout=PATIENCE)
    path = folder / "audit-000001.jsonl"
    whole = path.read_text()
    kept = whole.splitlines(keepends=True)
    assert len(kept) == 4 and verify(folder).returncode == 0
    cases = {
        "changed": kept[0] + kept[1].replace('"two"', '"six"') + kept[2] + kept[3],
        "taken away": kept[0] + kept[2] + kept[3],
        "exchanged": kept[0] + kept[2] + kept[1] + kept[3],
        "put in": kept[0] + kept[1] + kept[1] + kept[2] + kept[3],
        "no line": kept[0] + "nothing\n" + kept[2] + kept[3],
    }
    for what, text in cases.items():
        path.write_text(text)
        done = verify(folder)
        assert done.returncode == 65, what
        number = {"changed": 3, "put in": 3}.get(what, 2)
        assert f"audit-000001.jsonl, line {number}:" in done.stderr, (what, done.stderr)
    path.write_text(whole)
    assert verify(folder).returncode == 0
    assert verify(tmp_path / "nowhere").returncode == 66


def test_a_torn_line_of_a_crash_is_removed_and_said(serve, tmp_path):
    server = serve()
    folder = tmp_path / "data" / "audit"
    requests.post(f"{server.url}/api/deployments/one/restart", timeout=PATIENCE)
    server.kill()
    with open(folder / "audit-000001.jsonl", "a") as file:
        file.write('{"number":2,"previous":"')
    assert verify(folder).returncode == 65
    server = serve()
    requests.post(f"{server.url}/api/deployments/two/restart", timeout=PATIENCE)
    found = entries(folder)
    assert [entry["number"] for entry in found] == [1, 2, 3]
    assert "24 bytes, was removed" in found[1]["note"]
    assert verify(folder).returncode == 0


def test_nothing_is_changed_while_the_log_cannot_be_written(serve, tmp_path):
    server = serve()
    folder = tmp_path / "data" / "audit"
    url = f"{server.url}/api/deployments/one/restart"
    assert requests.post(url, timeout=PATIENCE).status_code in (404, 503)
    aside = tmp_path / "aside"
    folder.rename(aside)
    folder.write_text("in the way")
    requests.post(url, timeout=PATIENCE)
    refused = requests.post(url, timeout=PATIENCE)
    assert refused.status_code == 503 and refused.json()["code"] == "AUDIT_UNAVAILABLE"
    assert requests.get(server.url + "/api/health", timeout=PATIENCE).status_code == 200
    server.wait_for_error("a change is missing from the audit log")
    folder.unlink()
    aside.rename(folder)
    Kubectl("none", tmp_path).until(
        lambda: requests.post(url, timeout=PATIENCE).json()["code"] != "AUDIT_UNAVAILABLE", "changes are made again"
    )
    assert verify(folder).returncode == 0
