"""The embedded cluster as clients see it: kubectl on its kubeconfig, with a namespace of their own for each test."""

import base64
import contextlib
import json
import os
import pathlib
import queue
import socket
import subprocess
import sys
import threading
import urllib.parse

import requests
import yaml

import confidential
from waiting import PATIENCE, until

KUBECTL = pathlib.Path(sys.executable).parent / "kubectl"


class Done:
    """What a command printed and how it ended."""

    def __init__(self, arguments, process):
        self.arguments = arguments
        self.status = process.returncode
        self.output = process.stdout
        self.errors = process.stderr

    def __repr__(self):
        command = " ".join(str(a) for a in self.arguments)
        return f"kubectl {command} = {self.status}\n{self.output}\n{self.errors}"

    @property
    def lines(self):
        return self.output.splitlines()

    @property
    def json(self):
        return json.loads(self.output)

    @property
    def table(self):
        """The rows of a table without its heading, split where two spaces or more stand."""
        return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in self.lines[1:]]


class Kubectl:
    """kubectl 1.37 in one namespace of the cluster."""

    def __init__(self, kubeconfig, home, namespace=None):
        self.kubeconfig = kubeconfig
        self.home = home
        self.namespace = namespace
        # Nothing of this machine's: neither its configuration nor its colours.
        self.environment = {
            "PATH": os.environ["PATH"], "KUBECONFIG": str(kubeconfig), "HOME": str(home), "KUBECTL_KUBERC": "false",
        }

    def command(self, arguments):
        scope = ["--namespace", self.namespace] if self.namespace else []
        return [str(KUBECTL), *scope, *[str(a) for a in arguments]]

    def run(self, *arguments, input=None, environment=None):
        """Runs a command to its end, however it ends."""
        confidential.register_command([str(a) for a in arguments], input)
        if input is not None and not isinstance(input, str):
            input = json.dumps(input)
        process = subprocess.run(
            self.command(arguments), capture_output=True, text=True, timeout=PATIENCE, input=input,
            env={**self.environment, **(environment or {})},
        )
        if [str(a) for a in arguments[:2]] == ["create", "token"]:
            confidential.register_jwt("a service account's token", process.stdout.strip())
        return Done(arguments, process)

    def __call__(self, *arguments, **options):
        """Runs a command that must succeed."""
        done = self.run(*arguments, **options)
        assert done.status == 0, done
        return done

    def fails(self, *arguments, **options):
        """Runs a command that must fail, and returns its complaint."""
        done = self.run(*arguments, **options)
        assert done.status != 0, done
        return done.errors

    def text(self, *arguments, **options):
        """The output of a command without the space at its ends."""
        return self(*arguments, **options).output.strip()

    def apply(self, *objects, arguments=()):
        """Applies objects given as Python values."""
        return self("apply", *arguments, "-f", "-", input={"apiVersion": "v1", "kind": "List", "items": list(objects)})

    def start(self, *arguments):
        """Starts a command that goes on."""
        return Running(self.command(arguments), self.environment)

    def session(self):
        """A session of plain HTTP with the kubeconfig's token, and the server's address."""
        config = yaml.safe_load(pathlib.Path(self.kubeconfig).read_text())
        authority = config["clusters"][0]["cluster"]["certificate-authority-data"]
        file = pathlib.Path(self.home) / "authority.pem"
        file.write_bytes(base64.b64decode(authority))
        session = requests.Session()
        # The environment may name other authorities.
        session.trust_env = False
        session.verify = str(file)
        session.headers["Authorization"] = "Bearer " + config["users"][0]["user"]["token"]
        return session, config["clusters"][0]["cluster"]["server"]

    def until(self, condition, what, seconds=PATIENCE):
        """Asks again and again until the answer is true, and returns it."""
        return until(condition, what, seconds)


@contextlib.contextmanager
def reserved(kubeconfig):
    """Keeps the port of an embedded cluster that is away: no other process is given it, and the cluster may listen there again."""
    server = yaml.safe_load(pathlib.Path(kubeconfig).read_text())["clusters"][0]["cluster"]["server"]
    with socket.socket() as place:
        # Who does not listen does not keep a listener out that reuses addresses too.
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.bind(("127.0.0.1", urllib.parse.urlsplit(server).port))
        yield


class Running:
    """A command that goes on, such as `get -w`, and its lines as they come."""

    def __init__(self, command, environment):
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, bufsize=1
        )
        self.queue = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.queue.put(line.rstrip("\n"))
        self.queue.put(None)

    def line(self, seconds=PATIENCE):
        """The next line; None at the end."""
        return self.queue.get(timeout=seconds)

    def line_with(self, text, seconds=PATIENCE):
        """The next line that has that text; those before it are passed over."""
        passed = []
        while True:
            line = self.line(seconds)
            assert line is not None, f"ended without {text!r}: {passed}"
            if text in line:
                return line
            passed.append(line)

    def end(self, seconds=PATIENCE):
        """Waits for the end and returns the status."""
        return self.process.wait(timeout=seconds)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def deployment(name="web", replicas=2, image="nginx:1.27", **spec):
    """A deployment of one container."""
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "main", "image": image, "ports": [{"containerPort": 80}]}]},
            },
            **spec,
        },
    }


def pod(name="one", image="nginx:1.27", labels=None, annotations=None, container=None, **spec):
    """A pod of one container."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels or {"app": name}, "annotations": annotations or {}},
        "spec": {"containers": [{"name": "main", "image": image, **(container or {})}], **spec},
    }


def service(name="web", **spec):
    """A service for the pods of a deployment of that name."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"app": name}, "ports": [{"name": "http", "port": 80, "targetPort": 80}], **spec},
    }


def config_map(name="settings", **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


WIDGETS = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {
            "plural": "widgets", "singular": "widget", "kind": "Widget", "shortNames": ["wd"], "categories": ["all"],
        },
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "subresources": {
                    "status": {},
                    "scale": {
                        "specReplicasPath": ".spec.size",
                        "statusReplicasPath": ".status.size",
                        "labelSelectorPath": ".status.selector",
                    },
                },
                "additionalPrinterColumns": [
                    {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
                    {"name": "Ready", "type": "string", "jsonPath": '.status.conditions[?(@.type=="Ready")].status'},
                    {"name": "Colour", "type": "string", "jsonPath": ".spec.colour", "priority": 1},
                    {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
                ],
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "description": "A widget of the tests.",
                        "required": ["spec"],
                        "properties": {
                            "spec": {
                                "type": "object",
                                "description": "What the widget should be.",
                                "required": ["size"],
                                "properties": {
                                    "size": {
                                        "type": "integer", "minimum": 0, "maximum": 100,
                                        "description": "How large it should be.",
                                    },
                                    "colour": {"type": "string", "enum": ["red", "green"], "default": "red"},
                                },
                            },
                            "status": {
                                "type": "object",
                                "properties": {
                                    "size": {"type": "integer"},
                                    "selector": {"type": "string"},
                                    "conditions": {
                                        "type": "array",
                                        "items": {
                                            "type": "object",
                                            "properties": {"type": {"type": "string"}, "status": {"type": "string"}},
                                        },
                                    },
                                },
                            },
                        },
                    }
                },
            }
        ],
    },
}


def widget(name="one", size=3, **spec):
    return {
        "apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": name}, "spec": {"size": size, **spec},
    }
