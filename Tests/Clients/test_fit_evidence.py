"""What the fit of a model of the Hub is reckoned from: counts, headers of safetensors files, headers of GGUF files."""

import concurrent.futures
import json
import threading

import pytest
import requests

from hub import QWEN3_CONFIG, model
from models import get, refusal
from test_fit import fit
from test_fit_command import command, row
from waiting import PATIENCE
from weights import F16, Q4_K, Q8_0, counts, gguf, gguf_of_qwen3, shards, tensors

CONFIG = {**QWEN3_CONFIG, "num_hidden_layers": 4, "vocab_size": 32000}
NAME = "example/Small-Qwen3"
GPU = [{"product": "NVIDIA-L4", "count": 1}]
GIB = 1 << 30


def question(**of_the_model):
    return {"model": {"id": NAME, **of_the_model}, "devices": GPU, "workload": {"max_model_len": 4096}}


def publish(hub, listed, files, config=CONFIG, **fields):
    """A repository whose weights are those tensors, as the Hub would count and list them."""
    data = {"config.json": json.dumps(config).encode(), **files}
    hub.models.append(model(NAME, "Qwen3ForCausalLM", 0, **{"safetensors": counts(listed) if listed else None, **fields}))
    hub.files[NAME] = data
    return sum(size for *_, size in listed)


def weights_gib(answer):
    return answer["best"]["per_gpu_gib"]["weights"]


def test_counts_that_agree_with_the_configuration_need_no_headers(server, hub):
    listed = tensors(CONFIG)
    size = publish(hub, listed, shards(listed, 1))
    hub.sizes[NAME] = {"model-00001-of-00001.safetensors": size}
    answer = fit(server, question()).json()
    assert answer["evidence"] == {"source": "element_counts", "files": 0}
    assert answer["confidence"]["level"] == "exact_weights"
    assert weights_gib(answer) == pytest.approx(size / GIB + 0.02, abs=0.002)
    assert hub.store_requests == []


def test_quantised_weights_are_read_from_the_headers_once_for_each_commit(server, hub):
    config = {**CONFIG, "quantization_config": {"quant_method": "fp8"}}
    listed = tensors(CONFIG, "F8_E4M3")
    # Two layers of which the quantiser left the matrices as they were, which nothing but the headers tells.
    listed = [entry for entry in listed if ".layers.0." not in entry[0]] + tensors(CONFIG, layers=[0])[2:]
    size = publish(hub, listed, shards(listed, 3), config=config)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: fit(server, question()).json(), range(8)))
    answers.append(fit(server, question()).json())
    for answer in answers:
        assert answer["evidence"] == {"source": "safetensors_headers", "files": 3}
        assert answer["confidence"]["level"] == "exact_weights"
        assert weights_gib(answer) == pytest.approx(size / GIB + 0.02, abs=0.002)
    # Eight callers at once and one later had the headers read once.
    assert sorted(request.path for request in hub.store_requests) == sorted(
        f"/{NAME}/{path}" for path in hub.files[NAME] if path.endswith(".safetensors")
    )
    assert all("range" in request.headers for request in hub.store_requests)


def test_of_several_copies_one_counts(server, hub):
    listed = tensors(CONFIG)
    files = shards(listed, 2)
    copies = {"consolidated.safetensors": b"?", "original/consolidated.00.safetensors": b"?", "model.fp32.safetensors": b"?"}
    index = {"weight_map": {name: f"model-0000{n % 2 + 1}-of-00002.safetensors" for n, (name, *_) in enumerate(listed)}}
    size = publish(hub, listed, {**files, **copies, "model.safetensors.index.json": json.dumps(index).encode()})
    answer = fit(server, question()).json()
    assert answer["evidence"] == {"source": "safetensors_headers", "files": 2}
    assert weights_gib(answer) == pytest.approx(size / GIB + 0.02, abs=0.002)


@pytest.mark.parametrize("status", [503, 200])
def test_headers_that_fail_leave_the_counts_with_wider_ends(server, hub, status):
    listed = tensors(CONFIG)
    size = publish(hub, listed, shards(listed, 2))
    store = threading.Event()

    def behave(request):
        if request.path.endswith(".safetensors") and "/resolve/" not in request.path and not store.is_set():
            return status, {}, b"no header at all"

    hub.behave = behave
    answer = fit(server, question()).json()
    assert answer["evidence"]["source"] == "element_counts"
    assert "headers" in answer["evidence"]["note"] and answer["evidence"]["note"] in answer["assumptions"]
    assert answer["confidence"]["level"] == "config_only"
    assert weights_gib(answer) == pytest.approx(size / GIB + 0.02, abs=0.002)
    # What was no answer is asked for again; what was no header stays none, since a commit does not change.
    store.set()
    again = fit(server, question()).json()
    assert again["evidence"]["source"] == ("safetensors_headers" if status == 503 else "element_counts")
    if status == 503:
        near = again["best"]["per_gpu_gib"]
        wide = answer["best"]["per_gpu_gib"]
        assert near["kv_available"] == pytest.approx(wide["kv_available"], abs=0.002)
        assert near["kv_available_low"] > wide["kv_available_low"]


def test_a_configuration_that_python_wrote_is_no_failure(server, hub):
    listed = tensors(CONFIG)
    config = {**CONFIG, "time_step_limit": [0.0, float("inf")], "a": float("-inf"), "b": float("nan"), "c": "Infinity"}
    publish(hub, listed, shards(listed, 1), config=config)
    assert b"-Infinity" in hub.files[NAME]["config.json"] and b"NaN" in hub.files[NAME]["config.json"]
    answer = fit(server, question()).json()
    assert answer["verdict"] == "fits"
    assert get(server, f"/api/models/{NAME}").json()["id"] == NAME
    # The same in a body.
    body = json.dumps({"model": {"config": config}, "devices": GPU})
    fields = {"Content-Type": "application/json"}
    told = requests.post(server.url + "/api/fit", data=body, headers=fields, timeout=PATIENCE)
    assert (told.status_code, told.json()["evidence"]) == (200, {"source": "request", "files": 0}), told.text


# GGUF


def publish_gguf(hub, files):
    publish(hub, [], files, library_name="gguf", config={"a": 1}, gguf={"total": 1, "architecture": "qwen3"})
    del hub.files[NAME]["config.json"]


def test_a_repository_of_gguf_files_is_for_llamacpp_by_the_file_of_the_usual_mixture(server, hub):
    publish_gguf(hub, {
        "small-Q8_0.gguf": gguf_of_qwen3(CONFIG, Q8_0), "small-Q4_K_M.gguf": gguf_of_qwen3(CONFIG, Q4_K, words=150000),
        "mmproj-F16.gguf": b"GGUF", "small.imatrix.gguf": b"GGUF",
    })
    assert len(hub.files[NAME]["small-Q4_K_M.gguf"]) > 4 << 20
    answer = fit(server, question()).json()
    assert answer["evidence"] == {"source": "gguf_header", "files": 1, "file": "small-Q4_K_M.gguf"}
    assert (answer["verdict"], answer["best"]["quantization"]) == ("fits", "Q4_K_M")
    assert answer["best"]["tensor_parallel"] == 1
    matrices = 1024 * 32000 + 4 * (2 * 1024 * 2048 + 2 * 1024 * 1024 + 3 * 1024 * 3072)
    # Without an output projection the embedding is it, and lies on the GPU too.
    assert weights_gib(answer) == pytest.approx(matrices / 256 * 144 / GIB, abs=0.02)
    # A header of several megabytes takes a few requests, and is kept.
    read = len(hub.store_requests)
    assert 1 < read < 6
    assert fit(server, question()).json() == answer and len(hub.store_requests) == read


def test_the_file_the_mixture_and_the_engine_may_be_named(server, hub):
    publish_gguf(hub, {
        "small-Q8_0.gguf": gguf_of_qwen3(CONFIG, Q8_0),
        "big/small-F16-00001-of-00002.gguf": gguf_of_qwen3(CONFIG, F16, layers=[0, 1]),
        "big/small-F16-00002-of-00002.gguf": gguf({}, [
            (f"blk.{n}.{name}.weight", shape, F16) for n in (2, 3) for name, shape in (("attn_q", [1024, 2048]), ("ffn_up", [1024, 3072]))
        ]),
        "half-00001-of-00002.gguf": gguf_of_qwen3(CONFIG, F16),
    })
    hub.sizes[NAME] = {"big/small-F16-00001-of-00002.gguf": GIB}
    small = fit(server, question()).json()
    assert small["evidence"]["file"] == "small-Q8_0.gguf"
    for part in (1, 2):
        split = fit(server, question(file=f"big/small-F16-0000{part}-of-00002.gguf")).json()
        assert split["evidence"] == {"source": "gguf_header", "files": 2, "file": "big/small-F16-00001-of-00002.gguf"}
    assert weights_gib(split) > weights_gib(small)
    wish = fit(server, {**question(), "options": {"quantization": "F16"}}).json()
    assert wish["best"] == split["best"]
    # vLLM reads GGUF files too, TensorRT-LLM does not.
    vllm = fit(server, {**question(), "engine": {"name": "vllm"}}).json()
    assert (vllm["engine_version"], vllm["verdict"], vllm["best"]["quantization"]) == ("0.33.0", "fits", "Q8_0")
    assert fit(server, {**question(), "engine": {"name": "trtllm"}}).json()["verdict"] == "unsupported"

    def refused(body):
        return refusal(fit(server, body, 400), "VALIDATION_ERROR")["details"]["field"]

    assert refused(question(file="none.gguf")) == refused(question(file="half-00001-of-00002.gguf")) == "model.file"
    assert refused({**question(), "options": {"quantization": "Q2_K"}}) == "options.quantization"


def test_without_the_usual_mixture_the_smallest_whole_model_is_taken(server, hub):
    adapter = gguf({"general.architecture": "qwen3", "general.type": "adapter"}, [("blk.0.attn_q.weight.lora_a", [8, 1024], F16)])
    publish_gguf(hub, {"adapter-F16.gguf": adapter, "a-Q2_K.gguf": b"no model", "small-Q8_0.gguf": gguf_of_qwen3(CONFIG, Q8_0)})
    assert fit(server, question()).json()["evidence"]["file"] == "small-Q8_0.gguf"
    del hub.files[NAME]["small-Q8_0.gguf"]
    hub.models[-1] = {**hub.models[-1], "sha": "0" * 40}
    answer = fit(server, {**question(), "model": {"id": NAME, "revision": "0" * 40}}, 422)
    refusal(answer, "MODEL_NOT_UNDERSTOOD")


def test_a_file_beside_safetensors_counts_when_it_is_named_or_llamacpp_is(server, hub):
    listed = tensors(CONFIG)
    publish(hub, listed, {**shards(listed, 1), "small-Q8_0.gguf": gguf_of_qwen3(CONFIG, Q8_0)})
    assert fit(server, question()).json()["evidence"]["source"] == "safetensors_headers"
    named = fit(server, question(file="small-Q8_0.gguf")).json()
    engine = fit(server, {**question(), "engine": {"name": "llamacpp"}}).json()
    assert named["best"] == engine["best"] and named["evidence"] == engine["evidence"]
    assert named["evidence"]["file"] == "small-Q8_0.gguf"


def test_a_gguf_file_of_this_machine_has_a_fit(serve, tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "small.gguf").write_bytes(gguf_of_qwen3(CONFIG, Q8_0))
    (folder / "broken.gguf").write_bytes(b"no model")
    server = serve("--models-dir", folder)
    body = {"model": "local/small.gguf", "devices": GPU}
    answer = fit(server, body).json()
    assert (answer["verdict"], answer["best"]["quantization"]) == ("fits", "Q8_0")
    assert answer["evidence"] == {"source": "gguf_header", "files": 1, "file": "small.gguf"}
    refusal(fit(server, {**body, "model": "local/none.gguf"}, 404), "NOT_FOUND")
    refusal(fit(server, {**body, "model": "local/broken.gguf"}, 422), "MODEL_NOT_UNDERSTOOD")
    # Without a cluster there are no GPUs to put it on, and the route is there.
    refusal(get(server, "/api/models/local%2Fsmall.gguf/fit", 503), "CLUSTER_UNAVAILABLE")


def test_the_command_takes_the_file_and_says_what_the_weights_are_known_from(server, hub):
    publish_gguf(hub, {"small-Q8_0.gguf": gguf_of_qwen3(CONFIG, Q8_0), "small-Q4_K_M.gguf": gguf_of_qwen3(CONFIG, Q4_K)})
    arguments = [NAME, "--gpu", "NVIDIA-L4", "--file", "small-Q8_0.gguf", "--context", "4096"]
    answer = fit(server, question(file="small-Q8_0.gguf")).json()
    assert (answer["engine"], answer["best"]["quantization"]) == ("llamacpp", "Q8_0")
    assert json.loads(command(hub, *arguments, "--json").stdout) == answer
    text = command(hub, *arguments).stdout
    assert text.splitlines()[0].startswith(f"{NAME} on 1 × NVIDIA-L4 with llamacpp: ")
    assert row(text, "Weights known from") == "the header of small-Q8_0.gguf"
    wrong = command(hub, NAME, "--gpu", "NVIDIA-L4", "--file", "none.gguf")
    assert (wrong.returncode, wrong.stdout) == (64, "") and "--file must be a GGUF file of" in wrong.stderr
