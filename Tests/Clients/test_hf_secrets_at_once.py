"""Saves and deletions of the Hub's token by several processes at once, and by one that is killed."""

import base64
import concurrent.futures
import json
import signal
import threading

import pytest
import requests

import confidential
import hub as stand_in
from between import Between
from embedded import OWN
from hf_secrets import ALL, SECONDS, another, api, hub, server
from hub import ADA, BOB


def test_of_200_saves_by_two_processes_none_is_half_applied(api, hub, tmp_path, monkeypatch):
    other = another(api, hub, tmp_path / "other")
    names = {confidential.secret(f"token of user {number}", "hf_"): f"user{number}" for number in range(200)}
    monkeypatch.setattr(stand_in, "TOKENS", {**stand_in.TOKENS, **names})
    session, address = api.kubectl.session()
    path = f"{address}/api/v1/namespaces/{OWN}/secrets"
    selection = {"fieldSelector": "metadata.name=ingot-hf-token"}
    version = session.get(path, params=selection, timeout=SECONDS).json()["metadata"]["resourceVersion"]
    stream = session.get(path, stream=True, timeout=SECONDS,
                         params={**selection, "watch": "true", "resourceVersion": version})
    try:
        with concurrent.futures.ThreadPoolExecutor(40) as pool:
            answers = list(pool.map(
                lambda pair: (api if pair[0] % 2 else other).save(pair[1]).json(), enumerate(names),
            ))
        assert all(answer["success"] for answer in answers)
        assert [answer["user"]["name"] for answer in answers] == list(names.values())
        # Each was the saved one at some time, one after the other.
        saved, revisions = [], []
        for line in stream.iter_lines():
            secret = json.loads(line)["object"]
            saved.append(base64.b64decode(secret["data"]["HF_TOKEN"]).decode())
            revisions.append(int(secret["metadata"]["annotations"]["ingot.dev/token-revision"]))
            if len(saved) == 200:
                break
        assert sorted(saved) == sorted(names)
        assert revisions == list(range(revisions[0], revisions[0] + 200))
        # The last one is everywhere.
        assert api.tokens() == dict.fromkeys(ALL, saved[-1])
        for server in (api, other):
            server.until(lambda: server.status()["configured"], "it is known")

        # Who has not saved it hears of the last one later, and knows until then whose an earlier one was.
        def users():
            return [status["user"]["name"] for status in (api.status(), other.status()) if "user" in status]

        api.until(lambda: users() == [names[saved[-1]]], lambda: f"one knows that it is {names[saved[-1]]}'s: {users()}")
    finally:
        stream.close()
        other.program.kill()


def test_saves_and_deletions_at_once_end_in_one_of_both_everywhere(api, hub, tmp_path):
    other = another(api, hub, tmp_path / "other")
    try:
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            list(pool.map(lambda number: [api.save, other.delete, other.save, api.delete][number % 4](), range(60)))
        assert api.tokens() in ({}, dict.fromkeys(ALL, stand_in.ADA))
    finally:
        other.program.kill()


def agreed(api):
    """The tokens by namespace, once all of them are Ingot's own original; else nothing."""
    original = api.kubectl("--namespace", OWN, "get", "secret", "ingot-hf-token", "-o", "json").json["data"]["HF_TOKEN"]
    tokens = api.tokens()
    return tokens if set(tokens.values()) == {base64.b64decode(original).decode()} else None


def test_a_save_that_was_killed_is_the_old_token_or_the_new_everywhere(api, hub, tmp_path, monkeypatch):
    made = [confidential.secret(f"token {number} of a save that is killed", "hf_") for number in range(40)]
    names = {token: f"round{number}" for number, token in enumerate(made)}
    monkeypatch.setattr(stand_in, "TOKENS", {**stand_in.TOKENS, **names})
    api.save()
    for round in range(4):
        other = another(api, hub, tmp_path / "other")
        begun = threading.Semaphore(0)

        def save(number):
            begun.release()
            try:
                requests.post(other.url + "/api/secrets/huggingface", json={"accessToken": made[number]}, timeout=SECONDS)
            except requests.RequestException:
                """It was killed."""

        threads = [threading.Thread(target=save, args=(round * 10 + number,)) for number in range(10)]
        for thread in threads:
            thread.start()
        for _ in range(5 + round):
            begun.acquire()
        other.program.signal(signal.SIGKILL)
        other.program.end()
        for thread in threads:
            thread.join()
        # Once it runs again, what was begun is complete.
        other = another(api, hub, tmp_path / "other")
        tokens = api.until(lambda: agreed(api), "the token is the same everywhere")
        assert set(tokens) == set(ALL)
        assert set(tokens.values()) <= {stand_in.ADA, *names}
        other.until(lambda: other.status()["configured"], "the API says so")
        other.program.kill()


def kill_while(server, held, ask):
    """Kills a server that is busy with a request, once what it asks of the cluster is held."""
    def asking():
        with pytest.raises(requests.RequestException):
            ask()

    thread = threading.Thread(target=asking)
    thread.start()
    held.wait()
    server.program.signal(signal.SIGKILL)
    server.program.end()
    thread.join()


@pytest.mark.parametrize("place, when, whose", [
    ("ingot-hf-token", "before", "ada"), ("ingot-hf-token", "after", "bob"),
    ("kuberay-system/secrets/hf-token-secret", "before", "bob"), ("kuberay-system/secrets/hf-token-secret", "after", "bob"),
])
def test_after_a_kill_while_the_cluster_has_the_write_the_api_says_whose_token_is_there(api, hub, tmp_path, place, when, whose):
    with Between(api.kubectl.kubeconfig, tmp_path) as between:
        other = another(api, hub, tmp_path / "other", between.kubeconfig)
        other.save(ADA)
        held = between.hold("PUT", place, when)
        kill_while(other, held, lambda: other.save(BOB))
    again = another(api, hub, tmp_path / "other")
    try:
        tokens = api.until(lambda: agreed(api), "the token is the same everywhere")
        assert tokens == dict.fromkeys(ALL, {"ada": ADA, "bob": BOB}[whose])
        again.until(lambda: again.status().get("user", {}).get("name") == whose, "the API says whose it is")
        assert again.status()["configured"] is True
    finally:
        again.program.kill()


def test_after_a_kill_in_the_middle_of_a_deletion_there_is_no_token(api, hub, tmp_path):
    with Between(api.kubectl.kubeconfig, tmp_path) as between:
        other = another(api, hub, tmp_path / "other", between.kubeconfig)
        other.save(ADA)
        held = between.hold("DELETE", "kuberay-system/secrets/hf-token-secret", "before")
        kill_while(other, held, other.delete)
    again = another(api, hub, tmp_path / "other")
    try:
        again.until(lambda: not any(p["exists"] for p in again.status()["namespaces"]), "the API says that there is none")
        assert api.tokens() == {} and "user" not in again.status()
    finally:
        again.program.kill()
