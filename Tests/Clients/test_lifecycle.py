"""The real process: how it starts, what its signals do, how it ends."""

import http.client
import json
import signal
import socket
import threading
import time

import pytest
import requests

from conftest import FIXTURE
from waiting import PATIENCE, until


def test_the_ready_line_comes_when_requests_are_answered(serve):
    for _ in range(5):
        program = serve()
        assert requests.get(program.url + "/api/health", timeout=PATIENCE).status_code == 200
        program.kill()


def traffic(program, clients, until_stopped):
    """`clients` threads with a request every 20 ms or so each; what went wrong on connections that were accepted, and until when
    the request had been sent."""
    failures, answered, started = [], [0], threading.Event()
    lock = threading.Lock()

    def client(number):
        connection = None
        # The port may be another's later.
        while not until_stopped.is_set():
            try:
                if connection is None:
                    connection = http.client.HTTPConnection("127.0.0.1", program.port, timeout=PATIENCE)
                    connection.connect()
            except ConnectionRefusedError:
                return
            sent = None
            try:
                connection.request("GET", "/api/health")
                sent = time.monotonic()
                answer = connection.getresponse()
                body = answer.read()
                assert answer.status == 200 and json.loads(body)["status"] == "healthy"
                with lock:
                    answered[0] += 1
                    if answered[0] > 200:
                        started.set()
                if answer.will_close or number % 2:
                    connection.close()
                    connection = None
            except Exception as error:
                with lock:
                    failures.append((time.monotonic() if sent is None else sent, repr(error)))
                return
            until_stopped.wait(0.02)

    threads = [threading.Thread(target=client, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    return threads, failures, started


# For how many seconds of a stop a connection that looks idle may bring another request.
IDLE = 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_under_traffic_fails_no_request(serve, number):
    program = serve()
    stopped = threading.Event()
    threads, failures, started = traffic(program, 8, stopped)
    assert started.wait(PATIENCE)
    begin = time.monotonic()
    program.signal(number)
    assert program.end() == 0
    stopped.set()
    for thread in threads:
        thread.join()
    # A client that was held up so long that its request came later may find a connection closed that it has left idle.
    assert [error for sent, error in failures if sent < begin + IDLE] == []


# For tests in which nothing may come to an end because the machine is slow.
PATIENT = {
    "INGOT_SERVER_LIMITS_HEAD_TIMEOUT": "1h", "INGOT_SERVER_LIMITS_BODY_IDLE_TIMEOUT": "1h",
    "INGOT_SERVER_LIMITS_MINIMUM_BODY_RATE": "0",
}


def request_in_progress(program, path):
    """A request of which the body, four bytes, is still to come."""
    raw = socket.create_connection(("127.0.0.1", program.port), timeout=PATIENCE)
    raw.sendall(
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 4\r\n"
        "Expect: 100-continue\r\n\r\n".encode()
    )
    # The interim answer shows that the request has been taken in.
    interim = b""
    while not interim.endswith(b"\r\n\r\n"):
        interim += raw.recv(1)
    assert interim.startswith(b"HTTP/1.1 100 ")
    return raw


def test_a_request_in_progress_is_answered_with_connection_close(start):
    program = start(executable=FIXTURE).ready()
    with request_in_progress(program, "/echo") as raw:
        program.signal(signal.SIGTERM)
        until(lambda: refuses_connections(program), "the server takes no new connection")
        raw.sendall(b"late")
        answer = b""
        while piece := raw.recv(65536):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 200 OK") and answer.endswith(b"late")
    assert b"Connection: close" in answer
    assert program.end() == 0


def refuses_connections(program):
    try:
        socket.create_connection(("127.0.0.1", program.port), timeout=PATIENCE).close()
    except ConnectionError:
        return True
    return False


def half_a_request(program):
    raw = socket.create_connection(("127.0.0.1", program.port), timeout=PATIENCE)
    raw.sendall(b"GET /api/health HTTP/1.1\r\n")
    return raw


def test_a_second_signal_ends_the_process_at_once(serve):
    program = serve(environment={**PATIENT, "INGOT_SERVER_GRACE_PERIOD": "1h"})
    with request_in_progress(program, "/api/fit"):
        program.signal(signal.SIGTERM)
        program.wait_for_error(r" stopping ")
        program.signal(signal.SIGTERM)
        assert program.end() == 128 + signal.SIGTERM


def test_the_grace_period_bounds_a_stop(serve, tmp_path):
    configuration = tmp_path / "c.json"
    configuration.write_text(json.dumps({"server": {"gracePeriod": "1s"}}))
    program = serve("--config", configuration, environment=PATIENT)
    with request_in_progress(program, "/api/fit"):
        program.signal(signal.SIGTERM)
        assert program.end() == 0


def test_hangup_rereads_what_can_change(serve, tmp_path):
    configuration = tmp_path / "c.json"
    configuration.write_text(json.dumps({"log": {"level": "info"}}))
    program = serve("--config", configuration)
    requests.get(program.url + "/api/health?first", timeout=PATIENCE)
    program.wait_for_error(r"query=first")
    configuration.write_text(json.dumps({"log": {"level": "notice"}, "server": {"limits": {"targetSize": "1KiB"}}}))
    program.signal(signal.SIGHUP)
    program.wait_for_error(r"notice .*reread")
    assert requests.get(program.url + "/api/health?" + "x" * 2000, timeout=PATIENCE).status_code == 414
    assert not any("/api/health" in line for line in program.errors[2:] if "xxx" in line)
    configuration.write_text("{")
    program.signal(signal.SIGHUP)
    program.wait_for_error(r"error .*not reread")
    assert requests.get(program.url + "/api/health", timeout=PATIENCE).status_code == 200


def test_json_logs_are_one_object_a_line(serve):
    program = serve("--log-format", "json")
    requests.get(program.url + "/api/health", headers={"X-Request-Id": "find-me"}, timeout=PATIENCE)
    record = json.loads(program.wait_for_error("find-me"))
    assert record["level"] == "info" and record["message"] == "request"
    assert record["method"] == "GET" and record["path"] == "/api/health" and record["status"] == 200
    assert record["request_id"] == "find-me"


def test_a_broken_pipe_does_not_kill(serve):
    program = serve()
    for _ in range(20):
        raw = socket.create_connection(("127.0.0.1", program.port), timeout=PATIENCE)
        raw.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50)
        raw.close()
    assert requests.get(program.url + "/api/health", timeout=PATIENCE).status_code == 200
    program.signal(signal.SIGPIPE)
    assert requests.get(program.url + "/api/health", timeout=PATIENCE).status_code == 200


def one_line(program, status):
    assert program.end() == status
    program.changed.acquire()
    program.changed.wait_for(lambda: program.errors, timeout=PATIENCE)
    program.changed.release()
    assert len(program.errors) == 1, program.errors
    return program.errors[0]


def test_a_taken_port_is_one_line_and_69(start, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        program = start("serve", "--port", port, "--data-dir", tmp_path, "--cluster", "none")
        assert str(port) in one_line(program, 69)


def test_two_servers_do_not_share_a_port(serve, start, tmp_path):
    first = serve()
    second = start("serve", "--port", first.port, "--data-dir", tmp_path, "--cluster", "none")
    assert str(first.port) in one_line(second, 69)


def test_a_wrong_configuration_is_told_by_key_and_78(start, tmp_path):
    configuration = tmp_path / "c.json"
    configuration.write_text('{"server": {"limits": {"headTimout": "10s"}}}')
    line = one_line(start("serve", "--config", configuration), 78)
    assert "server.limits.headTimout" in line and "headTimeout" in line


def test_an_unusable_data_directory_is_73(start, tmp_path):
    occupied = tmp_path / "file"
    occupied.write_text("")
    assert "data directory" in one_line(start("serve", "--port", "0", "--data-dir", occupied, "--cluster", "none"), 73)


def test_an_unknown_flag_is_64(start):
    assert start("serve", "--prot", "1").end() == 64


def test_the_port_comes_from_flag_then_environment_then_file(start, tmp_path):
    configuration = tmp_path / "c.json"
    configuration.write_text('{"port": 1}')
    flags = ["--config", configuration, "--data-dir", tmp_path, "--cluster", "none"]
    program = start("serve", *flags, environment={"PORT": "0"}).ready()
    assert program.port > 1


def test_running_out_of_descriptors_is_survived(serve):
    program = serve(descriptors=64)
    first = requests.Session()
    assert first.get(program.url + "/api/health", timeout=PATIENCE).status_code == 200
    sockets = [socket.create_connection(("127.0.0.1", program.port), timeout=PATIENCE) for _ in range(200)]
    assert first.get(program.url + "/api/health", timeout=PATIENCE).status_code == 200
    for raw in sockets:
        raw.close()

    def answers():
        try:
            return requests.get(program.url + "/api/health", timeout=PATIENCE).status_code == 200
        except requests.ConnectionError:
            return False

    until(answers, "the server has recovered")
    assert program.process.poll() is None


def test_slow_heads_do_not_keep_honest_clients_out(serve):
    program = serve(environment=PATIENT)
    slow = [half_a_request(program) for _ in range(500)]
    for position in b"Host: localhost":
        for raw in slow[:100]:
            raw.send(bytes([position]))
        assert requests.get(program.url + "/api/health", timeout=PATIENCE).status_code == 200
    for raw in slow[:100]:
        raw.sendall(b"\r\n\r\n")
        assert raw.recv(15) == b"HTTP/1.1 200 OK"
    for raw in slow:
        raw.close()
