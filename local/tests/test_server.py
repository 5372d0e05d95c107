from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from hypercorn.asyncio import serve
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.config import Config

import emulator as e
from vwt_local import connections

# One that needs no signature.
TARGET = "AWSCognitoIdentityProviderService.InitiateAuth"
REQUEST = f"POST / HTTP/1.1\r\nHost: {{}}\r\nX-Amz-Target: {TARGET}\r\nContent-Length: 2\r\n\r\n"


def test_head_and_body_of_an_answer_arrive_together(emulator: e.Emulator) -> None:
    """Terraform's provider loses a body that comes after the head: see `vwt_local/one_write.py`."""
    host, port = emulator.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=300) as connection:
        for _ in range(50):
            connection.sendall(REQUEST.format(host).encode())
            connection.sendall(b"{}")
            head, _, body = connection.recv(65536).decode().lower().partition("\r\n\r\n")
            (length,) = (line.split(": ")[1] for line in head.split("\r\n") if line.startswith("content-length"))
            assert len(body) == int(length) > 0


async def _answers(scope: Any, _receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})


async def _left_after(requests: int) -> int:
    """Counts the connections that a server still holds once as many clients have asked and gone."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.keep_alive_timeout = 300
    config.errorlog = None
    ended = asyncio.Event()
    before = asyncio.all_tasks()
    server = asyncio.create_task(serve(_answers, config, shutdown_trigger=ended.wait))  # type: ignore[arg-type]
    for _ in range(requests):
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                break
            except ConnectionRefusedError:
                await asyncio.sleep(0.01)
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.close()
        await writer.wait_closed()
    left = -1
    for _ in range(3000):
        left = sum("_idle_timeout" in repr(task) for task in asyncio.all_tasks() - before)
        if left == 0:
            break
        await asyncio.sleep(0.01)
    ended.set()
    server.cancel()
    await asyncio.gather(server, return_exceptions=True)
    return left


def test_a_connection_that_its_client_closed_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TCPServer, "_read_data", connections.forgetting(TCPServer._read_data))
    assert asyncio.run(_left_after(5)) == 0
