"""Servers that ask who calls them: users of an embedded cluster with the rights that a test gives them, and a stand-in for an OpenID
Connect issuer that signs whatever a test wants signed."""

import base64
import http.server
import json
import threading
import time

import pytest

import confidential
import kept
from cluster import Kubectl
from conftest import INGOT, Program
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from waiting import PATIENCE


def b64(data):
    """base64url without padding, as RFC 7515 has it."""
    if isinstance(data, dict):
        data = json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value):
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


class Key:
    """A key of an issuer, and its public half as a JSON web key."""

    def __init__(self, name, kind="RSA"):
        self.name, self.kind = name, kind
        self.key = rsa.generate_private_key(65537, 2048) if kind == "RSA" else ec.generate_private_key(ec.SECP256R1())

    @property
    def algorithm(self):
        return "RS256" if self.kind == "RSA" else "ES256"

    def public(self):
        numbers = self.key.public_key().public_numbers()
        common = {"kid": self.name, "use": "sig", "alg": self.algorithm, "kty": self.kind}
        if self.kind == "RSA":
            return {**common, "n": number(numbers.n), "e": number(numbers.e)}
        return {**common, "crv": "P-256", "x": b64(numbers.x.to_bytes(32, "big")), "y": b64(numbers.y.to_bytes(32, "big"))}

    def sign(self, content):
        if self.kind == "RSA":
            return self.key.sign(content, padding.PKCS1v15(), hashes.SHA256())
        r, s = utils.decode_dss_signature(self.key.sign(content, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class Issuer:
    """An OpenID Connect issuer on this machine."""

    audience = "ingot"

    def __init__(self):
        self.key = Key("first")
        self.published = [self.key.public()]
        self.status = 200
        self.fetches = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                documents = {
                    "/.well-known/openid-configuration": {"issuer": outer.url, "jwks_uri": outer.url + "/keys"},
                    "/keys": {"keys": outer.published},
                }
                if self.path == "/keys":
                    outer.fetches += 1
                body = json.dumps(documents.get(self.path, {})).encode()
                self.send_response(outer.status if self.path in documents else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        kept.administrators[self.url] = lambda: self.token(sub="everything", groups=["administrators"])

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def claims(self, **changes):
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": self.audience, "sub": "ada", "groups": ["readers"], "iat": now, "nbf": now, "exp": now + 3600,
        }
        claims.update(changes)
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, key=None, header=None, **changes):
        key = key or self.key
        head = {"alg": key.algorithm, "typ": "JWT", "kid": key.name, **(header or {})}
        content = f"{b64(head)}.{b64(self.claims(**changes))}"
        token = f"{content}.{b64(key.sign(content.encode()))}"
        return confidential.register_jwt(f"token of {changes.get('sub', 'ada')} by an issuer", token)

    def configuration(self, **auth):
        return {
            "mode": "oidc", "audiences": [self.audience],
            "oidc": {
                "issuer": self.url,
                "roles": {"viewer": ["readers"], "operator": ["deployers"], "admin": ["administrators"]},
            },
            **auth,
        }


def written(folder, **configuration):
    """A configuration file."""
    path = folder / "config.json"
    path.write_text(json.dumps(configuration))
    return path


READ = ["get", "list", "watch"]
RUNTIMES = [
    {"apiGroups": ["apps", "nvidia.com", "ray.io", "kaito.sh", "serving.kserve.io"], "resources": ["*"], "verbs": ["*"]},
    {"apiGroups": [""], "resources": ["pods", "pods/proxy", "services"], "verbs": ["*"]},
]
VIEWER = [{"apiGroups": ["*"], "resources": ["*"], "verbs": READ}, {"nonResourceURLs": ["/metrics"], "verbs": ["get"]}]
# What users of each role may do in the cluster.
RULES = {
    "stranger": [],
    "viewer": VIEWER,
    "operator": VIEWER + RUNTIMES,
    "admin": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}, {"nonResourceURLs": ["*"], "verbs": ["*"]}],
}
RANK = {"stranger": 0, "viewer": 1, "operator": 2, "admin": 3}
# What may be read by everybody whom the cluster knows: it is not about the cluster. Whether a model fits is.
ABOUT_MODELS = ("/api/models", "/api/settings", "/api/installation/providers/{id}/commands")


def is_about_models(path):
    return path.startswith(ABOUT_MODELS) and not path.endswith("/fit")


def rbac(name, kind, **content):
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": name}, **content}


def bind(kubectl, user, rules, namespace=None):
    """Gives a service account a role, in one namespace or in all."""
    scope = "" if namespace else "Cluster"
    subject = {"kind": "ServiceAccount", "name": user, "namespace": kubectl.namespace}
    role = rbac(f"test-{user}", f"{scope}Role", rules=rules)
    binding = rbac(f"test-{user}", f"{scope}RoleBinding", subjects=[subject], roleRef={
        "apiGroup": "rbac.authorization.k8s.io", "kind": f"{scope}Role", "name": f"test-{user}",
    })
    for object in (role, binding):
        if namespace:
            object["metadata"]["namespace"] = namespace
        Kubectl(kubectl.kubeconfig, kubectl.home)("apply", "-f", "-", input=object)


def service_account(kubectl, name, audience=None):
    """Makes a service account if there is none, and returns a token of it."""
    kubectl.run("create", "serviceaccount", name)
    flags = [f"--audience={audience}"] if audience else []
    return kubectl.text("create", "token", name, "--duration=1h", *flags)


def operations(document):
    """Method, path and access of every operation of an OpenAPI document, with a name that nothing has in place of parameters."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            filled = path
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path":
                    kind = parameter["schema"].get("type")
                    filled = filled.replace("{%s}" % parameter["name"], "1" if kind == "integer" else "nothing")
            yield method.upper(), path, filled, operation["x-ingot-access"], operation


def send(session, url, method, path, operation, token):
    """Sends a request that is harmless if it is let through; returns its status and its error."""
    headers = bearer(token) if token else {}
    body = {"json": {}} if "requestBody" in operation else {}
    with session.request(method, url + path, headers=headers, timeout=PATIENCE, stream=True, **body) as answer:
        error = {}
        if answer.status_code >= 400:
            try:
                error = json.loads(next(answer.iter_content(1 << 20), b"{}"))
            except ValueError:
                pass
        return answer.status_code, error, answer.headers


# Fixtures


@pytest.fixture(scope="module")
def issuer():
    stand_in = Issuer()
    yield stand_in
    stand_in.close()


@pytest.fixture(scope="module")
def trusting(issuer, tmp_path_factory):
    """A server without a cluster that trusts the issuer."""
    folder = tmp_path_factory.mktemp("oidc")
    config = written(folder, auth=issuer.configuration())
    flags = ["--port", "0", "--data-dir", folder / "data", "--cluster", "none", "--config", config]
    program = Program([INGOT, "serve", *flags]).ready()
    yield program
    program.kill()
