"""`ingot models search`."""

import json
import subprocess

import pytest

from hub import ADA, NOBODY
from conftest import INGOT
from models import search
from waiting import PATIENCE


def command(hub, *arguments, **environment):
    return subprocess.run(
        [INGOT, "models", "search", *arguments], capture_output=True, text=True, timeout=PATIENCE,
        env={"PATH": "/usr/bin:/bin", "HF_ENDPOINT": hub.url, **environment},
    )


def test_the_command_prints_what_the_server_answers(server, hub):
    printed = command(hub, "qwen3", "--limit", "2", "--json")
    assert (printed.returncode, printed.stderr) == (0, "")
    assert json.loads(printed.stdout) == search(server, q="qwen3", limit=2).json()


def test_the_command_prints_a_table_for_people(hub):
    printed = command(hub, "qwen3", "--limit", "2")
    lines = printed.stdout.splitlines()
    assert lines[0].split() == ["MODEL", "PARAMETERS", "EST.", "MEMORY", "ENGINES", "DOWNLOADS", "GATED"]
    assert lines[1].split() == ["Qwen/Qwen3-0.6B", "752M", "1.8GB", "vllm,sglang,trtllm", "6.12M", "no"]
    assert lines[2].split()[0] == "Qwen/Qwen3-8B"
    assert lines[-1] == "There are more: --offset 2"
    assert command(hub, "no-such-name").stdout == "No model that an engine runs has these words in its name.\n"


def test_the_command_shows_the_hub_the_token_of_the_environment(hub):
    command(hub, "llama", HF_TOKEN=ADA)
    assert [request.token for request in hub.requests] == [ADA]
    refused = command(hub, "llama", HF_TOKEN=NOBODY)
    assert (refused.returncode, refused.stdout) == (77, "")
    assert NOBODY not in refused.stderr and refused.stderr.startswith("ingot: ")


@pytest.mark.parametrize("arguments", [["q"], ["llama", "--limit", "0"], ["llama", "--limit", "101"], ["llama", "--offset", "-1"], []])
def test_the_command_refuses_what_it_cannot_search_for(hub, arguments):
    refused = command(hub, *arguments)
    assert refused.returncode == 64 and refused.stderr and hub.requests == []


def test_the_command_ends_with_69_when_the_hub_fails(hub):
    hub.behave = lambda request: (503, {}, b"")
    refused = command(hub, "llama")
    assert (refused.returncode, refused.stdout) == (69, "") and "503" in refused.stderr


def test_the_command_says_what_to_do_about_a_hub_that_does_not_answer_or_let_in(hub):
    away = command(hub, "llama", HF_ENDPOINT="http://127.0.0.1:1")
    assert (away.returncode, away.stdout) == (69, "") and "name a mirror in HF_ENDPOINT" in away.stderr
    unknown = command(hub, "llama", HF_TOKEN="hf_nobody")
    assert (unknown.returncode, unknown.stdout) == (77, "") and "does not accept the token in HF_TOKEN" in unknown.stderr
