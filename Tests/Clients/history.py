"""Every state that an object of Ingot's own namespace has had, as a watch tells of them."""

import json
import threading

import requests

from embedded import OWN
from waiting import PATIENCE


class History:
    """The states of an object since this was made, in order."""

    def __init__(self, kubectl, resource, name):
        session, server = kubectl.session()
        path = f"{server}/api/v1/namespaces/{OWN}/{resource}"
        selection = {"fieldSelector": f"metadata.name={name}"}
        listed = session.get(path, params=selection, timeout=PATIENCE).json()
        self.states, self.changed = [], threading.Condition()
        self.answer = session.get(path, stream=True, timeout=PATIENCE, params={
            **selection, "watch": "true", "resourceVersion": listed["metadata"]["resourceVersion"],
        })
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self):
        try:
            for line in self.answer.iter_lines():
                event = json.loads(line)
                with self.changed:
                    if event["type"] in ("ADDED", "MODIFIED"):
                        self.states.append(event["object"])
                    self.changed.notify_all()
        except (OSError, requests.RequestException, AttributeError):
            """The test has ended."""

    def until(self, condition):
        """The states, once that is true of them."""
        with self.changed:
            assert self.changed.wait_for(lambda: condition(self.states), PATIENCE), len(self.states)
            return list(self.states)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # Wakes the reader, which closing would wait for.
        self.answer.raw.shutdown()
        self.answer.close()
