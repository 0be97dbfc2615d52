"""`ingot fit`: models of the stand-in Hub on GPUs that are named, on a cluster's, and on every product."""

import json
import os
import subprocess

import pytest
import requests

from hub import ADA, BOB, NOBODY
from conftest import INGOT
from models import LLAMA
from test_local_models import SMALL as SMALL_FILE
from waiting import PATIENCE, until_answer

SMALL = "Qwen/Qwen3-0.6B"


def command(hub, *arguments, **environment):
    return subprocess.run(
        [INGOT, "fit", *arguments], capture_output=True, text=True, timeout=PATIENCE,
        env={"PATH": "/usr/bin:/bin", "HF_ENDPOINT": hub.url, **environment},
    )


def row(text, name):
    """The line that begins with that name, without it."""
    lines = [line.strip() for line in text.splitlines()]
    return next(line.removeprefix(name).strip() for line in lines if line.startswith(name))


def test_the_command_prints_what_the_server_answers(server, hub):
    body = {
        "model": SMALL, "devices": [{"product": "NVIDIA-L4", "count": 2}], "engine": {"name": "sglang"},
        "workload": {"max_model_len": 8192, "concurrency": 4},
        "options": {"kv_cache_dtype": "fp8", "tensor_parallel": 2, "memory_fraction": 0.8, "quantization": "fp8"},
    }
    printed = command(
        hub, SMALL, "--gpu", "NVIDIA-L4", "--count", "2", "--engine", "sglang", "--context", "8192", "--concurrency", "4",
        "--kv-cache-dtype", "fp8", "--tensor-parallel", "2", "--memory-utilization", "0.8", "--quantization", "fp8", "--json",
    )
    assert (printed.returncode, printed.stderr) == (0, "")
    answer = json.loads(printed.stdout)
    assert answer == requests.post(server.url + "/api/fit", json=body, timeout=PATIENCE).json()
    best = answer["best"]
    assert (best["tensor_parallel"], best["kv_cache_dtype"], best["per_gpu_gib"]["fraction"]) == (2, "fp8", 0.8)


def test_the_command_shows_the_budget_line_by_line(hub):
    arguments = [SMALL, "--gpu", "L4", "--context", "8192"]
    printed = command(hub, *arguments)
    assert (printed.returncode, printed.stderr) == (0, "")
    answer = json.loads(command(hub, *arguments, "--json").stdout)
    best = answer["best"]
    text = printed.stdout
    assert text.splitlines()[0] == f"{SMALL} on 1 × NVIDIA-L4 with vllm {answer['engine_version']}: fits"
    assert row(text, "Best") == "1 GPU NVIDIA-L4, tensor parallel 1 × pipeline parallel 1"
    assert "GiB" in row(text, "MEMORY OF THE FULLEST GPU")
    spent = 0
    for line in best["budget"]:
        shown = row(text, "- " + line["code"].replace("_", " ")).split()
        assert float(shown[0]) == pytest.approx(line["gib"], abs=0.006)
        assert " ".join(shown[1:]) == line["note"]
        spent += float(shown[0])
    left = float(row(text, "= left for the cache"))
    assert spent + left == pytest.approx(float(row(text, "for the engine").split()[0]), abs=0.05)
    kv = best["kv"]
    tokens = [int(number.replace(",", "")) for number in row(text, "tokens").split()]
    assert tokens == [kv["tokens_low"], kv["tokens"], kv["tokens_high"]]
    assert row(text, "Context").startswith("8,192 tokens")
    assert row(text, "Concurrency") == f"{kv['max_concurrency_at_len']:.2f} requests of 8,192 tokens"
    assert "\x1b" not in text


def test_what_does_not_fit_ends_with_1_and_says_what_would(hub):
    arguments = ["--gpu", "NVIDIA-L4", "--context", "400000", "--concurrency", "2"]
    printed = command(hub, SMALL, *arguments)
    assert (printed.returncode, printed.stderr) == (1, "")
    assert printed.stdout.splitlines()[0].endswith(": does not fit as asked, but does with a change")
    answer = json.loads(command(hub, SMALL, *arguments, "--json").stdout)
    assert answer["verdict"] == "fits_with_changes" and answer["blockers"]
    for blocker in answer["blockers"]:
        assert blocker["detail"] in row(printed.stdout, blocker["code"])
    lines = printed.stdout.splitlines()
    smallest = lines[lines.index("Each of these makes it fit, the smallest first:") + 1].split()
    changed = dict(zip(arguments[::2], arguments[1::2])) | dict(zip(smallest[::2], smallest[1::2]))
    assert command(hub, SMALL, *[part for pair in changed.items() for part in pair]).returncode == 0


def test_what_is_not_known_ends_with_2(hub):
    odd = command(hub, "example/Odd-Qwen", "--gpu", "L4")
    assert (odd.returncode, odd.stderr) == (2, "")
    assert odd.stdout.splitlines()[0].endswith(": unknown: a fact is missing")
    assert command(hub, "example/Odd-Qwen").returncode == 2


def test_without_gpus_every_product_has_a_row(hub):
    printed = command(hub, SMALL, "--context", "4096")
    assert (printed.returncode, printed.stderr) == (0, "")
    lines = printed.stdout.splitlines()
    assert lines[2].split()[:5] == ["PRODUCT", "GiB", "GPUS", "TP", "PP"]
    rows = [line.split() for line in lines[3:lines.index("", 3)]]
    assert {"NVIDIA-L4", "NVIDIA-H100-80GB-HBM3", "Tesla-T4"} <= {row[0] for row in rows}
    needed = [float(row[1]) * int(row[2]) for row in rows if row[2] != "-"]
    assert needed == sorted(needed) and len(needed) > 10
    report = json.loads(command(hub, SMALL, "--context", "4096", "--json").stdout)
    assert [entry["product"] for entry in report["products"]] == [row[0] for row in rows]
    one = next(entry for entry in report["products"] if entry["product"] == "NVIDIA-L4")
    named = command(hub, SMALL, "--context", "4096", "--gpu", "NVIDIA-L4", "--count", "8", "--json")
    assert one["answer"]["best"] == json.loads(named.stdout)["best"]
    assert one["gpus"] == 1


def test_a_model_that_needs_several_gpus_is_shown_with_the_fewest(hub):
    wide = {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 8192, "intermediate_size": 28672,
        "num_hidden_layers": 80, "num_attention_heads": 64, "num_key_value_heads": 8, "vocab_size": 128256,
        "max_position_embeddings": 8192, "torch_dtype": "bfloat16",
    }
    hub.models.append({**hub.models[0], "id": "example/Large", "safetensors": None})
    hub.files["example/Large"] = {"config.json": json.dumps(wide).encode()}
    report = json.loads(command(hub, "example/Large", "--json").stdout)
    needed = {entry["product"]: entry["gpus"] for entry in report["products"]}
    assert needed["NVIDIA-H200"] == 2 and needed["Tesla-T4"] is None
    fewer = command(hub, "example/Large", "--gpu", "NVIDIA-H200", "--count", "1")
    assert fewer.returncode == 1 and "weights_exceed_budget" in fewer.stdout


@pytest.fixture
def cluster_server(serve, hub, tmp_path):
    program = serve(cluster="embedded", environment={"HF_ENDPOINT": hub.url})
    until_answer(program.url + "/readyz", lambda answer: answer.status_code == 200)
    until_answer(program.url + "/api/installation/gpu-capacity", lambda answer: answer.json().get("totalGpus") == 20)
    printed = subprocess.run(
        [INGOT, "kubeconfig", "--data-dir", tmp_path / "data"], capture_output=True, text=True, check=True
    )
    program.kubeconfig = printed.stdout.strip()
    return program


def test_the_clusters_gpus_are_those_of_its_nodes(cluster_server, hub, tmp_path):
    wanted = {"model": SMALL, "nodes": {}, "workload": {"max_model_len": 8192}}
    answer = requests.post(cluster_server.url + "/api/fit", json=wanted, timeout=PATIENCE).json()
    for named in (["--kubeconfig", cluster_server.kubeconfig], ["--data-dir", str(tmp_path / "data")]):
        printed = command(hub, SMALL, "--cluster", *named, "--context", "8192", "--json", HOME=str(tmp_path))
        assert (printed.returncode, printed.stderr) == (0, "")
        assert json.loads(printed.stdout) == answer
    from_variable = command(hub, SMALL, "--cluster", "--context", "8192", KUBECONFIG=cluster_server.kubeconfig)
    assert from_variable.returncode == 0
    assert row(from_variable.stdout, "Placement") == f"can go on {answer['placement']['nodes'][0]} now"
    product = json.loads(
        command(
            hub, SMALL, "--cluster", "--kubeconfig", cluster_server.kubeconfig, "--json",
            "--node-selector", "nvidia.com/gpu.product=NVIDIA-L4",
        ).stdout
    )
    assert {candidate["device"]["product"] for candidate in product["candidates"]} == {"NVIDIA-L4"}
    cluster_server.kill()
    away = command(hub, SMALL, "--cluster", "--kubeconfig", cluster_server.kubeconfig)
    assert (away.returncode, away.stdout) == (69, "") and "cannot be read" in away.stderr


def test_a_cluster_is_never_started(hub, tmp_path):
    none = command(hub, SMALL, "--cluster", HOME=str(tmp_path))
    assert (none.returncode, none.stdout) == (78, "")
    assert "no cluster is configured" in none.stderr and "--kubeconfig" in none.stderr
    assert os.listdir(tmp_path) == [] and hub.requests == []
    missing = command(hub, SMALL, "--cluster", "--kubeconfig", str(tmp_path / "none"))
    assert missing.returncode == 78 and "No such file" in missing.stderr


def test_an_unknown_product_is_refused_with_near_names(hub):
    refused = command(hub, SMALL, "--gpu", "NVIDIA-L4O")
    assert (refused.returncode, refused.stdout) == (64, "")
    assert "NVIDIA-L4O" in refused.stderr and "did you mean" in refused.stderr and "NVIDIA-L40" in refused.stderr
    far = command(hub, SMALL, "--gpu", "something else")
    assert far.returncode == 64 and "did you mean" not in far.stderr
    assert hub.requests == []


@pytest.mark.parametrize("arguments, named", [
    ([], "model"),
    ([SMALL, "--count", "2"], "--count needs --gpu"),
    ([SMALL, "--gpu", "L4", "--cluster"], "exclude"),
    ([SMALL, "--node-selector", "a=b"], "--node-selector needs --cluster"),
    ([SMALL, "--gpu", "L4", "--count", "0"], "--count must be an integer from 1"),
    ([SMALL, "--gpu", "L4", "--context", "0"], "--context must be"),
    ([SMALL, "--gpu", "L4", "--concurrency", "0"], "--concurrency must be"),
    ([SMALL, "--gpu", "L4", "--engine", "other"], "--engine must be vllm"),
    ([SMALL, "--gpu", "L4", "--engine-version", "new"], "--engine-version must be"),
    ([SMALL, "--gpu", "L4", "--kv-cache-dtype", "other"], "--kv-cache-dtype must be"),
    ([SMALL, "--gpu", "L4", "--memory-utilization", "1.5"], "--memory-utilization must be"),
    (["../etc", "--gpu", "L4"], "MODEL must be"),
])
def test_wrong_arguments_are_named(hub, arguments, named):
    refused = command(hub, *arguments)
    assert (refused.returncode, refused.stdout) == (64, "")
    assert named in refused.stderr.lower() if named == "model" else named in refused.stderr
    assert hub.requests == []


def test_what_the_hub_refuses_is_told_with_what_to_do(hub):
    def refused(status, *arguments, **environment):
        ended = command(hub, *arguments, "--gpu", "L4", **environment)
        assert (ended.returncode, ended.stdout) == (status, "") and ended.stderr.startswith("ingot: ")
        assert ended.stderr.count("\n") == 1 and "hf_" not in ended.stderr
        return ended.stderr

    assert "ingot models search" in refused(66, "example/none")
    assert "ingot models search" in refused(66, "example/none", HF_TOKEN=ADA)
    assert "no such revision" in refused(66, SMALL, "--revision", "none")
    gated = refused(77, LLAMA)
    assert f"accept the terms at {hub.url}/{LLAMA}" in gated and "HF_TOKEN" in gated
    assert "has not been let in" in refused(77, LLAMA, HF_TOKEN=BOB)
    assert "does not accept the token" in refused(77, SMALL, HF_TOKEN=NOBODY)
    assert "HF_TOKEN" in refused(78, SMALL, HF_TOKEN="two words")
    hub.behave = lambda request: (429, {"Retry-After": "7"}, b"")
    assert "try again in 7 s" in refused(69, SMALL)
    hub.behave = lambda request: (503, {}, b"")
    assert "try again later" in refused(69, SMALL)
    assert "HF_ENDPOINT" in refused(69, SMALL, HF_ENDPOINT="http://127.0.0.1:1")


def test_a_hub_that_does_not_answer_in_time_is_told(hub):
    import threading

    answered = threading.Event()
    hub.behave = lambda request: answered.wait(PATIENCE) and None
    ended = command(hub, SMALL, "--gpu", "L4", INGOT_HUGGING_FACE_TIMEOUT="1s")
    answered.set()
    assert ended.returncode == 69 and "did not answer in time" in ended.stderr


def test_the_token_of_the_environment_reads_gated_models(hub):
    hub.files[LLAMA]["config.json"] = hub.files[SMALL]["config.json"]
    read = command(hub, LLAMA, "--gpu", "L4", "--json", HF_TOKEN=ADA)
    assert read.returncode in (0, 1) and json.loads(read.stdout)["best"]
    assert {request.token for request in hub.requests} == {ADA}


def test_a_file_is_named_by_its_path(hub, tmp_path):
    folder = tmp_path / "models"
    (folder / "deeper").mkdir(parents=True)
    for name in ["one.gguf", "two-00001-of-00002.gguf", "two-00002-of-00002.gguf", "half-00001-of-00002.gguf"]:
        (folder / name).write_bytes(SMALL_FILE)
    (folder / "broken.gguf").write_bytes(b"no model")
    (folder / "deeper/linked.gguf").symlink_to(folder / "one.gguf")

    def fit(path, status):
        done = subprocess.run(
            [INGOT, "fit", path, "--gpu", "L4", "--json"], capture_output=True, text=True, timeout=60, cwd=folder,
            env={"PATH": "/usr/bin:/bin", "HF_ENDPOINT": hub.url, "INGOT_HUGGING_FACE_TIMEOUT": "2s"},
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done

    asked = len(hub.requests)
    served = json.loads(command(hub, "local/one.gguf", "--gpu", "L4", "--json", INGOT_MODELS_DIRECTORY=str(folder)).stdout)
    assert served["verdict"] != "unknown"
    nowhere = command(hub, "local/one.gguf")
    assert (nowhere.returncode, nowhere.stdout) == (66, "") and "INGOT_MODELS_DIRECTORY" in nowhere.stderr
    for path in ["one.gguf", "./one.gguf", "deeper/linked.gguf", "../models/one.gguf", str(folder / "one.gguf")]:
        answer = json.loads(fit(path, 0).stdout)
        assert answer["budget" if "budget" in answer else "best"] == served["budget" if "budget" in served else "best"], path
    for path in ["two-00001-of-00002.gguf", "./two-00002-of-00002.gguf"]:
        assert json.loads(fit(path, 0).stdout)["verdict"] == "fits"
    assert "there is no file ./none.gguf" in fit("./none.gguf", 66).stderr
    assert "parts of it are missing" in fit("half-00001-of-00002.gguf", 66).stderr
    assert "GGUF" in fit("broken.gguf", 65).stderr
    assert len(hub.requests) == asked, "the Hub is not asked about files"
    # What no file has the name of is a model of the Hub.
    fit("example/none.gguf", 66)
    assert len(hub.requests) > asked
