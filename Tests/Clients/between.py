"""Stands between a server and its cluster, and holds a request where a test wants it: before the cluster has it, or when it is done."""

import base64
import http.client
import http.server
import json
import pathlib
import ssl
import threading
import urllib.parse

import yaml

from waiting import PATIENCE

PER_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade"}


class Hold:
    """A request that is held, once there is one."""

    def __init__(self, method, path, when):
        self.method, self.path, self.when = method, path, when
        self.reached, self.over = threading.Event(), threading.Event()

    def wait(self):
        assert self.reached.wait(PATIENCE), f"no {self.method} {self.path} came"

    def stop(self, request, when):
        """Holds a request if it is the one; it goes no further then."""
        if self.when != when or request.command != self.method or self.path not in request.path:
            return False
        self.reached.set()
        self.over.wait(PATIENCE)
        return True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    # Ingot connects many times at once: a connection that finds the queue full would try again after a second only.
    request_queue_size = 256


class Between:
    """A proxy of plain HTTP with a kubeconfig for it. `hold` says which request stops, before or after the cluster has seen to it."""

    def __init__(self, kubeconfig, folder):
        config = yaml.safe_load(pathlib.Path(kubeconfig).read_text())
        cluster = config["clusters"][0]["cluster"]
        self.target = urllib.parse.urlsplit(cluster["server"])
        authority = base64.b64decode(cluster.pop("certificate-authority-data")).decode()
        self.context = ssl.create_default_context(cadata=authority)
        self.held = None
        self.server = Server(("127.0.0.1", 0), self._handler())
        cluster["server"] = f"http://127.0.0.1:{self.server.server_port}"
        self.kubeconfig = pathlib.Path(folder) / "between.kubeconfig"
        self.kubeconfig.write_text(json.dumps(config))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def hold(self, method, path, when):
        self.held = Hold(method, path, when)
        return self.held

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.held:
            self.held.over.set()
        self.server.shutdown()
        self.server.server_close()

    def forward(self, request):
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        if self.held and self.held.stop(request, "before"):
            return
        connection = http.client.HTTPSConnection(self.target.hostname, self.target.port, context=self.context, timeout=PATIENCE)
        try:
            connection.putrequest(request.command, request.path, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers.items():
                if name.lower() not in PER_CONNECTION:
                    connection.putheader(name, self.target.netloc if name.lower() == "host" else value)
            connection.endheaders(body or None)
            answer = connection.getresponse()
            if self.held and self.held.stop(request, "after"):
                return
            request.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in PER_CONNECTION:
                    request.send_header(name, value)
            request.send_header("Connection", "close")
            request.end_headers()
            while part := answer.read1(65536):
                request.wfile.write(part)
        finally:
            connection.close()

    def _handler(between):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def any(self):
                self.close_connection = True
                try:
                    between.forward(self)
                except OSError:
                    """One of both has gone."""

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = any

            def log_message(self, *_):
                """Nothing is printed."""

        return Handler
