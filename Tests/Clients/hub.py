"""A stand-in for the Hugging Face Hub: a handful of models in the shapes of the Hub's API, on a free loopback port.

    with hub.Hub() as stand_in:
        program = serve(environment={"HF_ENDPOINT": stand_in.url})

It answers, as the Hub does:

    GET /api/models?search=&pipeline_tag=&limit=&cursor=&expand[]=    a page, the most downloaded first, with a Link to the next
    GET /api/models/{id}, /api/models/{id}/revision/{revision}         one model, with an ETag
    GET /api/models/{id}/tree/{revision}?recursive=true                its files with their sizes
    GET /{id}/resolve/{revision}/{path}                                 a file, or the bytes of it that a Range names
    GET /api/whoami-v2                                                  whose token it is
    GET /oauth/authorize?client_id=&redirect_uri=&state=&…              back to the redirect URI with a code, as if `ada` agreed
    POST /oauth/token                                                   a token for a code and its verifier (RFC 7636), once

With `expand[]` a model has the named fields and its name, nothing else. Weights (.safetensors, .gguf) are answered with a redirect
to a second server, as the Hub redirects to the network that holds them: `store_requests` has what came there.

`Hub(models)` takes other models than `MODELS`; `many(n)` makes n of them. Files are in `files[id][path]`, as bytes; `sizes[id][path]`
is the size of a file of which only the beginning is there. Tokens are in `TOKENS`: that of `ada` may read the gated model, that of
`bob` may not.

To misbehave, set `hub.behave` to a function of a request (`method`, `path`, `query` as a dict of lists, `headers`) that returns
None, or (status, headers, body) as the answer to give instead; it may block, for a slow Hub, on an event of the test's.
It is asked at the second server too, where paths are `/{id}/{path}`. `requests` has every request that came, in order.
"""

import base64
import dataclasses
import hashlib
import http.server
import itertools
import json
import struct
import threading
import urllib.parse

import confidential

numbers = itertools.count(1)
SHA = "c1899de289a04d12100db370d81485cdf75e47ca"

ADA, BOB = (confidential.secret(f"the Hub's token of {name}", f"hf_{name}") for name in ("ada", "bob"))
# A token that the Hub does not know.
NOBODY = confidential.secret("the Hub's token of nobody", "hf_nobody")
REFRESH = confidential.secret("the Hub's refresh token", "hf_refresh")
IDENTITY = confidential.secret("the Hub's ID token", "eyJ")
TOKENS = {ADA: "ada", BOB: "bob"}
READERS = {"meta-llama/Llama-3.1-8B-Instruct": {ADA}}


def model(name, architecture, parameters, downloads=1000, **fields):
    """A model with every field that the Hub gives when it is asked for."""
    return {
        "_id": "680da5a2c4b4a3e4a6c6d3a1",
        "id": name,
        "modelId": name,
        "author": name.split("/")[0],
        "sha": SHA,
        "private": False,
        "gated": False,
        "disabled": False,
        "downloads": downloads,
        "likes": downloads // 1000,
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "tags": ["transformers", "safetensors", "text-generation", "region:us"],
        "createdAt": "2025-04-27T03:40:08.000Z",
        "lastModified": "2025-07-26T03:46:27.000Z",
        "config": {"architectures": [architecture], "model_type": architecture.removesuffix("ForCausalLM").lower()},
        "safetensors": {"parameters": {"BF16": parameters}, "total": parameters},
        "siblings": [{"rfilename": "config.json"}, {"rfilename": "model.safetensors"}],
        **fields,
    }


MODELS = [
    model("Qwen/Qwen3-0.6B", "Qwen3ForCausalLM", 751632384, downloads=6123456),
    model("meta-llama/Llama-3.1-8B-Instruct", "LlamaForCausalLM", 8030261248, downloads=5123456, gated="manual"),
    model("mistralai/Mistral-7B-Instruct-v0.3", "MistralForCausalLM", 7248023552, downloads=912345),
    model("Qwen/Qwen3-8B", "Qwen3ForCausalLM", 8190735360, downloads=4123456),
    model("google-bert/bert-base-uncased", "BertForMaskedLM", 110106428, downloads=60123456, pipeline_tag="fill-mask"),
    model("example/Odd-Qwen", "OddForCausalLM", 1000000, downloads=12),
    model(
        "Qwen/Qwen3-0.6B-GGUF", "", 0, downloads=91234, library_name="gguf", config={}, safetensors=None,
        tags=["gguf", "base_model:quantized:Qwen/Qwen3-0.6B"],
        gguf={"total": 751632384, "architecture": "qwen3", "context_length": 40960, "totalFileSize": 639446688},
        siblings=[{"rfilename": "README.md"}, {"rfilename": "Qwen3-0.6B-Q8_0.gguf"}, {"rfilename": "Qwen3-0.6B-Q4_K_M.gguf"}],
    ),
]

QWEN3_CONFIG = {
    "architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "hidden_size": 1024, "intermediate_size": 3072,
    "num_hidden_layers": 28, "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151936,
    "max_position_embeddings": 40960, "tie_word_embeddings": True, "torch_dtype": "bfloat16",
}


def safetensors(tensors):
    """The beginning of a safetensors file with tensors given as (name, type, shape, bytes); the weights are left out."""
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, kind, shape, size in tensors:
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text


def many(count, architecture="Qwen3ForCausalLM"):
    """That many models, `example/many-0` and so on, the most downloaded first."""
    return [model(f"example/many-{n}", architecture, 1000000, downloads=count - n) for n in range(count)]


@dataclasses.dataclass
class Request:
    """A request as it came."""

    method: str
    path: str
    query: dict
    headers: dict
    body: bytes = b""

    @property
    def form(self):
        return {name: values[0] for name, values in urllib.parse.parse_qs(self.body.decode()).items()}

    @property
    def token(self):
        return self.headers.get("authorization", "").removeprefix("Bearer ") or None

    def first(self, name, default=None):
        return self.query.get(name, [default])[0]


class Hub:
    """The stand-in; a context manager."""

    def __init__(self, models=None):
        self.models = list(MODELS if models is None else models)
        self.files = {
            "Qwen/Qwen3-0.6B": {
                "config.json": json.dumps(QWEN3_CONFIG).encode(),
                "model.safetensors": safetensors([("model.embed_tokens.weight", "BF16", [151936, 1024], 311164928)]),
            },
            "meta-llama/Llama-3.1-8B-Instruct": {"config.json": b'{"architectures": ["LlamaForCausalLM"]}'},
            "Qwen/Qwen3-0.6B-GGUF": {
                "README.md": b"# Qwen3", "Qwen3-0.6B-Q8_0.gguf": b"GGUF", "Qwen3-0.6B-Q4_K_M.gguf": b"GGUF",
            },
        }
        self.sizes = {}
        self.codes = {}
        self.requests, self.store_requests = [], []
        self.behave = lambda request: None
        self.page = 1000

    def __enter__(self):
        self.servers = [start(self.store_requests, self.stored), start(self.requests, self.answer)]
        self.store_url, self.url = (f"http://127.0.0.1:{server.server_port}" for server in self.servers)
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.shutdown()
            server.server_close()

    # What is answered: (status, headers, body).

    def answer(self, request):
        given = self.behave(request)
        if given is not None:
            return given
        if request.token and request.token not in TOKENS and request.path != "/api/whoami-v2":
            return refusal(401, None, "Invalid credentials in Authorization header")
        if request.path == "/oauth/authorize":
            return self.authorize(request)
        if request.path == "/oauth/token":
            return self.exchange(request)
        if request.path == "/api/models":
            return self.list(request)
        if request.path == "/api/whoami-v2":
            return whoami(request)
        if request.path.startswith("/api/models/"):
            name, kind, revision = self.split(request.path.removeprefix("/api/models/"), ["revision", "tree"])
        else:
            name, kind, revision = self.split(request.path[1:], ["resolve"])
            if kind is None:
                return refusal(404, None, "Sorry, we can't find the page you are looking for.")
        found = next((m for m in self.models if m["id"] == name), None)
        if found is None:
            return refusal(404 if request.token else 401, "RepoNotFound", "Repository not found")
        revision, _, path = revision.partition("/")
        if urllib.parse.unquote(revision) not in ("main", found["sha"]):
            return refusal(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        if kind == "tree":
            return self.tree(request, name)
        if kind == "resolve":
            return self.file(request, found, urllib.parse.unquote(path))
        return reply(expanded(request, found), {"ETag": f'W/"{len(json.dumps(expanded(request, found)))}"'}, request)

    def authorize(self, request):
        """RFC 6749 §4.1.2."""
        code = confidential.secret(f"code {next(numbers)} of a sign-in", "code-")
        confidential.register("state of a sign-in", request.first("state", ""))
        self.codes[code] = {name: values[0] for name, values in request.query.items()}
        back = urllib.parse.urlencode({"code": code, "state": request.first("state", "")})
        return 302, {"Location": f"{request.first('redirect_uri')}?{back}"}, b""

    def exchange(self, request):
        """RFC 6749 §4.1.3 and §5.2, RFC 7636 §4.6."""
        form = request.form
        confidential.register("verifier of a sign-in", form.get("code_verifier", ""))
        asked = self.codes.pop(form.get("code"), None)
        if request.method != "POST" or form.get("grant_type") != "authorization_code":
            return reply({"error": "unsupported_grant_type"}, status=400)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or (asked["client_id"], asked["redirect_uri"]) != (form.get("client_id"), form.get("redirect_uri")):
            return reply({"error": "invalid_grant", "error_description": "The code is not valid"}, status=400)
        if asked["code_challenge_method"] != "S256" or asked["code_challenge"] != challenge:
            return reply({"error": "invalid_grant", "error_description": "The verifier is not valid"}, status=400)
        return reply({
            "access_token": ADA, "token_type": "bearer", "expires_in": 28800, "scope": asked["scope"],
            "id_token": IDENTITY, "refresh_token": REFRESH,
        })

    @staticmethod
    def split(path, kinds):
        for kind in kinds:
            name, mark, rest = path.partition(f"/{kind}/")
            if mark:
                return name, kind, rest
        return path, None, "main"

    def list(self, request):
        words, tag = request.first("search", "").lower(), request.first("pipeline_tag")
        found = [m for m in self.models if words in m["id"].lower() and tag in (None, m["pipeline_tag"])]
        found.sort(key=lambda m: -m["downloads"])
        return self.paged(request, [expanded(request, m) for m in found])

    def tree(self, request, name):
        entries = []
        for path, data in sorted(self.files.get(name, {}).items()):
            size = self.sizes.get(name, {}).get(path, len(data))
            entry = {"type": "file", "oid": "b", "size": size, "path": path}
            if is_large(path):
                entry["lfs"] = {"oid": "c0ffee", "size": size, "pointerSize": 134}
            entries.append(entry)
        return self.paged(request, entries)

    def paged(self, request, entries):
        start = int(base64.b64decode(request.first("cursor", "MA==")))
        end = start + min(int(request.first("limit", self.page)), self.page)
        headers = {}
        if end < len(entries):
            query = {**request.query, "cursor": [base64.b64encode(str(end).encode()).decode()]}
            link = f"{self.url}{request.path}?{urllib.parse.urlencode(query, doseq=True)}"
            headers["Link"] = f'<{link}>; rel="next"'
        return reply(entries[start:end], headers)

    def file(self, request, found, path):
        if found["gated"] and request.token not in READERS.get(found["id"], ()):
            status = 403 if request.token else 401
            return refusal(status, "GatedRepo", f"Access to model {found['id']} is restricted.")
        data = self.files.get(found["id"], {}).get(path)
        if data is None:
            return refusal(404, "EntryNotFound", "Entry not found")
        if is_large(path):
            return 302, {"Location": f"{self.store_url}/{found['id']}/{urllib.parse.quote(path)}"}, b""
        return part(request, data)

    def stored(self, request):
        owner, name, path = urllib.parse.unquote(request.path[1:]).split("/", 2)
        name = f"{owner}/{name}"
        given = self.behave(request)
        if given is not None:
            return given
        return part(request, self.files[name][path], self.sizes.get(name, {}).get(path))


def is_large(path):
    return path.endswith((".safetensors", ".gguf"))


def expanded(request, found):
    names = request.query.get("expand[]", []) + request.query.get("expand", [])
    found = {key: value for key, value in found.items() if value is not None}
    return {key: found[key] for key in found if not names or key in names or key in ("_id", "id")}


def whoami(request):
    name = TOKENS.get(request.token)
    if name is None:
        return refusal(401, None, "Invalid username or password.")
    return reply({
        "type": "user", "id": f"id-{name}", "name": name, "fullname": name.title(), "email": f"{name}@example.com",
        "avatarUrl": f"/avatars/{name}.svg", "orgs": [],
    })


def reply(value, headers=None, request=None, status=200):
    headers = headers or {}
    if request and "ETag" in headers and request.headers.get("if-none-match") == headers["ETag"]:
        return 304, headers, b""
    return status, {"Content-Type": "application/json; charset=utf-8", **headers}, json.dumps(value).encode()


def refusal(status, code, message):
    headers = {"Content-Type": "application/json; charset=utf-8", "X-Error-Message": message}
    if code:
        headers["X-Error-Code"] = code
    return status, headers, json.dumps({"error": message}).encode()


def part(request, data, size=None):
    """The bytes that a Range names of a file, of which there are none behind those of its beginning."""
    if "range" not in request.headers:
        return 200, {"Content-Type": "application/octet-stream"}, data
    first, last = (int(end) for end in request.headers["range"].removeprefix("bytes=").split("-"))
    if first >= len(data):
        return 416, {"Content-Range": f"bytes */{size or len(data)}"}, b""
    last = min(last, len(data) - 1)
    return 206, {"Content-Range": f"bytes {first}-{last}/{size or len(data)}"}, data[first:last + 1]


def start(requests, answer):
    """A server of its own on a free port, each connection in a thread."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            url = urllib.parse.urlsplit(self.path)
            query = urllib.parse.parse_qs(url.query, keep_blank_values=True)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            request = Request(self.command, url.path, query, headers, body)
            confidential.register("token that the Hub was shown", request.token or "")
            requests.append(request)
            status, fields, body = answer(request)
            self.send_response(status)
            for name, value in fields.items():
                self.send_header(name, value)
            if status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True
        # Many connect at once: one that finds the queue full would try again after a second only.
        request_queue_size = 256

        def handle_error(self, *_):
            """A client that has gone away, as one that was cancelled, is no error."""

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
