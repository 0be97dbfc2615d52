import JSON

/// Models, files and users as the Hub has them.
enum Recorded {
    static let commit = "c1899de289a04d12100db370d81485cdf75e47ca"

    /// A model with all fields that the Hub gives.
    static func model(
        _ id: String,
        architecture: String = "Qwen3ForCausalLM",
        pipelineTag: String = "text-generation",
        gated: JSONValue = false,
        isPrivate: Bool = false,
        sha: String = commit
    ) -> JSONValue {
        [
            "_id": "680da5a2c4b4a3e4a6c6d3a1", "id": .string(id), "modelId": .string(id),
            "author": .string(String(id.prefix { $0 != "/" })), "sha": .string(sha),
            "private": .bool(isPrivate),
            "gated": gated, "disabled": false, "downloads": 6_123_456, "likes": 751,
            "library_name": "transformers", "pipeline_tag": .string(pipelineTag),
            "tags": ["transformers", "safetensors", "qwen3", "license:apache-2.0", "region:us"],
            "createdAt": "2025-04-27T03:40:08.000Z", "lastModified": "2025-07-26T03:46:27.000Z",
            "config": [
                "architectures": [.string(architecture)], "model_type": "qwen3",
                "tokenizer_config": [
                    "chat_template": "{% for message in messages %}", "eos_token": "<|im_end|>",
                ],
            ],
            "safetensors": ["parameters": ["BF16": 751_632_384], "total": 751_632_384],
            "siblings": [
                ["rfilename": "README.md"], ["rfilename": "config.json"], ["rfilename": "model.safetensors"],
            ],
            "usedStorage": 1_503_300_000,
        ]
    }

    static let gguf: JSONValue = [
        "id": "ggml-org/Qwen3-0.6B-GGUF", "sha": .string(commit), "private": false, "gated": false,
        "downloads": 9001, "likes": 12, "library_name": "gguf", "pipeline_tag": "text-generation",
        "tags": ["gguf", "base_model:quantized:Qwen/Qwen3-0.6B"],
        "gguf": [
            "total": 596_049_920, "architecture": "qwen3", "context_length": 40960,
            "totalFileSize": 639_446_688,
            "chat_template": "{%- if tools %}", "bos_token": "<|endoftext|>",
        ],
    ]

    static let user: JSONValue = [
        "type": "user", "id": "5e67bdd61009063689407479", "name": "ada", "fullname": "Ada Lovelace",
        "email": "ada@example.com", "emailVerified": true, "isPro": false, "avatarUrl": "/avatars/a.svg",
        "orgs": [["type": "org", "id": "o", "name": "engines", "fullname": "Engines"]],
        "auth": ["type": "access_token", "accessToken": ["displayName": "t", "role": "read"]],
    ]

    /// A safetensors file with these tensors, all zeros left out.
    static func safetensors(_ tensors: [(name: String, type: String, shape: [Int64], bytes: Int64)])
        -> [UInt8]
    {
        var header: JSONValue = ["__metadata__": ["format": "pt"]]
        var offset: Int64 = 0
        for tensor in tensors {
            header[tensor.name] = [
                "dtype": .string(tensor.type), "shape": .array(tensor.shape.map { .integer($0) }),
                "data_offsets": [.integer(offset), .integer(offset + tensor.bytes)],
            ]
            offset += tensor.bytes
        }
        let json = header.encoded()
        return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) } + json + [1, 2, 3, 4]
    }
}
