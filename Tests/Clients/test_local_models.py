"""GGUF files of this machine as models."""

import struct

from models import OF_A_CATALOGUE_MODEL, get, refusal


def gguf(metadata, tensors):
    """The header of a GGUF file (version 3): texts and integers, and tensors as (name, dimensions), in 16 bits."""

    def text(value):
        return struct.pack("<Q", len(value)) + value.encode()

    data = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata))
    for key, value in metadata.items():
        data += text(key) + (struct.pack("<I", 8) + text(value) if isinstance(value, str) else struct.pack("<II", 4, value))
    for name, dimensions in tensors:
        data += text(name) + struct.pack("<I", len(dimensions)) + struct.pack(f"<{len(dimensions)}Q", *dimensions)
        data += struct.pack("<IQ", 1, 0)
    return data


SMALL = gguf(
    {"general.architecture": "llama", "general.name": "Small One", "general.file_type": 1, "general.size_label": "2K",
     "llama.block_count": 1, "llama.context_length": 2048, "llama.embedding_length": 16, "llama.attention.head_count": 2},
    [("token_embd.weight", [16, 100]), ("blk.0.attn_q.weight", [16, 16]), ("blk.0.attn_k.weight", [16, 16])],
)


def test_gguf_files_of_this_machine_are_models_with_what_their_headers_say(serve, tmp_path):
    folder = tmp_path / "models"
    (folder / "org/repo").mkdir(parents=True)
    (folder / "small.gguf").write_bytes(SMALL)
    (folder / "org/repo/linked.gguf").symlink_to(folder / "small.gguf")
    (folder / "broken.gguf").write_bytes(b"no model")
    (folder / "mmproj-small.gguf").write_bytes(SMALL)
    (folder / "notes.txt").write_bytes(b"")
    for part in (1, 2):
        (folder / f"big-0000{part}-of-00002.gguf").write_bytes(SMALL)
    (folder / "half-00001-of-00002.gguf").write_bytes(SMALL)
    server = serve("--models-dir", folder)

    listed = get(server, "/api/models").json()
    local = {model["id"]: model for model in listed["models"] if model["local"]}
    assert set(local) == {f"local/{n}" for n in ("small.gguf", "org/repo/linked.gguf", "broken.gguf", "big-00001-of-00002.gguf")}
    assert "warnings" not in listed and len(listed["models"]) > 40
    small = local["local/small.gguf"]
    for key in ("id", "name", "description", "size", "task", "contextLength", "supportedEngines", "minGpus", "gated"):
        assert type(small[key]) is OF_A_CATALOGUE_MODEL[key], key
    assert (small["name"], small["size"], small["contextLength"], small["quantization"]) == ("Small One", "2K", 2048, "F16")
    assert (small["parameterCount"], small["supportedEngines"], small["minGpus"]) == (2112, ["llamacpp"], 0)
    assert small["fileSizeBytes"] == len(SMALL) and local["local/big-00001-of-00002.gguf"]["fileSizeBytes"] == 2 * len(SMALL)
    # Of a file whose header says nothing, nothing is said.
    broken = local["local/broken.gguf"]
    assert "GGUF" in broken["problem"] and not {"size", "contextLength", "parameterCount"} & set(broken)

    found = get(server, "/api/models", params={"search": "small one", "engine": "llamacpp"}).json()["models"]
    assert {model["id"] for model in found} == set(local) - {"local/broken.gguf"}
    assert get(server, "/api/models/local/small.gguf").json()["parameterCount"] == 2112
    assert get(server, "/api/models/local%2Forg%2Frepo%2Flinked.gguf").json()["local"] is True
    refusal(get(server, "/api/models/local/gone.gguf", 404), "NOT_FOUND")

    (folder / "small.gguf").unlink()
    (folder / "new.gguf").write_bytes(SMALL)
    local = [model["id"] for model in get(server, "/api/models").json()["models"] if model["local"]]
    assert local == ["local/big-00001-of-00002.gguf", "local/broken.gguf", "local/new.gguf"]


def test_a_folder_that_cannot_be_read_leaves_the_catalogue_and_a_warning(serve, tmp_path):
    server = serve("--models-dir", tmp_path / "missing")
    assert "No such file or directory" in server.wait_for_error("the models' folder cannot be read")
    answer = get(server, "/api/models").json()
    assert len(answer["models"]) > 40 and len(answer["warnings"]) == 1
    refusal(get(server, "/api/models/local/a.gguf", 503), "MODELS_UNREADABLE")
