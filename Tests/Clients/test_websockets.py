"""The websockets library, and frames that it would not send."""

import asyncio
import base64
import os
import socket
import struct

import pytest
import websockets
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from waiting import PATIENCE, SOCKET_PATIENCE


def run(main):
    return asyncio.run(main)


def address(fixture):
    return fixture.url.replace("http", "ws") + "/ws"


def test_text_and_bytes_come_back(fixture):
    async def main():
        async with connect(address(fixture), **SOCKET_PATIENCE) as ws:
            for message in ["", "grüße 😀", b"", bytes(range(256)), "x" * 125, "x" * 126, "x" * 65536]:
                await ws.send(message)
                assert await ws.recv() == message

    run(main())


def test_a_message_of_a_megabyte_and_one_in_fragments(fixture):
    async def main():
        async with connect(address(fixture), max_size=None, **SOCKET_PATIENCE) as ws:
            large = os.urandom(1 << 20)
            await ws.send(large)
            assert await ws.recv() == large
            await ws.send(["frag", "men", "ted"])
            assert await ws.recv() == "fragmented"

    run(main())


def test_pings_are_answered(fixture):
    async def main():
        async with connect(address(fixture), **SOCKET_PATIENCE) as ws:
            for payload in [b"", b"x" * 125]:
                waiter = await ws.ping(payload)
                await asyncio.wait_for(waiter, PATIENCE)

    run(main())


def test_a_subprotocol_is_chosen_by_the_servers_order(fixture):
    async def main():
        async with connect(address(fixture), subprotocols=["other", "echo.v1", "echo.v2"], **SOCKET_PATIENCE) as ws:
            return ws.subprotocol

    assert run(main()) == "echo.v2"


def test_closing_is_agreed_on(fixture):
    async def main():
        async with connect(address(fixture), **SOCKET_PATIENCE) as ws:
            await ws.send("close")
            with pytest.raises(ConnectionClosed) as closed:
                await ws.recv()
            assert closed.value.rcvd.code == 1000 and closed.value.rcvd.reason == "as you wish"
        async with connect(address(fixture), **SOCKET_PATIENCE) as ws:
            await ws.close(code=4321, reason="mine")
            assert ws.close_code == 4321

    run(main())


def test_a_message_over_the_limit_is_refused_with_1009(fixture):
    async def main():
        async with connect(address(fixture), max_size=None, **SOCKET_PATIENCE) as ws:
            with pytest.raises(ConnectionClosed) as closed:
                await ws.send(b"x" * (3 << 20))
                await ws.recv()
            assert closed.value.rcvd.code == 1009

    run(main())


def test_a_hundred_sockets_at_once(fixture):
    async def main():
        async def one(number):
            async with connect(address(fixture), **SOCKET_PATIENCE) as ws:
                await ws.send(str(number))
                return await ws.recv()

        return await asyncio.gather(*(one(n) for n in range(100)))

    assert run(main()) == [str(n) for n in range(100)]


def upgraded(fixture):
    """A socket that has just become a WebSocket."""
    raw = socket.create_connection(("127.0.0.1", fixture.port), timeout=PATIENCE)
    key = base64.b64encode(os.urandom(16)).decode()
    raw.sendall(
        f"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
    )
    head = b""
    while b"\r\n\r\n" not in head:
        head += raw.recv(1)
    assert head.startswith(b"HTTP/1.1 101 ")
    return raw


def masked(first, payload):
    return bytes([first, 0x80 | len(payload)]) + b"\0\0\0\0" + payload


def read_to_end(raw):
    received = b""
    while piece := raw.recv(65536):
        received += piece
    return received


@pytest.mark.parametrize(
    "frame, code",
    [
        (masked(0x81, b"\xff\xfe"), 1007),
        (bytes([0x81, 0x01]) + b"x", 1002),
        (masked(0xC1, b"x"), 1002),
        (masked(0x83, b"x"), 1002),
        (masked(0x80, b"x"), 1002),
        (masked(0x09, b"x"), 1002),
        (masked(0x88, b"\x03"), 1002),
        (masked(0x88, struct.pack("!H", 1005)), 1002),
    ],
    ids=["not UTF-8", "unmasked", "reserved bit", "unknown opcode", "stray continuation", "fragmented ping",
         "half a close code", "a close code that may not be sent"],
)
def test_a_broken_frame_gets_its_close_code(fixture, frame, code):
    with upgraded(fixture) as raw:
        raw.sendall(frame + masked(0x81, b"never answered"))
        answer = read_to_end(raw)
    assert answer[0] == 0x88
    assert struct.unpack("!H", answer[2:4])[0] == code
    assert b"never answered" not in answer


def test_a_plain_request_for_a_websocket_is_told_to_upgrade(fixture):
    async def main():
        with pytest.raises(websockets.exceptions.InvalidStatus) as refused:
            async with connect(address(fixture), additional_headers={"Origin": "http://evil.example"}, **SOCKET_PATIENCE):
                pass
        assert refused.value.response.status_code == 403

    run(main())
    import requests

    answer = requests.get(fixture.url + "/ws", timeout=PATIENCE)
    assert answer.status_code == 426 and answer.headers["Upgrade"] == "websocket"
