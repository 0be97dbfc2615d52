"""Waiting for what comes about by itself, by looking again and again."""

import time

import requests

# A busy machine may take long, above all to load a model and to generate with it.
PATIENCE = 240
# The same for the WebSockets that the library of that name opens.
SOCKET_PATIENCE = {"open_timeout": PATIENCE, "close_timeout": PATIENCE, "ping_timeout": PATIENCE}


def until(condition, what, seconds=PATIENCE):
    """Looks until what is found is true, and returns it."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"in {seconds} s it did not come about that {what() if callable(what) else what}"


def until_answer(url, condition, **options):
    """Asks until the condition holds for the answer, which may be one that tells of an error, and returns it."""
    def look():
        nonlocal answer
        answer = requests.get(url, timeout=PATIENCE, **options)
        return condition(answer)

    answer = None
    until(look, lambda: f"{url} is as it should be; it is {answer.status_code} {answer.text}")
    return answer
