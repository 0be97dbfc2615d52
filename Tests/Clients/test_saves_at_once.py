"""Saves of the Hub's token and of settings, all at once, by two processes on one cluster."""

import base64
import concurrent.futures
import itertools
import json

import pytest
import requests

import hub as stand_in
from embedded import OWN
from hf_secrets import ALL, another, running
from history import History
from waiting import PATIENCE

COUNT = 200


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    with running(tmp_path_factory.mktemp("first")) as first:
        second = another(first, first.hub, tmp_path_factory.mktemp("second") / "data")
        yield first, second
        second.program.kill()


def put(server, body):
    answer = requests.put(server.url + "/api/settings", json=body, timeout=PATIENCE)
    assert answer.status_code == 200, answer.text
    return answer.json()["config"]


def test_of_200_tokens_and_200_settings_saved_at_once_none_is_lost_and_none_half_applied(pair, monkeypatch):
    first, second = pair
    names = {f"hf_user{number}": f"user{number}" for number in range(COUNT)}
    monkeypatch.setattr(stand_in, "TOKENS", {**stand_in.TOKENS, **names})
    first.save()
    put(first, {"activeProviderId": "dynamo", "defaultNamespace": "start"})
    # The token is copied into the default namespace, so that there are few of these. With each comes a provider: half of such a
    # change would show.
    providers = ["kuberay", "kaito", "kserve"]
    changes = [{"activeProviderId": providers[n % 3]} for n in range(COUNT)]
    for number in range(0, COUNT, COUNT // 10):
        changes[number] = {"defaultNamespace": f"n-{number}", "activeProviderId": ["vllm", "llamacpp"][number // 20 % 2]}

    def save(number):
        return [first, second][number % 2].save(list(names)[number]).json()

    def change(number):
        return put([second, first][number % 2], changes[number])

    with History(first.kubectl, "secrets", "ingot-hf-token") as tokens, \
            History(first.kubectl, "configmaps", "ingot-settings") as settings:
        with concurrent.futures.ThreadPoolExecutor(40) as pool:
            work = list(itertools.chain.from_iterable((pool.submit(save, n), pool.submit(change, n)) for n in range(COUNT)))
            answers = [future.result() for future in work]
        for name, answer in zip(names.values(), answers[0::2]):
            assert answer["success"] and answer["user"]["name"] == name, answer
        for body, answer in zip(changes, answers[1::2]):
            assert body.items() <= answer.items()

        # Each token was the saved one at some time, one after the other, and the last one is everywhere.
        states = tokens.until(lambda states: len(states) >= COUNT)
        saved = [base64.b64decode(state["data"]["HF_TOKEN"]).decode() for state in states]
        assert sorted(saved) == sorted(names)
        revisions = [int(state["metadata"]["annotations"]["ingot.dev/token-revision"]) for state in states]
        assert revisions == list(range(revisions[0], revisions[0] + COUNT))
        copies = first.tokens()
        assert set(ALL) <= set(copies) and set(copies.values()) == {saved[-1]}

        # So was each default namespace, once and with its provider; and whatever else was written left it as it was.
        both = {body["defaultNamespace"]: body for body in changes if "defaultNamespace" in body}
        states = settings.until(lambda states: set(both) <= {content(state)["defaultNamespace"] for state in states})
        kept = [content(state) for state in states]
        runs = [name for name, _ in itertools.groupby(state["defaultNamespace"] for state in kept)]
        assert sorted(name for name in runs if name != "start") == sorted(both)
        before = {"activeProviderId": "dynamo", "defaultNamespace": "start"}
        for state in kept:
            assert state != before and set(state) == set(before)
            if state["defaultNamespace"] != before["defaultNamespace"]:
                assert state == both[state["defaultNamespace"]]
            before = state

    stored = content(first.kubectl("--namespace", OWN, "get", "configmap", "ingot-settings", "-o", "json").json)
    for server in pair:
        assert server.until(lambda: settings_of(server) == stored, "both tell the same settings")

    def users():
        """Whose token it is, as those tell who know: a process knows only what it has saved itself."""
        return {status["user"]["name"] for status in (server.status() for server in pair) if "user" in status}

    assert first.until(lambda: users() == {names[saved[-1]]}, "whose the last token is, is told")


def content(config_map):
    return json.loads(config_map["data"]["config.json"])


def settings_of(server):
    return requests.get(server.url + "/api/settings", timeout=PATIENCE).json()["config"]
