"""`ingot login` keeps the token of a kubeconfig, and the other commands show it to the server that it was kept for."""

import json
import os
import stat
import subprocess

import access
import confidential
import pytest
import yaml
from cluster import Kubectl
from conftest import INGOT
from waiting import PATIENCE, until_answer

NOBODYS = confidential.secret("token in a kubeconfig that is nobody's")


@pytest.fixture
def review(serve, tmp_path):
    """A server that takes tokens of its cluster, and how commands are run with a home of their own."""
    config = access.written(tmp_path, auth={"mode": "token-review", "cacheDuration": "1s"})
    server = serve("--config", config, cluster="embedded")
    until_answer(server.url + "/readyz", lambda answer: answer.status_code == 200)
    server.kubeconfig = tmp_path / "data" / "embedded-cluster" / "kubeconfig"
    server.home = tmp_path / "home"
    server.home.mkdir()
    server.kubectl = Kubectl(server.kubeconfig, tmp_path, "default")

    def run(*arguments, **environment):
        return subprocess.run(
            [INGOT, *arguments], capture_output=True, text=True, timeout=PATIENCE,
            env={"PATH": os.environ["PATH"], "HOME": str(server.home), "INGOT_SERVER": server.url, **environment},
        )

    server.run = run
    return server


def test_login_keeps_the_token_and_logout_forgets_it(review):
    refused = review.run("list")
    assert refused.returncode == 77 and "ingot login" in refused.stderr
    done = review.run("login", "--kubeconfig", review.kubeconfig)
    assert done.returncode == 0, done.stderr
    path = review.home / ".config" / "ingot" / "credentials.json"
    assert str(path) in done.stdout
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(path.parent).st_mode) == 0o700
    token = yaml.safe_load(review.kubeconfig.read_text())["users"][0]["user"]["token"]
    assert json.loads(path.read_text())["servers"][review.url]["token"] == token
    assert token not in done.stdout + done.stderr
    assert review.run("list").returncode == 0
    assert review.run("list", INGOT_TOKEN="false").returncode == 77
    assert review.run("logout").returncode == 0
    assert json.loads(path.read_text())["servers"] == {}
    assert review.run("list").returncode == 77
    assert "no token" in review.run("logout").stdout


def test_the_token_of_an_exec_plugin_is_kept_until_it_ends(review, tmp_path):
    review.kubectl.until(
        lambda: review.kubectl.run("get", "serviceaccount", "default").status == 0, "there is a service account"
    )
    token = access.service_account(review.kubectl, "ada")
    config = yaml.safe_load(review.kubeconfig.read_text())

    def kubeconfig(expires):
        credential = {
            "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
            "status": {"token": token, "expirationTimestamp": expires},
        }
        (tmp_path / "credential.json").write_text(json.dumps(credential))
        config["users"][0]["user"] = {"exec": {
            "apiVersion": "client.authentication.k8s.io/v1", "command": "cat", "args": [str(tmp_path / "credential.json")],
            "interactiveMode": "Never",
        }}
        path = tmp_path / "exec.yaml"
        path.write_text(yaml.safe_dump(config))
        return path

    done = review.run("login", "--kubeconfig", kubeconfig("2999-01-01T00:00:00Z"))
    assert done.returncode == 0 and "2999-01-01" in done.stdout, done.stderr
    assert review.run("list").returncode == 77, "ada may not list"
    assert review.run("login", "--kubeconfig", kubeconfig("2020-01-01T00:00:00Z")).returncode == 0
    expired = review.run("list")
    assert expired.returncode == 77 and "has expired" in expired.stderr
    assert review.run("login", "--kubeconfig", review.kubeconfig).returncode == 0
    assert review.run("list").returncode == 0


def test_a_token_that_the_server_does_not_take_is_not_kept(review, tmp_path):
    config = yaml.safe_load(review.kubeconfig.read_text())
    config["users"][0]["user"] = {"token": NOBODYS}
    other = tmp_path / "other.yaml"
    other.write_text(yaml.safe_dump(config))
    done = review.run("login", "--kubeconfig", other)
    assert done.returncode == 77 and NOBODYS not in done.stderr
    assert not (review.home / ".config" / "ingot" / "credentials.json").exists()
    config["users"][0]["user"] = {"username": "ada", "password": confidential.secret("password of a kubeconfig")}
    other.write_text(yaml.safe_dump(config))
    assert "has no token" in review.run("login", "--kubeconfig", other).stderr


def test_a_token_is_not_sent_in_the_clear_to_another_machine(review):
    done = review.run("login", "--server", "http://ingot.example", "--kubeconfig", review.kubeconfig)
    assert done.returncode == 64 and "https" in done.stderr
