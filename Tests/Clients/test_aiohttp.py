"""aiohttp: many requests at once, streams and WebSockets."""

import asyncio

import aiohttp
import requests

from waiting import PATIENCE


def test_five_hundred_requests_at_once(fixture):
    async def main():
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=200)) as session:

            async def one(number):
                path = "/text" if number % 2 else "/slow?ms=5"
                async with session.get(fixture.url + path) as answer:
                    assert answer.status == 200
                    return await answer.text()

            return await asyncio.gather(*(one(n) for n in range(500)))

    texts = asyncio.run(main())
    assert texts.count("hello") == 250 and texts.count("late") == 250


def test_a_stream_and_an_upload(fixture):
    async def main():
        async with aiohttp.ClientSession() as session:
            async with session.get(fixture.url + "/stream?chunks=100&size=5000") as answer:
                size = 0
                async for piece in answer.content.iter_any():
                    size += len(piece)
            assert size == 500_000

            async def pieces():
                for _ in range(100):
                    yield b"piece"

            async with session.put(fixture.url + "/echo", data=pieces()) as answer:
                assert await answer.read() == b"piece" * 100

    asyncio.run(main())


def test_server_sent_events(fixture):
    async def main():
        async with aiohttp.ClientSession() as session:
            async with session.get(fixture.url + "/events") as answer:
                assert answer.content_type == "text/event-stream"
                return await answer.text()

    text = asyncio.run(main())
    assert text.split("\n\n")[0] == "id: 1\nevent: tick\ndata: event\ndata: number 1"
    assert text.count("id: ") == 3


def test_a_websocket_echoes(fixture):
    async def main():
        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(fixture.url + "/ws") as socket:
                await socket.send_str("hello")
                assert await socket.receive_str() == "hello"
                await socket.send_bytes(b"\x00\x01")
                assert await socket.receive_bytes() == b"\x00\x01"
                await socket.send_str("close")
                message = await socket.receive()
                assert message.type == aiohttp.WSMsgType.CLOSE and message.data == 1000

    asyncio.run(main())


def test_a_client_that_leaves_in_the_middle_does_no_harm(fixture):
    async def main():
        async with aiohttp.ClientSession() as session:
            for _ in range(50):
                answer = await session.get(fixture.url + "/stream?chunks=100000&size=10000")
                await answer.content.readexactly(10)
                answer.close()

    asyncio.run(main())
    assert requests.get(fixture.url + "/text", timeout=PATIENCE).text == "hello"
