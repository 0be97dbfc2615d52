"""The search for secrets finds what was planted."""

import base64
import json
import os
import pathlib
import re
import secrets
import shutil
import subprocess
import sys
import urllib.parse

import confidential
import leaks
import pytest
from cluster import Kubectl
from waiting import PATIENCE, until

# As no test makes one that is searched for: with characters that are written differently in addresses, in base64 and in JSON.
PLANTED = 'planted/Word+for "all" & sundry?'


def written(folder, text):
    path = folder / "some.log"
    path.write_text(f"first line\nsecond with {text} in it\nlast line\n")
    return path


@pytest.mark.parametrize("text, form", [
    (PLANTED, "as it is"),
    (json.dumps({"token": PLANTED}), "as JSON has it"),
    (urllib.parse.quote(PLANTED, safe=""), "percent-encoded"),
    (urllib.parse.quote(PLANTED), "percent-encoded"),
    (urllib.parse.urlencode({"token": PLANTED}), "percent-encoded"),
    (re.sub("%..", lambda match: match[0].lower(), urllib.parse.quote(PLANTED, safe="")), "percent-encoded"),
    (base64.b64encode(PLANTED.encode()).decode(), "base64"),
    (base64.urlsafe_b64encode(PLANTED.encode()).decode(), "base64"),
    *((base64.b64encode(f"{user}:{PLANTED} behind".encode()).decode(), "base64") for user in ("ada", "adam", "adams")),
])
def test_a_secret_is_found_however_it_is_written(tmp_path, text, form):
    path = written(tmp_path, text)
    found = leaks.search({PLANTED: "the planted one", "another that is not there": "another"}, [path])
    assert [(leak.path, leak.line, leak.label) for leak in found] == [(path, 2, "the planted one")]
    if form != "percent-encoded":
        assert found[0].form == form
    assert PLANTED not in str(found[0]) and str(found[0]).startswith(f"{path}:2: the planted one")


def test_what_is_like_a_secret_is_none(tmp_path):
    path = written(tmp_path, PLANTED[:-1] + " and " + base64.b64encode(PLANTED[1:-1].encode()).decode()[4:])
    assert leaks.search({PLANTED: "the planted one"}, [path]) == []


def test_secrets_of_all_processes_are_known():
    made = confidential.secret("one of this test", "hf_", 50)
    assert made.startswith("hf_" + confidential.MARK) and len(made) == 50 and made.isidentifier()
    assert made == confidential.secret("one of this test", "hf_", 50)
    assert confidential.known()[made] == "one of this test"


def test_the_secrets_of_a_cluster_are_known_once_its_server_is_stopped(serve, tmp_path):
    program = serve(cluster="embedded")
    kubeconfig = tmp_path / "data/embedded-cluster/kubeconfig"
    session, address = Kubectl(kubeconfig, tmp_path).session()
    word = secrets.token_hex(16)
    made = {"metadata": {"name": "made"}, "data": {"word": base64.b64encode(word.encode()).decode()}}
    url = f"{address}/api/v1/namespaces/default/secrets"
    assert until(lambda: session.post(url, json=made, timeout=PATIENCE), "there is a namespace").status_code == 201
    assert word not in confidential.known()
    program.stop()
    known = confidential.known()
    assert known[word] == "word of the Secret made"
    key = (tmp_path / "data/embedded-cluster/ca.key").read_text().splitlines()
    token = (tmp_path / "data/embedded-cluster/token").read_text().strip()
    assert {*key[1:3], token} <= set(known)


def test_a_private_key_is_found_by_one_of_its_lines(tmp_path):
    import access
    from cryptography.hazmat.primitives import serialization

    pem = access.Key("planted").key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    confidential.register_key("a planted key", pem)
    planted = {text: label for text, label in confidential.known().items() if label == "a planted key"}
    assert leaks.search(planted, [written(tmp_path, pem.splitlines()[15])])
    assert leaks.search(planted, [written(tmp_path, base64.b64encode(pem.encode()).decode())])


PLANTING = """
import sys, confidential
from conftest import Program

def test_that_passes():
    print_it = "import base64, sys; print(base64.b64encode(sys.argv[1].encode()).decode())"
    program = Program([sys.executable, "-c", print_it, confidential.secret("a word that is planted")])
    while program.lines.get() is not None:
        pass
    assert program.end() == 0
"""


@pytest.mark.parametrize("flags", [[], ["-n", "2", "--dist", "loadfile"]])
def test_a_run_in_which_a_secret_is_written_fails_though_its_tests_pass(tmp_path, flags):
    (tmp_path / "test_planting.py").write_text(PLANTING)
    here = str(pathlib.Path(__file__).parent)
    environment = {name: value for name, value in os.environ.items() if name != confidential.RUN and "XDIST" not in name}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "conftest", *flags, "test_planting.py"],
        capture_output=True, text=True, timeout=PATIENCE, cwd=tmp_path, env={**environment, "PYTHONPATH": here},
    )
    assert done.returncode == 1 and "1 passed" in done.stdout, done.stdout + done.stderr
    assert re.search(r"output.log:1: a word that is planted, base64; of test_planting.py::test_that_passes", done.stdout)
    assert confidential.MARK not in done.stdout
    shutil.rmtree(re.search("what was searched is in (.*)", done.stdout)[1])


def test_a_binary_file_is_searched(tmp_path):
    path = tmp_path / "some.db"
    path.write_bytes(b"\0\xff\0" + PLANTED.encode() + b"\0")
    assert [leak.label for leak in leaks.search({PLANTED: "the planted one"}, [path])] == ["the planted one"]
