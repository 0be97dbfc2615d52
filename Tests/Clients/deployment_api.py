"""Deployments on an embedded cluster, as clients of the API make, change and watch them."""

import contextlib
import json
import queue
import threading
import time

import requests

import hub as stand_in
from cluster import Kubectl
from conftest import INGOT, Program

SECONDS = 90


@contextlib.contextmanager
def embedded(data):
    """A server with an embedded cluster of its own, and with a stand-in for the Hub."""
    flags = ["--port", "0", "--data-dir", data, "--cluster", "embedded", "--log-level", "error"]
    with stand_in.Hub() as hub:
        program = Program([INGOT, "serve", *flags], environment={"HF_ENDPOINT": hub.url}).ready()
        try:
            yield API(program.url, Kubectl(data / "embedded-cluster/kubeconfig", data)).until_ready()
            assert program.process.poll() is None, "ingot died: " + "\n".join(program.errors)
        finally:
            program.kill()


class API:
    """The deployments of a server, and its cluster by kubectl."""

    def __init__(self, url, kubectl):
        self.url, self.kubectl = url, kubectl

    def namespace(self, *names):
        """Makes namespaces, and returns once deployments may be made in them."""
        for name in names:
            self.kubectl("create", "namespace", name)
        for name in names:
            wish = {"name": "none", "namespace": name, "modelId": "Qwen/Qwen3-0.6B", "provider": "vllm"}
            url = self.url + "/api/deployments/preview"
            self.until(lambda: requests.post(url, json=wish, timeout=SECONDS).status_code == 200, f"{name} is known")

    def until_ready(self):
        """Returns once the cluster has been read."""
        self.until(lambda: requests.get(self.url + "/readyz", timeout=SECONDS).status_code == 200, "the cluster is read")
        return self

    def until(self, condition, what, seconds=SECONDS):
        """Asks again and again until the answer is true, and returns it."""
        deadline = time.monotonic() + seconds
        while True:
            answer = condition()
            if answer:
                return answer
            assert time.monotonic() < deadline, f"in {seconds} s it did not come about that {what}"

    def request(self, method, path, status=200, **options):
        answer = requests.request(method, self.url + "/api/deployments" + path, timeout=SECONDS, **options)
        assert answer.status_code == status, answer.text
        return answer.json()

    def create(self, name, namespace, **fields):
        wish = {"name": name, "namespace": namespace, "modelId": "Qwen/Qwen3-0.6B", "provider": "vllm", **fields}
        return self.request("POST", "", 201, json=wish)

    def change(self, name, namespace, **fields):
        """Changes a deployment, again where its status was written at the same moment."""
        def attempt():
            answer = requests.patch(
                f"{self.url}/api/deployments/{name}", params={"namespace": namespace}, json=fields, timeout=SECONDS
            )
            assert answer.status_code in (200, 409), answer.text
            return answer.status_code == 200 and answer.json()

        return self.until(attempt, f"{name} is changed")

    def get(self, name, namespace, part=""):
        return self.request("GET", f"/{name}{part}", params={"namespace": namespace})

    def delete(self, name, namespace):
        return self.request("DELETE", f"/{name}", params={"namespace": namespace})

    def wait_for(self, name, namespace, **wanted):
        """Waits until the deployment has those values, and returns it."""
        def look():
            found = self.get(name, namespace)
            last[0] = found
            return found if all(found.get(key) == value for key, value in wanted.items()) else None

        last = [None]
        try:
            return self.until(look, f"{name} has {wanted}")
        except AssertionError as failure:
            raise AssertionError(f"{failure}: {last[0]}") from None


class Event:
    """What a server-sent event says."""

    def __init__(self, kind, identity, data):
        self.kind, self.id, self.data = kind, identity, data

    def __repr__(self):
        return f"{self.kind} {self.id} {self.data}"


class EventStream:
    """A stream of server-sent events, read as it comes. A comment is an event of the kind None."""

    def __init__(self, url, **options):
        self.answer = requests.get(url, stream=True, timeout=(SECONDS, SECONDS), **options)
        self.queue = queue.Queue()
        if self.answer.status_code == 200:
            threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        fields = {}
        try:
            for line in self.answer.iter_lines(chunk_size=1):
                name, _, value = line.decode().partition(":")
                if line:
                    fields[name] = value.removeprefix(" ")
                elif fields:
                    data = json.loads(fields["data"]) if "data" in fields else None
                    self.queue.put(Event(fields.get("event"), fields.get("id"), data))
                    fields = {}
        except Exception as failure:
            self.queue.put(failure)
        self.queue.put(None)

    def next(self, seconds=SECONDS):
        """The next event."""
        event = self.queue.get(timeout=seconds)
        assert isinstance(event, Event), event
        return event

    def next_with(self, condition):
        """The next event of which that is true; those before it are passed over."""
        while True:
            event = self.next()
            if condition(event):
                return event

    def __enter__(self):
        assert self.answer.status_code == 200, self.answer.text
        return self

    def __exit__(self, *_):
        # Wakes the reader, which closing would wait for.
        self.answer.raw.shutdown()
        self.answer.close()
