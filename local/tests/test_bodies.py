"""Requests whose bodies never end, or contradict their own heads: an answer at once, and a closed connection."""

from __future__ import annotations

import asyncio
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest

import emulator as e
from vwt_local.bodies import Body, Limits

API = "/_aws/execute-api/unknown/v1/predictions"
SMALL = Limits(size=10, pause=0.01, whole=60)


def ask(emulator: e.Emulator, head: str, path: str = API) -> bytes:
    """Returns all that the emulator sends until it closes the connection, to a head whose body never comes."""
    address = urlsplit(emulator.url)
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=e._PATIENCE) as connection:
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: {address.netloc}\r\n{head}\r\n".encode())
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("Content-Length: 99999999999999999999\r\n", 413),
        ("Content-Length: 10485761\r\n", 413),
        ("Content-Length: -1\r\n", 400),
        ("Content-Length: +1\r\n", 400),
        ("Content-Length: 0x10\r\n", 400),
        ("Content-Length: ten\r\n", 400),
        ("Content-Length: 1e3\r\n", 400),
        ("Content-Length: 1\r\nContent-Length: 2\r\n", 400),
        ("Content-Length: 1, 2\r\n", 400),
        ("Transfer-Encoding: gzip\r\n", 501),
        ("Transfer-Encoding: chunked, chunked\r\n", 501),
        ("Transfer-Encoding: chunked\r\n\r\nffffffffffffffffffffff\r\n", 400),
        ("Transfer-Encoding: chunked\r\n\r\n-1\r\n", 400),
        ("Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
        ("Content Length: 1\r\n", 400),
        ("X-Long: " + "a" * 70_000 + "\r\n", 431),
        ("".join(f"X-{n}: 1\r\n" for n in range(10_000)), 431),
        ("Host: example.org\r\n", 400),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_head_that_cannot_be_is_refused_at_once(emulator: e.Emulator, head: str, status: int) -> None:
    assert ask(emulator, head).split(b" ")[1] == str(status).encode()


def received(*pieces: bytes | None, headers: dict[str, str] | None = None, path: str = API) -> tuple[list[Any], Body]:
    """Returns what is passed on of a body that comes in these pieces; None: nothing more comes."""

    async def take() -> tuple[list[Any], Body]:
        coming = iter(pieces)

        async def receive() -> Any:
            piece = next(coming)
            if piece is None:
                await asyncio.Event().wait()
            return {"type": "http.request", "body": piece, "more_body": piece != b""}

        scope = {"path": path, "headers": [(k.encode(), v.encode()) for k, v in (headers or {}).items()]}
        body = Body(scope, receive, services=SMALL, api=SMALL)
        messages = []
        while not messages or messages[-1].get("more_body"):
            messages.append(await body.receive())
        return messages, body

    return asyncio.run(take())


def test_a_body_within_the_limits_is_passed_on() -> None:
    messages, body = received(b"12345", b"67890", b"")
    assert b"".join(message["body"] for message in messages) == b"1234567890"
    assert body.refusal is None


@pytest.mark.parametrize("headers", [None, {"content-length": "11"}])
def test_a_body_that_grows_too_large_is_not_waited_for(headers: dict[str, str] | None) -> None:
    messages, body = received(b"12345678901", None, headers=headers)
    assert messages[-1] == {"type": "http.disconnect"}
    assert body.refusal
    assert (body.refusal.status, b"larger than 10 bytes" in body.refusal.body) == (413, True)


def test_a_body_that_stops_coming_is_not_waited_for() -> None:
    messages, body = received(b"1", None)
    assert messages[-1] == {"type": "http.disconnect"}
    assert body.refusal
    assert body.refusal.status == 408
