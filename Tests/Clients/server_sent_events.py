"""Server-sent events, read as they come."""

import contextlib
import json
import queue
import threading
import time

import requests

from waiting import PATIENCE


class Event:
    """What a server-sent event says."""

    def __init__(self, kind, identity, data):
        self.kind, self.id, self.data = kind, identity, data

    def __repr__(self):
        return f"{self.kind} {self.id} {self.data}"


class EventStream:
    """A stream of server-sent events, read as it comes. A comment is an event of the kind None."""

    def __init__(self, url, **options):
        self.answer = requests.get(url, stream=True, timeout=(PATIENCE, PATIENCE), **options)
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

    def next(self, comments=False):
        """The next event. Comments, which come whenever nothing else has come for a while, are passed over unless asked for."""
        deadline = time.monotonic() + PATIENCE
        while True:
            event = self.queue.get(timeout=max(0, deadline - time.monotonic()))
            assert isinstance(event, Event), event
            if comments or event.kind is not None:
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
        with contextlib.suppress(RuntimeError, OSError):
            # It has ended already, or the connection is cut off.
            self.answer.raw.shutdown()
        self.answer.close()
