"""What Ingot wrote while the tests ran, kept for the search for secrets: what each server printed, what it answers to every GET right
before it is stopped, and its data directory, which the temporary folder of pytest keeps anyway."""

import base64
import concurrent.futures
import fnmatch
import itertools
import json
import os
import pathlib
import re
import subprocess
import time

import requests
import yaml

import confidential

# A Hub may be made to answer slowly, and a stream of events does not end.
SECONDS, STREAM_SECONDS, ALL_SECONDS = 3, 0.1, 15
# A server that is about to be stopped has its embedded cluster still, and without the Secrets there the search is worth less.
CLUSTER_SECONDS = 60
ANSWERS, SECONDS_TO_ASK = "answers.txt", "seconds"
# Of how many deployments and tasks each route is asked; the database has what all tasks have written.
MOST = 5
# The files of a data directory in which secrets belong, and why.
EXCEPTIONS = {
    "embedded-cluster/token": "the administrator's token of the embedded cluster, mode 0600",
    "embedded-cluster/kubeconfig": "the same in a kubeconfig, mode 0600",
    "embedded-cluster/*.key": "the keys of the embedded cluster's authority, server and service accounts, mode 0600",
    "embedded-cluster/cluster.db*": "the store of the embedded cluster, which has its Secrets as etcd has, in a folder of mode 0700",
    "huggingface-user.key": "the key of the file in which the Hub's user is sealed, mode 0600",
}

# What gives a token of somebody who may do everything, by the issuer whose tokens a server takes.
administrators = {}
_numbers = itertools.count(1)


class Kept:
    """What one process wrote."""

    def __init__(self, arguments, environment):
        self.arguments = [str(argument) for argument in arguments]
        name = f"{os.getpid()}-{next(_numbers)}-{pathlib.Path(self.arguments[0]).name}"
        self.folder = confidential.FOLDER / name
        self.folder.mkdir()
        test = os.environ.get("PYTEST_CURRENT_TEST", "none")
        share = environment.get("XDG_DATA_HOME")
        self.data = self.flag("--data-dir") or (share and str(pathlib.Path(share) / "ingot"))
        record = {"test": test, "arguments": self.arguments, "data": self.data and str(pathlib.Path(self.data).absolute())}
        (self.folder / "process.json").write_text(json.dumps(record))
        confidential.register_environment(environment)
        self.asked = False

    def flag(self, name):
        """The value of a flag of the command line."""
        return next((value for flag, value in itertools.pairwise(self.arguments) if flag == name), None)

    def file(self, name):
        """An empty file for what the process prints, line by line."""
        return open(self.folder / name, "w", buffering=1)

    def kubeconfigs(self):
        embedded = pathlib.Path(self.data or "nothing") / "embedded-cluster/kubeconfig"
        return [path for path in (embedded, self.flag("--kubeconfig")) if path and pathlib.Path(path).is_file()]

    def credential(self):
        """The token of whoever may ask everything, if the server wants to know."""
        issuer = _issuer(self.flag("--config"))
        if issuer in administrators:
            return administrators[issuer]()
        for path in self.kubeconfigs():
            config = yaml.safe_load(pathlib.Path(path).read_text())
            token = (config["users"][0].get("user") or {}).get("token")
            if token:
                return token
        return None

    def ask(self, url):
        """Asks every GET route once and keeps the answers, with the secrets of an embedded cluster as they are now."""
        if self.asked:
            return
        self.asked = True
        begin = time.monotonic()
        for kubeconfig in self.kubeconfigs():
            confidential.register_kubeconfig(kubeconfig)
            is_own = kubeconfig != self.flag("--kubeconfig")
            _register_secrets(kubeconfig, self.folder / "authority.pem", CLUSTER_SECONDS if is_own else SECONDS)
        if self.data:
            for key in (*pathlib.Path(self.data).glob("*.key"), *pathlib.Path(self.data).glob("embedded-cluster/*.key")):
                confidential.register_file(key)
        answers = _Answers(url, self.credential()).all()
        (self.folder / ANSWERS).write_text("".join(line + "\n" for line in answers))
        (self.folder / SECONDS_TO_ASK).write_text(f"{time.monotonic() - begin:.3f}")


def _issuer(path):
    """The issuer whose tokens a server with that configuration file takes."""
    try:
        return json.loads(pathlib.Path(path).read_text())["auth"]["oidc"]["issuer"]
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _register_secrets(kubeconfig, authority, seconds):
    """The Secrets of a cluster that runs."""
    try:
        config = yaml.safe_load(pathlib.Path(kubeconfig).read_text())
        cluster, token = config["clusters"][0]["cluster"], config["users"][0]["user"]["token"]
        authority.write_bytes(base64.b64decode(cluster["certificate-authority-data"]))
        with requests.Session() as session:
            session.trust_env = False
            session.verify = str(authority)
            session.headers["Authorization"] = f"Bearer {token}"
            confidential.register_object(session.get(cluster["server"] + "/api/v1/secrets", timeout=seconds).json())
    except (requests.RequestException, LookupError):
        """There is no such cluster, or none any more; or it is not asked by a token."""


class _Answers:
    """The answers of one server."""

    def __init__(self, url, credential):
        self.url = url
        self.end = time.monotonic() + ALL_SECONDS
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Accept-Encoding"] = "identity"
        if credential:
            self.session.headers["Authorization"] = f"Bearer {credential}"

    def all(self):
        """A line for each answer: route, method, path, status, header fields and body."""
        document = self.json("/api/openapi.json")
        if document is None:
            return []
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            return list(pool.map(self.line, [(route, path) for route in _gets(document) for path in self.filled(route)]))

    def json(self, path):
        try:
            answer = self.session.get(self.url + path, timeout=SECONDS)
            return answer.json() if answer.ok else None
        except (requests.RequestException, ValueError):
            return None

    def filled(self, path):
        """The paths with what there is in place of the parameters."""
        if "{" not in path:
            yield path + {"/api/models/search": "?q=qwen"}.get(path, "")
        elif path.startswith("/api/deployments/"):
            found = (self.listed("/api/deployments", "deployments") or [])[:MOST]
            for entry in found or [{"name": "nothing", "namespace": "default"}]:
                rest = path.replace("{name}", entry["name"]).replace("{path}", "models")
                yield f"{rest}?namespace={entry['namespace']}"
        elif path.startswith("/api/models/"):
            for owner, name in (("local", "nothing.gguf"), ("meta-llama", "Llama-3.1-8B-Instruct"), ("Qwen", "Qwen3-0.6B")):
                model = owner if "{name}" in path else f"{owner}%2F{name}"
                yield path.replace("{model}", model).replace("{name}", name)
        elif path.startswith("/api/tasks/"):
            for entry in (self.listed("/api/tasks", "tasks") or [])[:MOST] or [{"id": "nothing"}]:
                yield path.replace("{id}", entry["id"])
        else:
            for entry in self.listed("/api/settings/providers", "providers") or [{"id": "nothing"}]:
                yield path.replace("{id}", entry["id"])

    def listed(self, path, name):
        if not hasattr(self, "lists"):
            self.lists = {}
        if path not in self.lists:
            self.lists[path] = (self.json(path) or {}).get(name)
        return self.lists[path]

    def line(self, question):
        route, path = question
        head = f"{route} GET {path}"
        if time.monotonic() > self.end:
            return f"{head} was not asked: it took too long before"
        streamed = path.partition("?")[0].endswith("/events")
        body = b""
        try:
            with self.session.get(
                self.url + path, stream=True, allow_redirects=False, timeout=(SECONDS, STREAM_SECONDS if streamed else SECONDS)
            ) as answer:
                head += f" {answer.status_code} {dict(answer.headers)}"
                for part in answer.iter_content(1 << 16):
                    body += part
                    if streamed and len(body) > 1 << 16:
                        break
        except requests.RequestException as error:
            head += f" ({type(error).__name__})"
        return head + " " + re.sub(r"[\r\n]+", "\\\\n", body.decode(errors="backslashreplace"))


def _gets(document):
    return [path for path, methods in document["paths"].items() if "get" in methods]


def watch_commands(executable):
    """Keeps what commands print that the tests of this process run to their end."""
    run = subprocess.run

    def watching(arguments, *others, **options):
        done = run(arguments, *others, **options)
        if isinstance(arguments, (list, tuple)) and str(arguments[0]) == str(executable):
            process = Kept(arguments, options.get("env") or {})
            for name, output in (("output.log", done.stdout), ("errors.log", done.stderr)):
                if output:
                    with process.file(name) as file:
                        file.write(output if isinstance(output, str) else output.decode(errors="backslashreplace"))
        return done

    subprocess.run = watching


def processes():
    """What is known of each process that wrote something."""
    return [(path.parent, json.loads(path.read_text())) for path in sorted(confidential.FOLDER.glob("*/process.json"))]


def files():
    """What has to be free of secrets, and the exceptions that others than their owner may read."""
    found, open_to_others = [], []
    seen = set()
    for folder, record in processes():
        found += [path for path in folder.iterdir() if path.name not in ("process.json", SECONDS_TO_ASK)]
        if record["data"] is None or record["data"] in seen:
            continue
        seen.add(record["data"])
        data = pathlib.Path(record["data"])
        for path in data.rglob("*"):
            if not path.is_file() or path.is_symlink():
                continue
            if not any(fnmatch.fnmatch(path.relative_to(data).as_posix(), pattern) for pattern in EXCEPTIONS):
                found.append(path)
            elif all(place.stat().st_mode & 0o077 for place in (path, *path.parents) if place.is_relative_to(data)):
                open_to_others.append(path)
    return found, open_to_others
