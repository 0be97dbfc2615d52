"""The proxy of the configuration: what Ingot asks of others goes through it, and this machine is asked directly."""

import base64
import http.server
import json
import threading

import confidential
import requests
from waiting import PATIENCE, until, until_answer


def test_an_api_server_elsewhere_is_asked_through_the_proxy(start, tmp_path):
    asked = []

    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_CONNECT(self):
            asked.append((self.path, self.headers["Proxy-Authorization"]))
            self.send_error(403, "Not through here")

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        kubeconfig = tmp_path / "kubeconfig"
        kubeconfig.write_text(
            """{"apiVersion": "v1", "kind": "Config", "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "users": [{"name": "u", "user": {"token": "TOKEN"}}],
            "clusters": [{"name": "c", "cluster": {"server": "https://cluster.invalid:6443"}}]}""".replace("TOKEN", confidential.secret("token of a kubeconfig"))
        )
        configuration = tmp_path / "ingot.json"
        password = confidential.secret("password of a proxy")
        address = f"http://ada:{password}@127.0.0.1:{proxy.server_address[1]}"
        configuration.write_text(json.dumps({"outbound": {"proxy": address}}))
        flags = ["--port", "0", "--data-dir", tmp_path / "data", "--cluster", "kubernetes", "--kubeconfig", kubeconfig]
        ingot = start("serve", *flags, "--config", configuration).ready()
        # Before anything was asked, the status says that nothing has been read yet.
        until(lambda: asked, "the proxy is asked")
        until_answer(ingot.url + "/api/cluster/status", lambda answer: answer.json()["error"])
        assert not requests.get(ingot.url + "/api/cluster/status", timeout=PATIENCE).json()["connected"]
        credential = base64.b64encode(f"ada:{password}".encode()).decode()
        assert set(asked) == {("cluster.invalid:6443", f"Basic {credential}")}
        proxy.shutdown()
