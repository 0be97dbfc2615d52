"""The secrets of the tests, so that a search of all that Ingot wrote can look for each of them when the tests have ended.

A test makes a secret by `secret`, which gives a word that is nowhere else and has a mark that is found even where the word is cut off.
What others make, such as a service account's token or the state of a sign-in, is told by `register`. Most of it is told by what all
tests use: what a request shows in its header fields and body, what kubectl puts into Secrets, tokens and keys of kubeconfigs.

All of it is written to the folder of the run, which the processes of pytest share.
"""

import base64
import hashlib
import json
import os
import pathlib
import tempfile
import threading

import yaml

RUN = "CLIENT_TESTS_RUN"
# A folder for this run; the processes that pytest-xdist starts find it in their environment.
if RUN not in os.environ:
    os.environ[RUN] = tempfile.mkdtemp(prefix="ingot-clients-tests-")
FOLDER = pathlib.Path(os.environ[RUN])
# In every secret that `secret` makes.
MARK = "0Confidential0"
# What is shorter, or has fewer different characters, is a word of a test that stands for a secret, and is found everywhere.
LEAST, LEAST_DIFFERENT = 8, 6
# The fields of the requests' bodies, and the header fields, whose values are secrets.
FIELDS = {"accessToken", "code", "codeVerifier", "state", "token", "password", "refresh_token", "client_secret"}

_known = {}
_lock = threading.Lock()


def secret(label, prefix="", length=0):
    """A word of letters, digits and the prefix, always the same for a label, and of at least that length."""
    digest = hashlib.sha256(label.encode()).hexdigest()
    word = prefix + MARK + digest[:20]
    return register(label, word + "x" * (length - len(word)))


def register(label, value):
    """Has the search look for a secret, which it returns."""
    text = str(value).strip()
    with _lock:
        if len(text) < LEAST or len(set(text)) < LEAST_DIFFERENT or text in _known:
            return value
        label = " ".join(label.split())
        _known[text] = label
        with open(FOLDER / f"secrets-{os.getpid()}.jsonl", "a") as file:
            file.write(json.dumps([text, label]) + "\n")
    return value


def register_key(label, pem):
    """A private key: its text, and each line that has something of the private part alone."""
    register(label, pem)
    lines = [line for line in pem.splitlines() if line and not line.startswith("-----")]
    # A key of RSA begins with its modulus, and one of an elliptic curve ends with its point, both of which are public.
    for line in lines[len(lines) // 3:] if len(lines) > 6 else lines[:2]:
        register(label, line)


def register_jwt(label, token):
    """A signed token, and its signature, without which the rest is worth nothing."""
    parts = token.split(".")
    if len(parts) == 3:
        register(f"signature of {label}", parts[2])
    return register(label, token)


def register_kubeconfig(path):
    """The tokens, passwords and keys of a kubeconfig."""
    try:
        content = yaml.safe_load(pathlib.Path(path).read_text())
        users = [entry.get("user") or {} for entry in content.get("users") or []]
    except (OSError, ValueError, AttributeError, yaml.YAMLError):
        return
    for user in users:
        for field in ("token", "password", "client-key-data"):
            if user.get(field):
                register_jwt(f"{field} of a kubeconfig", user[field])
        if user.get("client-key-data"):
            register_key("key of a kubeconfig", base64.b64decode(user["client-key-data"]).decode())


def register_object(item):
    """The values of a Kubernetes Secret, or of the Secrets of a list."""
    if not isinstance(item, dict):
        return
    if item.get("kind") in ("List", "SecretList"):
        for entry in item.get("items") or []:
            register_object({"kind": "Secret", **entry} if item["kind"] == "SecretList" else entry)
    if item.get("kind") != "Secret":
        return
    name = (item.get("metadata") or {}).get("name")
    for field, decoded in (("stringData", False), ("data", True)):
        for key, value in (item.get(field) or {}).items():
            if key in ("namespace", "ca.crt") or not isinstance(value, str):
                continue
            try:
                text = base64.b64decode(value).decode() if decoded else value
            except ValueError:
                continue
            (register_key if "PRIVATE KEY" in text else register)(f"{key} of the Secret {name}", text)


def register_command(arguments, given):
    """What a command of kubectl puts into Secrets: by flags, a patch, or what it is given."""
    for argument in arguments:
        flag, _, value = argument.partition("=")
        if flag == "--from-literal" and "secret" in arguments:
            register(f"{value.partition('=')[0]} of a Secret", value.partition("=")[2])
        elif flag == "--docker-password":
            register("password of a registry", value)
        elif argument.startswith("{") and "secret" in arguments:
            register_object({"kind": "Secret", "metadata": {"name": "that is patched"}, **json.loads(argument)})
    register_object(given)


def register_file(path):
    """A file with a key: text, or bytes."""
    data = pathlib.Path(path).read_bytes()
    try:
        register_key(f"key of the file {path.name}", data.decode("ascii"))
    except ValueError:
        register(f"key of the file {path.name} in base64", base64.b64encode(data).decode())
        register(f"key of the file {path.name} in hexadecimal", data.hex())


def register_environment(variables):
    """The variables of a process whose names say that they hold a secret, and passwords in addresses."""
    for name, value in variables.items():
        value = str(value)
        if any(word in name.upper() for word in ("TOKEN", "SECRET", "PASSWORD")):
            register(f"variable {name}", value)
        register_address(f"variable {name}", value)


def register_address(label, text):
    """The password of an address such as http://user:password@host."""
    if "://" in text and "@" in text:
        user = text.partition("://")[2].rpartition("@")[0]
        register(f"password of the address in {label}", user.partition(":")[2])


def register_request(request):
    """What a request of a test shows to prove who asks."""
    for name in ("Authorization", "X-HF-Token", "Cookie"):
        value = request.headers.get(name)
        if value:
            value = value.decode("latin-1") if isinstance(value, bytes) else value
            register_jwt(f"{name} of a request", value.rpartition(" ")[2])
    body = request.body
    if body and "/api/" in (request.url or "") and "json" in request.headers.get("Content-Type", ""):
        try:
            content = json.loads(body)
        except (ValueError, RecursionError):
            return
        for name in FIELDS & set(content if isinstance(content, dict) else ()):
            if isinstance(content[name], str):
                register(f"{name} of a request", content[name])


def watch_requests():
    """Registers what the requests of all tests of this process show."""
    # Not above: the benchmarks use the stand-in for the Hub too, and do without this.
    import requests

    send = requests.Session.send

    def watching(session, request, **options):
        register_request(request)
        return send(session, request, **options)

    requests.Session.send = watching


def known():
    """All secrets of the run with their labels, of all processes."""
    found = {MARK: "the mark of a secret that a test made"}
    for path in sorted(FOLDER.glob("secrets-*.jsonl")):
        for line in path.read_text().splitlines(keepends=True):
            # What another process is writing has no end yet.
            if line.endswith("\n"):
                text, label = json.loads(line)
                found.setdefault(text, label)
    return found
