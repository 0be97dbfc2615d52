"""The search for secrets finds what was planted."""

import base64
import json
import re
import urllib.parse

import confidential
import leaks
import pytest

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


def test_a_private_key_is_found_by_one_of_its_lines(tmp_path):
    import access
    from cryptography.hazmat.primitives import serialization

    pem = access.Key("planted").key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    confidential.register_key("a planted key", pem)
    secrets = {text: label for text, label in confidential.known().items() if label == "a planted key"}
    assert leaks.search(secrets, [written(tmp_path, pem.splitlines()[15])])
    assert leaks.search(secrets, [written(tmp_path, base64.b64encode(pem.encode()).decode())])


def test_a_binary_file_is_searched(tmp_path):
    path = tmp_path / "some.db"
    path.write_bytes(b"\0\xff\0" + PLANTED.encode() + b"\0")
    assert [leak.label for leak in leaks.search({PLANTED: "the planted one"}, [path])] == ["the planted one"]
