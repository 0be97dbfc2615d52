"""Files of weights for the stand-in Hub: the beginnings of safetensors and GGUF files, as long as their headers are."""

import struct

from hub import safetensors

SIZES = {"BF16": 2, "F32": 4, "F8_E4M3": 1, "I32": 4}


def tensors(config, dtype="BF16", layers=None):
    """The tensors of a checkpoint of Qwen3 with that configuration as (name, type, shape, bytes), the matrices of layers in a type."""
    hidden, width, size = config["hidden_size"], config["intermediate_size"], config["head_dim"]
    query, shared = config["num_attention_heads"] * size, config["num_key_value_heads"] * size
    shapes = {"model.embed_tokens.weight": [config["vocab_size"], hidden], "model.norm.weight": [hidden]}
    if not config["tie_word_embeddings"]:
        shapes["lm_head.weight"] = [config["vocab_size"], hidden]
    for layer in layers or range(config["num_hidden_layers"]):
        for name, shape in {
            "self_attn.q_proj": [query, hidden], "self_attn.k_proj": [shared, hidden], "self_attn.v_proj": [shared, hidden],
            "self_attn.o_proj": [hidden, query], "self_attn.q_norm": [size], "self_attn.k_norm": [size],
            "mlp.gate_proj": [width, hidden], "mlp.up_proj": [width, hidden], "mlp.down_proj": [hidden, width],
            "input_layernorm": [hidden], "post_attention_layernorm": [hidden],
        }.items():
            shapes[f"model.layers.{layer}.{name}.weight"] = shape
    result = []
    for name, shape in shapes.items():
        kind = dtype if name.startswith("model.layers.") and len(shape) == 2 else "BF16"
        result.append((name, kind, shape, SIZES[kind] * elements(shape)))
    return result


def elements(shape):
    product = 1
    for size in shape:
        product *= size
    return product


def counts(listed):
    """How many elements of each type there are, as the Hub counts them."""
    result = {}
    for _, kind, shape, _ in listed:
        result[kind] = result.get(kind, 0) + elements(shape)
    return {"parameters": result, "total": sum(result.values())}


def shards(listed, count):
    """Files of the tensors as `model-00001-of-0000n.safetensors`."""
    return {
        f"model-{n + 1:05}-of-{count:05}.safetensors": safetensors(listed[n::count]) for n in range(count)
    }


def text(value):
    return struct.pack("<Q", len(value)) + value.encode()


def gguf(metadata, listed):
    """The header of a GGUF file (version 3): texts, integers and lists of texts, and tensors as (name, dimensions, type)."""
    data = b"GGUF" + struct.pack("<IQQ", 3, len(listed), len(metadata))
    for key, value in metadata.items():
        data += text(key)
        if isinstance(value, str):
            data += struct.pack("<I", 8) + text(value)
        elif isinstance(value, list):
            data += struct.pack("<IIQ", 9, 8, len(value)) + b"".join(text(word) for word in value)
        else:
            data += struct.pack("<II", 4, value)
    for name, dimensions, kind in listed:
        data += text(name) + struct.pack("<I", len(dimensions)) + struct.pack(f"<{len(dimensions)}Q", *dimensions)
        data += struct.pack("<IQ", kind, 0)
    return data


F16, Q8_0, Q4_K, Q6_K = 1, 8, 12, 14
FILE_TYPES = {F16: 1, Q8_0: 7, Q4_K: 15}


def gguf_of_qwen3(config, kind, layers=None, words=0):
    """The header of a GGUF file of Qwen3 with that configuration; `words` makes its tokenizer as long as a real one's."""
    hidden, width, size = config["hidden_size"], config["intermediate_size"], config["head_dim"]
    query, shared = config["num_attention_heads"] * size, config["num_key_value_heads"] * size
    metadata = {
        "general.architecture": "qwen3", "general.file_type": FILE_TYPES[kind], "qwen3.block_count": config["num_hidden_layers"],
        "qwen3.context_length": config["max_position_embeddings"], "qwen3.embedding_length": hidden,
        "qwen3.feed_forward_length": width, "qwen3.attention.head_count": config["num_attention_heads"],
        "qwen3.attention.head_count_kv": config["num_key_value_heads"], "qwen3.attention.key_length": size,
        "qwen3.attention.value_length": size, "tokenizer.ggml.tokens": [f"word {n:020}" for n in range(words)],
    }
    listed = [("token_embd.weight", [hidden, config["vocab_size"]], kind)]
    for layer in range(config["num_hidden_layers"]) if layers is None else layers:
        for name, shape in {
            "attn_q": [hidden, query], "attn_k": [hidden, shared], "attn_v": [hidden, shared], "attn_output": [query, hidden],
            "ffn_gate": [hidden, width], "ffn_up": [hidden, width], "ffn_down": [width, hidden],
        }.items():
            listed.append((f"blk.{layer}.{name}.weight", shape, kind))
    return gguf(metadata, listed)

