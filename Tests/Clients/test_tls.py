"""TLS: curl, Python's requests, ssl and websockets against a server with a certificate of its own authority."""

import asyncio
import concurrent.futures
import http.client
import re
import signal
import socket
import ssl
import subprocess
import urllib.parse

import aiohttp
import pytest
import requests
import websockets

from conftest import FIXTURE, Program
from waiting import PATIENCE, SOCKET_PATIENCE, until


class Served:
    """A server that speaks TLS, and what its clients need."""

    def __init__(self, folder, *flags):
        self.folder = folder
        self.program = Program([FIXTURE, "--tls", folder, *flags]).ready()
        self.url, self.port = self.program.url, self.program.port
        self.authority = str(folder / "ca.pem")
        self.identity = (str(folder / "client.pem"), str(folder / "client.key"))

    def get(self, path, **options):
        return requests.get(self.url + path, verify=self.authority, timeout=PATIENCE, **options)

    def context(self):
        context = ssl.create_default_context(cafile=self.authority)
        # What Python 3.13 asks of certificates by default.
        context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
        return context

    def connect(self, context=None, name="localhost"):
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        return (context or self.context()).wrap_socket(plain, server_hostname=name)

    def handshakes(self, result, session=requests):
        """How many handshakes ended so."""
        page = session.get(self.url + "/metrics", verify=self.authority, timeout=PATIENCE).text
        match = re.search(rf'^http_tls_handshakes_total{{result="{result}"}} (\d+)$', page, re.M)
        return int(match[1]) if match else 0

    def wait_for_handshakes(self, result, number):
        """Returns once as many ended so: each loop adds up what happened when its turn is over."""
        until(lambda: self.handshakes(result) >= number, f"{number} handshakes are {result}")
        assert self.handshakes(result) == number

    def end(self):
        assert self.program.process.poll() is None, "the fixture died: " + "\n".join(self.program.errors)
        self.program.signal(signal.SIGTERM)
        assert self.program.end() == 0


@pytest.fixture(scope="module", params=["epoll", "dispatch"])
def tls(request, tmp_path_factory):
    """One server for each poller, which asks for clients' certificates and takes those that have none."""
    flags = ["--dispatch-poller"] if request.param == "dispatch" else []
    served = Served(tmp_path_factory.mktemp("tls"), "--client-certificates", "optional", *flags)
    yield served
    served.end()


@pytest.fixture
def own(tmp_path):
    """A server that this test alone talks to."""
    served = Served(tmp_path)
    yield served
    served.end()


@pytest.fixture
def curl(tool):
    path = tool("curl", "curl")

    def run(*arguments):
        return subprocess.run(
            [path, "--silent", "--show-error", "--max-time", str(PATIENCE), *map(str, arguments)], capture_output=True, text=True
        )

    return run


def test_curl_believes_the_authority(tls, curl):
    answer = curl("--cacert", tls.authority, "--verbose", tls.url + "/text")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout == "hello"
    assert "TLSv1.3" in answer.stderr
    assert "ALPN" in answer.stderr and "server accepted http/1.1" in answer.stderr
    by_name = curl("--cacert", tls.authority, f"https://localhost:{tls.port}/text")
    assert by_name.stdout == "hello"


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_curl_speaks_both_versions(tls, curl, version):
    answer = curl("--cacert", tls.authority, f"--tlsv{version}", "--tls-max", version, "-v", tls.url + "/text")
    assert answer.stdout == "hello", answer.stderr
    assert f"SSL connection using TLSv{version}" in answer.stderr


def test_curl_refuses_an_unknown_authority_and_a_wrong_name(tls, curl):
    # 60: the peer's certificate cannot be authenticated with the known authorities, or is for another name.
    unknown = curl(tls.url + "/text")
    assert unknown.returncode == 60 and unknown.stdout == ""
    wrong = curl(
        "--cacert", tls.authority, "--resolve", f"wrong.example:{tls.port}:127.0.0.1",
        f"https://wrong.example:{tls.port}/text",
    )
    assert wrong.returncode == 60 and "wrong.example" in wrong.stderr


def test_curl_sends_and_gets_large_bodies(tls, curl, tmp_path):
    body = bytes(range(256)) * 20_000
    (tmp_path / "body").write_bytes(body)
    answer = curl(
        "--cacert", tls.authority, "--data-binary", f"@{tmp_path}/body", "-H", "Content-Type: image/png",
        "-o", tmp_path / "answer", tls.url + "/echo",
    )
    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / "answer").read_bytes() == body


def test_curl_gets_a_slow_reader_s_share(tls, curl, tmp_path):
    answer = curl(
        "--cacert", tls.authority, "--limit-rate", "4M", "-o", tmp_path / "answer",
        tls.url + "/stream?chunks=800&size=10000",
    )
    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / "answer").stat().st_size == 8_000_000


def test_a_session_keeps_its_connection(own):
    with requests.Session() as session:
        for _ in range(200):
            assert session.get(own.url + "/text", verify=own.authority, timeout=PATIENCE).text == "hello"
        assert own.handshakes("completed", session) == 1


def test_requests_refuses_an_unknown_authority(tls):
    with pytest.raises(requests.exceptions.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        requests.get(tls.url + "/text", timeout=PATIENCE)


def test_many_threads_at_once(tls):
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        texts = list(pool.map(lambda _: tls.get("/text").text, range(200)))
    assert texts == ["hello"] * 200


def test_streams_and_gzip(tls):
    with tls.get("/stream?chunks=500&size=1000", stream=True) as answer:
        assert sum(len(piece) for piece in answer.iter_content(777)) == 500_000
    assert len(tls.get("/large").json()) == 20_000
    assert tls.get("/events").text.count("id: ") == 3


def test_uploads_in_chunks(tls):
    answer = requests.post(
        tls.url + "/echo", data=(b"x" * n for n in range(1, 500)), verify=tls.authority, timeout=PATIENCE
    )
    assert answer.content == b"x" * sum(range(1, 500))


def test_names_of_the_clients_certificate(tls):
    assert tls.get("/peer").json() == {"commonName": None, "organizations": []}
    assert tls.get("/peer", cert=tls.identity).json() == {
        "commonName": "alice",
        "organizations": ["system:masters", "developers"],
    }


def test_a_certificate_of_another_authority_is_refused(tls, tmp_path):
    other = Served(tmp_path)
    context = tls.context()
    context.load_cert_chain(*other.identity)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        with tls.connect(context) as connection:
            connection.sendall(b"GET /text HTTP/1.1\r\nHost: localhost\r\n\r\n")
            connection.recv(100)
            connection.recv(100)
    other.end()


def test_certificates_that_are_required(tmp_path):
    served = Served(tmp_path, "--client-certificates", "required")
    assert served.get("/peer", cert=served.identity).json()["commonName"] == "alice"
    with pytest.raises(requests.exceptions.ConnectionError):
        served.get("/peer")
    served.end()


def test_strict_clients_believe_the_certificates(tls):
    context = tls.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with tls.connect(context) as connection:
        assert connection.version() == "TLSv1.3"
        assert connection.selected_alpn_protocol() == "http/1.1"
        connection.sendall(b"GET /text HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b""
        # An end without close_notify would raise here.
        while piece := connection.recv(4096):
            answer += piece
        assert answer.endswith(b"\r\n\r\nhello")
    with pytest.raises(ssl.SSLCertVerificationError, match="wrong.example"):
        tls.connect(name="wrong.example")


def test_tls_1_1_is_refused(tls):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(tls.authority)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1_1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        tls.connect(context)


def test_plain_http_is_told_what_is_wrong(own):
    connection = http.client.HTTPConnection("127.0.0.1", own.port, timeout=PATIENCE)
    connection.request("GET", "/text")
    answer = connection.getresponse()
    assert answer.status == 400
    assert answer.getheader("Content-Type") == "text/plain; charset=utf-8"
    assert answer.read() == b"Client sent an HTTP request to an HTTPS server.\n"
    own.wait_for_handshakes("plain_http", 1)


def test_failed_handshakes_are_counted(own):
    for first in [b"\x16\x03\x01\x00\x05hello", b"\x00" * 100, b"\x16\x03\x01\x02"]:
        with socket.create_connection(("127.0.0.1", own.port), timeout=PATIENCE) as plain:
            plain.sendall(first)
            plain.shutdown(socket.SHUT_WR)
            while plain.recv(4096):
                pass
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(own.url + "/text", timeout=PATIENCE)
    # One that connects and leaves has not tried to shake hands.
    socket.create_connection(("127.0.0.1", own.port), timeout=PATIENCE).close()
    own.wait_for_handshakes("failed", 4)


def test_a_new_certificate_is_taken_while_the_server_runs(own):
    def serial():
        with own.connect() as connection:
            return connection.getpeercert()["serialNumber"]

    first = serial()
    with requests.Session() as session:
        get = lambda: session.get(own.url + "/text", verify=own.authority, timeout=PATIENCE).text
        assert get() == "hello"
        own.program.signal(signal.SIGHUP)
        until(lambda: serial() != first, "the new certificate is shown")
        assert get() == "hello"


def test_websockets(tls):
    url = "wss://localhost:" + str(tls.port) + "/ws"

    async def main():
        async with websockets.connect(url, ssl=tls.context(), max_size=None, **SOCKET_PATIENCE) as socket:
            await socket.send("grüße")
            assert await socket.recv() == "grüße"
            large = bytes(range(256)) * 4096
            await socket.send(large)
            assert await socket.recv() == large
            await socket.send("close")
            with pytest.raises(websockets.ConnectionClosedOK):
                await socket.recv()

    asyncio.run(main())


def test_five_hundred_clients_at_once(tls):
    async def main():
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, ssl=tls.context())) as session:

            async def one(number):
                async with session.get(tls.url + ("/text" if number % 2 else "/slow?ms=50")) as answer:
                    return await answer.text()

            return await asyncio.gather(*(one(n) for n in range(500)))

    texts = asyncio.run(main())
    assert texts.count("hello") == 250 and texts.count("late") == 250


def test_the_absolute_form_of_a_target_names_https(tls):
    with tls.connect() as connection:
        host = urllib.parse.urlsplit(tls.url).netloc
        for scheme, status in [("https", 200), ("http", 400)]:
            connection.sendall(f"GET {scheme}://{host}/text HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            answer.read()
            assert answer.status == status
