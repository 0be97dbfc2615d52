"""A copy of the data directory: made, examined, put back."""

import json
import os
import stat
import subprocess

import requests
from cluster import Kubectl
from conftest import INGOT
from waiting import PATIENCE


def run(*arguments):
    return subprocess.run([INGOT, *arguments], capture_output=True, text=True, timeout=PATIENCE)


def test_a_data_directory_is_copied_examined_and_put_back(start, tmp_path):
    data, backup, other = tmp_path / "data", tmp_path / "backup", tmp_path / "other"
    server = start("serve", "--port", "0", "--data-dir", data, "--cluster", "embedded").ready()
    kubectl = Kubectl(data / "embedded-cluster" / "kubeconfig", tmp_path)
    kubectl("create", "namespace", "kept")
    requests.post(server.url + "/api/deployments/one/restart", timeout=PATIENCE)
    busy = run("backup", backup, "--data-dir", data)
    assert busy.returncode == 69 and "stop it first" in busy.stderr, busy
    assert run("verify", backup).returncode == 66
    server.stop()
    assert run("backup", backup, "--data-dir", data).returncode == 73, "what is there is not written over"
    backup = tmp_path / "second"
    made = run("backup", backup, "--data-dir", data)
    assert made.returncode == 0, made.stderr
    assert stat.S_IMODE(os.stat(backup).st_mode) == 0o700
    listed = {file["path"] for file in json.loads((backup / "backup.json").read_text())["files"]}
    assert "audit/audit-000001.jsonl" in listed and "embedded-cluster/token" in listed
    assert run("verify", backup).returncode == 0
    assert run("restore", backup, "--data-dir", data).returncode == 73, "the data directory has files"
    restored = run("restore", backup, "--data-dir", other)
    assert restored.returncode == 0, restored.stderr
    again = start("serve", "--port", "0", "--data-dir", other, "--cluster", "embedded").ready()
    kubectl = Kubectl(other / "embedded-cluster" / "kubeconfig", tmp_path)
    assert kubectl("get", "namespace", "kept").status == 0
    assert run("audit", "verify", other / "audit").returncode == 0
    assert again.process.poll() is None


def test_a_backup_that_was_damaged_is_not_put_back(start, tmp_path):
    data, backup = tmp_path / "data", tmp_path / "backup"
    server = start("serve", "--port", "0", "--data-dir", data, "--cluster", "none").ready()
    requests.post(server.url + "/api/deployments/one/restart", timeout=PATIENCE)
    server.stop()
    made = run("backup", backup, "--data-dir", data)
    assert made.returncode == 0, made.stderr
    file = backup / "files" / "audit" / "audit-000001.jsonl"
    whole = file.read_text()
    for damage in (lambda: file.write_text(whole + "x"), file.unlink, lambda: (backup / "files" / "more").write_text("")):
        file.write_text(whole)
        damage()
        done = run("verify", backup)
        assert done.returncode == 65, done
        assert run("restore", backup, "--data-dir", tmp_path / "other").returncode == 65
        assert not (tmp_path / "other").exists()
    listed = json.loads((backup / "backup.json").read_text())
    listed["files"][0]["path"] = "../outside"
    (backup / "backup.json").write_text(json.dumps(listed))
    assert run("verify", backup).returncode == 65
